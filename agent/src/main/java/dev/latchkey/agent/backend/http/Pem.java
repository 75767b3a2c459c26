package dev.latchkey.agent.backend.http;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.IoReason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Files of certificates and keys in PEM, either of which may hold the other too. */
public final class Pem {
    private static final Pattern CERTIFICATE = block("CERTIFICATE");
    private static final Pattern KEY = block("PRIVATE KEY");

    private Pem() {}

    private static Pattern block(String name) {
        return Pattern.compile("-----BEGIN " + name + "-----([A-Za-z0-9+/=\\s]+)-----END " + name + "-----");
    }

    /**
     * @return in their order, at least one
     * @throws AgentException {@code PROVIDER_UNAVAILABLE}
     */
    public static List<Certificate> certificates(Path file) throws GeneralSecurityException {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        List<Certificate> all = new ArrayList<>();
        Matcher pem = CERTIFICATE.matcher(text(file));
        while (pem.find()) {
            all.add(factory.generateCertificate(new ByteArrayInputStream(decoded(pem))));
        }
        if (all.isEmpty()) {
            throw unusable(file + " has no certificate", null);
        }
        return all;
    }

    /**
     * A key as PKCS #8.
     *
     * @throws AgentException {@code PROVIDER_UNAVAILABLE}
     */
    public static PrivateKey key(Path file, String algorithm) throws GeneralSecurityException {
        Matcher pem = KEY.matcher(text(file));
        if (!pem.find()) {
            throw unusable(file + " has no private key in PEM (PKCS #8)", null);
        }
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(decoded(pem)));
    }

    private static byte[] decoded(Matcher pem) {
        return Base64.getMimeDecoder().decode(pem.group(1));
    }

    private static String text(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw unusable(file + " cannot be read: " + IoReason.of(e), e);
        }
    }

    private static AgentException unusable(String message, @Nullable Exception e) {
        return new AgentException(Failure.of(FailureKind.PROVIDER_UNAVAILABLE, message), e);
    }
}
