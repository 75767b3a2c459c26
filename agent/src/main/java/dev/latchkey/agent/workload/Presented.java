package dev.latchkey.agent.workload;

import java.util.Optional;

/**
 * What a caller says of itself in a request.
 *
 * @param token worth what it is
 * @param command worth something only with a launcher's proof
 */
public record Presented(Optional<BearerToken> token, Optional<LaunchedCommand> command) {
    public static final Presented NOTHING = new Presented(Optional.empty(), Optional.empty());
}
