package dev.latchkey.agent.backend.azure;

import dev.latchkey.agent.backend.http.Pem;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.UUID;

/**
 * By a certificate of the application: a JWT (RFC 7519) under its key, which names it by its SHA-256.
 *
 * @param key may be the file of the certificate
 */
record CertificateAssertion(String clientId, Path certificate, Path key, Clock clock) implements Assertion {
    private static final Duration HOLDS = Duration.ofMinutes(10);
    private static final int SALT_BYTES = 32;

    @Override
    public void addTo(Form form, String audience) {
        Assertion.addToken(form, signed(audience));
    }

    private String signed(String audience) {
        try {
            Certificate own = Pem.certificates(certificate).getFirst();
            if (!own.getPublicKey().getAlgorithm().equals("RSA")) {
                throw new AgentException(
                        FailureKind.PROVIDER_DENIED, certificate + " has no RSA key, and no other can log in");
            }
            PrivateKey secret = Pem.key(key, "RSA");
            String text = part(header(own)) + "." + part(claims(audience));
            return text + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature(secret, text));
        } catch (GeneralSecurityException e) {
            throw new AgentException(
                    Failure.of(FailureKind.PROVIDER_DENIED, certificate + " or its key cannot be used"), e);
        }
    }

    private static String header(Certificate own) throws GeneralSecurityException {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(own.getEncoded());
        return "{\"alg\":\"PS256\",\"typ\":\"JWT\",\"x5t#S256\":\""
                + Base64.getUrlEncoder().withoutPadding().encodeToString(digest) + "\"}";
    }

    private String claims(String audience) {
        long now = clock.instant().getEpochSecond();
        return "{\"aud\":\"" + audience + "\",\"iss\":\"" + clientId + "\",\"sub\":\"" + clientId + "\",\"jti\":\""
                + UUID.randomUUID() + "\",\"nbf\":" + now + ",\"exp\":" + (now + HOLDS.toSeconds()) + "}";
    }

    private static byte[] signature(PrivateKey key, String text) throws GeneralSecurityException {
        Signature signature = Signature.getInstance("RSASSA-PSS");
        signature.setParameter(new PSSParameterSpec(
                "SHA-256", "MGF1", MGF1ParameterSpec.SHA256, SALT_BYTES, PSSParameterSpec.TRAILER_FIELD_BC));
        signature.initSign(key);
        signature.update(text.getBytes(StandardCharsets.US_ASCII));
        return signature.sign();
    }

    private static String part(String json) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }
}
