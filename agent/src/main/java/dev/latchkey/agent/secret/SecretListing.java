package dev.latchkey.agent.secret;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a provider, remote or not, also is if it can tell which secrets it has: so that operators can import from it. It tells them page by page and folder by
 * folder; whoever asks bounds how far that goes.
 *
 * <p>SECURITY: it knows nothing of policy. Only operators of the highest role are told.
 */
public interface SecretListing {
    /**
     * One page of a folder of secrets, or of all that are below it, as the backend has it.
     *
     * @param prefix empty, or a path that ends with {@code /}
     * @param from where the page before it said that it goes on; absent: the first page
     * @param within when the answer is of no more use; a provider without a connection may take its time
     * @throws dev.latchkey.agent.failure.UnavailableException where asking again may help
     * @throws AgentException {@code PROVIDER_DENIED}, {@code PROVIDER_MALFORMED}, or {@code BAD_ARGUMENT} if it cannot list as it is configured or asked
     */
    Page list(String prefix, Optional<String> from, Duration within);

    /** Whether its paths may begin with a slash, and so prefixes too. */
    default boolean mayBeRooted() {
        return false;
    }

    /**
     * A secret that is there.
     *
     * @param path as a reference has it once it is decoded, beginning with the prefix
     * @param leftOut why it is not to be had, as {@code disabled in azure}; absent: it is
     */
    record Listed(String path, Optional<String> leftOut) {
        public static Listed of(String path) {
            return new Listed(path, Optional.empty());
        }
    }

    /**
     * Some of it.
     *
     * @param folders paths that end with {@code /} and have more below them, for which this is asked again
     * @param next where it goes on, in the backend's words, for the same prefix; absent: that was all
     */
    record Page(List<Listed> secrets, List<String> folders, Optional<String> next) {
        public Page {
            secrets = List.copyOf(secrets);
            folders = List.copyOf(folders);
        }

        /** All of it; paths that end with {@code /} are folders. */
        public static Page whole(List<String> paths) {
            return new Page(
                    paths.stream()
                            .filter(path -> !path.endsWith("/"))
                            .map(Listed::of)
                            .toList(),
                    paths.stream().filter(path -> path.endsWith("/")).toList(),
                    Optional.empty());
        }
    }

    /** What is said of a provider that is none. */
    static AgentException missing(String provider) {
        return new AgentException(
                FailureKind.BAD_ARGUMENT,
                provider + " cannot tell which secrets it has",
                "write their names and values to standard output with the backend's own tool, and pipe that to 'agent secret"
                        + " import --format json -'");
    }

    /** What is said of a prefix where names have no slashes. */
    static void requireNoPrefix(String provider, String prefix) {
        if (!prefix.isEmpty()) {
            throw new AgentException(
                    FailureKind.BAD_ARGUMENT,
                    "names in " + provider + " have no '/', so nothing is below a prefix",
                    "write " + provider + ": for all of them");
        }
    }
}
