package dev.latchkey.agent.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * An Azure Key Vault, or a managed HSM, as the configuration has it.
 *
 * @param url of the vault
 * @param cloud absent: the one that the vault's name says
 * @param authority where tokens come from; absent: the cloud's
 * @param resource what tokens are for; absent: the domain that the vault's name lies in
 */
public record AzureConfig(
        String url, Optional<Cloud> cloud, Optional<String> authority, Optional<String> resource, Auth auth) {
    /** Who gives tokens, by the names that a vault may call it; the first is asked. */
    public enum Cloud {
        PUBLIC,
        USGOVERNMENT,
        CHINA;

        public List<String> authorities() {
            return switch (this) {
                case PUBLIC ->
                    List.of("login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net");
                case USGOVERNMENT -> List.of("login.microsoftonline.us", "login.usgovcloudapi.net");
                case CHINA -> List.of("login.chinacloudapi.cn", "login.partner.microsoftonline.cn");
            };
        }

        static Cloud of(String host) {
            if (host.endsWith(".usgovcloudapi.net")) {
                return USGOVERNMENT;
            }
            return host.endsWith(".azure.cn") ? CHINA : PUBLIC;
        }
    }

    /** How the agent gets tokens. SECURITY: some of it are credentials. */
    public sealed interface Auth {
        /** What the environment offers: client credentials, else a workload identity, else a managed identity. */
        record Default() implements Auth {}

        /** An application with a secret. */
        record ClientSecret(String tenant, String clientId, String secret) implements Auth {
            @Override
            public String toString() {
                return "client-credentials";
            }
        }

        /**
         * An application with a certificate.
         *
         * @param key PKCS #8 in PEM; may be the file of the certificate
         */
        record ClientCertificate(String tenant, String clientId, Path certificate, Path key) implements Auth {}

        /**
         * The identity of the machine, the app or the container.
         *
         * @param clientId of one that a user assigned; absent: the only one, or the system's
         */
        record ManagedIdentity(Optional<String> clientId) implements Auth {}

        /** A token of another issuer, as Kubernetes gives one. What is absent is taken from the environment. */
        record WorkloadIdentity(Optional<String> tenant, Optional<String> clientId, Optional<Path> token)
                implements Auth {}
    }

    /** The one that is configured, or the one of the vault's name. */
    public Cloud effectiveCloud() {
        return cloud.orElseGet(() -> Cloud.of(host()));
    }

    /** What tokens are asked for, without a slash at its end: nothing that a vault says can make it another. */
    public String effectiveResource() {
        return resource.map(AzureConfig::withoutSlash).orElseGet(() -> {
            String host = host();
            return "https://" + host.substring(host.indexOf('.') + 1);
        });
    }

    private String host() {
        return URI.create(url).getHost().toLowerCase(Locale.ROOT);
    }

    static String withoutSlash(String text) {
        return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    }
}
