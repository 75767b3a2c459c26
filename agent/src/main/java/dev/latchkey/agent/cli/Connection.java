package dev.latchkey.agent.cli;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which agent a command speaks to. */
final class Connection {
    @Option(
            names = "--admin-socket",
            paramLabel = "PATH",
            description =
                    "the agent's admin socket; default: LATCHKEY_ADMIN_SOCKET, then $LATCHKEY_STATE/admin.sock, then the usual places")
    Optional<Path> socket = Optional.empty();
}
