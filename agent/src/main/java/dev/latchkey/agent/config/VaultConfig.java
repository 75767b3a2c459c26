package dev.latchkey.agent.config;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A Vault or OpenBao, as the configuration has it.
 *
 * @param address {@code https}, {@code http} or {@code unix}, without user, query and fragment
 * @param namespace absent: the root one
 */
public record VaultConfig(String address, Optional<String> namespace, Auth auth) {
    /** How the agent logs in. SECURITY: some of it are credentials. */
    public sealed interface Auth {
        /** A token that somebody else made. */
        record Token(String token) implements Auth {
            @Override
            public String toString() {
                return "token";
            }
        }

        /** A role with its secret. */
        record AppRole(String mount, String roleId, String secretId) implements Auth {
            @Override
            public String toString() {
                return "approle";
            }
        }

        /**
         * A token of another issuer; Kubernetes' service accounts too.
         *
         * @param jwt a file, read at each login
         */
        record Jwt(String mount, String role, Path jwt) implements Auth {}

        /**
         * A client certificate.
         *
         * @param role absent: whichever fits
         */
        record Cert(String mount, Optional<String> role, Path certificate, Path key) implements Auth {}

        /** A user with a password. */
        record Userpass(String mount, String username, String password) implements Auth {
            @Override
            public String toString() {
                return "userpass";
            }
        }
    }

    /** What secrets are in. */
    public enum Engine {
        KV_V2,
        KV_V1,
        /** Anything else whose answer has {@code data}: credentials that are made when they are asked for. */
        DYNAMIC
    }

    /** What a secret is. */
    public enum Layout {
        /** The object that the backend has. */
        PLAIN,
        /** {@code {"type", "details"}}. */
        BRUIN
    }
}
