package dev.latchkey.agent.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A Vault or OpenBao, as the configuration has it.
 *
 * @param addresses of its nodes, the one to ask first in front; each {@code https}, {@code http} or {@code unix}, without user, query and fragment. All with
 *     TLS or all without
 * @param namespace absent: the root one
 */
public record VaultConfig(List<String> addresses, Optional<String> namespace, Auth auth) {
    public VaultConfig {
        addresses = List.copyOf(addresses);
        if (addresses.isEmpty()) {
            throw new IllegalStateException("a backend without an address");
        }
    }

    /** One node, or whatever stands before several. */
    public VaultConfig(String address, Optional<String> namespace, Auth auth) {
        this(List.of(address), namespace, auth);
    }

    /** How the agent logs in. SECURITY: some of it are credentials. */
    public sealed interface Auth {
        /** A token that somebody else made. */
        record Token(String token) implements Auth {
            @Override
            public String toString() {
                return "token";
            }
        }

        /**
         * The same in a file, which whoever makes it may replace at any time.
         *
         * @param token read whenever the backend is asked
         */
        record TokenFile(Path token) implements Auth {}

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
