package dev.latchkey.agent.cli;

import dev.latchkey.agent.admin.view.Order;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What the process of a caller that is only imagined would be found to be. */
final class SupposedProcess {
    @Option(names = "--cgroup", paramLabel = "PATH", description = "its control group")
    Optional<String> cgroup = Optional.empty();

    @Option(names = "--unit", paramLabel = "NAME", description = "the unit it runs in")
    Optional<String> unit = Optional.empty();

    @Option(names = "--container", paramLabel = "ID", description = "its container")
    Optional<String> container = Optional.empty();

    @Option(names = "--pod", paramLabel = "UID", description = "its pod")
    Optional<String> pod = Optional.empty();

    @Option(names = "--exe", paramLabel = "PATH", description = "the program that it runs")
    Optional<String> exe = Optional.empty();

    @Option(names = "--exe-sha256", paramLabel = "HASH", description = "the hash of that program")
    Optional<String> exeSha256 = Optional.empty();

    @Option(
            names = "--command",
            paramLabel = "PATH",
            description = "the command that it becomes, as a launcher that proves to be one")
    Optional<String> command = Optional.empty();

    @Option(names = "--command-sha256", paramLabel = "HASH", description = "the hash of that command")
    Optional<String> commandSha256 = Optional.empty();

    @Option(names = "--arg", paramLabel = "ARG", description = "an argument of that command (repeatable)")
    List<String> args = List.of();

    Order.Explain.Facts order() {
        if (command.isEmpty() && (commandSha256.isPresent() || !args.isEmpty())) {
            throw CommandFailure.usage("--command-sha256 and --arg are of a --command", "name the command too");
        }
        Optional<Order.Explain.Command> becomes =
                command.map(path -> new Order.Explain.Command(path, commandSha256, args));
        return new Order.Explain.Facts(cgroup, unit, container, pod, exe, exeSha256, becomes);
    }
}
