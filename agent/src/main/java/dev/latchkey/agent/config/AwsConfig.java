package dev.latchkey.agent.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How AWS is reached, as the configuration has it.
 *
 * @param regions in the order in which they are asked; at least one
 * @param endpoints addresses that take the place of a region's own
 * @param stsEndpoint the same for the service that gives credentials, in any region
 * @param role a role that is assumed with what {@code auth} gives
 */
public record AwsConfig(
        List<String> regions,
        Map<String, String> endpoints,
        Optional<String> stsEndpoint,
        Auth auth,
        Optional<Role> role) {
    public AwsConfig {
        regions = List.copyOf(regions);
        endpoints = Map.copyOf(endpoints);
    }

    /** Where the agent's credentials come from. SECURITY: some of it are credentials. */
    public sealed interface Auth {
        /** Variables, a web identity, a profile, the container, the instance: the first that has some. */
        record Chain() implements Auth {}

        /** Keys of a user, or a session of it. */
        record Static(String accessKeyId, String secretAccessKey, Optional<String> sessionToken) implements Auth {
            @Override
            public String toString() {
                return "static";
            }
        }

        /**
         * A profile of the shared files.
         *
         * @param file absent: the usual ones
         */
        record Profile(String profile, Optional<Path> file) implements Auth {}

        /**
         * A role for a token of another issuer.
         *
         * @param token a file, read at each login
         */
        record WebIdentity(String roleArn, Path token, String sessionName) implements Auth {}
    }

    /** A role that is assumed. */
    public record Role(String arn, String sessionName, Optional<String> externalId) {
        @Override
        public String toString() {
            return arn;
        }
    }

    /** What a secret is. */
    public enum Layout {
        /** What the backend has. */
        PLAIN,
        /** {@code {"type", "details"}}. */
        BRUIN
    }
}
