package dev.latchkey.agent.backend.http;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Whom a connection trusts and as whom it comes. The files are read when the first connection is made, and again for each other one, so that a
 * renewed certificate counts at once. SECURITY: there is no way to trust everybody.
 *
 * @param authorities a file of certificates in PEM; absent: those of the runtime
 */
public record Tls(Optional<Path> authorities, Optional<Identity> identity) {
    /** The runtime's authorities, and no certificate of ours. */
    public static final Tls USUAL = new Tls(Optional.empty(), Optional.empty());

    /** A certificate with its chain and its key (PKCS #8), each in PEM. */
    public record Identity(Path certificate, Path key) {}

    /** TLS over a connection, for exactly that host. */
    SSLSocket over(Socket socket, String host, int port) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys(), trusted(), null);
            SSLSocket secured = (SSLSocket) context.getSocketFactory().createSocket(socket, host, port, true);
            SSLParameters parameters = secured.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
            secured.setSSLParameters(parameters);
            return secured;
        } catch (GeneralSecurityException e) {
            throw unusable("the certificates cannot be used", e);
        }
    }

    private TrustManager @Nullable [] trusted() throws GeneralSecurityException {
        if (authorities.isEmpty()) {
            return null;
        }
        KeyStore store = empty();
        int index = 0;
        for (Certificate authority : Pem.certificates(authorities.get())) {
            store.setCertificateEntry("authority-" + index++, authority);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private KeyManager @Nullable [] keys() throws GeneralSecurityException {
        if (identity.isEmpty()) {
            return null;
        }
        Identity own = identity.get();
        List<Certificate> chain = new ArrayList<>(Pem.certificates(own.certificate()));
        KeyStore store = empty();
        PrivateKey key = Pem.key(own.key(), chain.getFirst().getPublicKey().getAlgorithm());
        store.setKeyEntry("identity", key, new char[0], chain.toArray(Certificate[]::new));
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, new char[0]);
        return factory.getKeyManagers();
    }

    private static KeyStore empty() throws GeneralSecurityException {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            return store;
        } catch (IOException e) {
            throw new IllegalStateException("an empty key store needs no input", e);
        }
    }

    private static AgentException unusable(String message, @Nullable Exception e) {
        return new AgentException(Failure.of(FailureKind.PROVIDER_UNAVAILABLE, message), e);
    }
}
