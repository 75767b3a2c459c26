package dev.latchkey.agent.admin.http;

import dev.latchkey.agent.admin.view.Order;
import dev.latchkey.agent.workload.LaunchedCommand;
import dev.latchkey.agent.workload.Sha256;
import dev.latchkey.agent.workload.Supposed;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** The caller that an order asks about. */
final class Suppositions {
    private Suppositions() {}

    static Supposed of(Order.Explain order) {
        return new Supposed(
                new Supposed.Credentials(order.uid(), order.gid(), order.groups()),
                order.arrival().map(Suppositions::arrival).orElse(Supposed.Arrival.USUAL),
                order.process().map(Suppositions::process).orElse(Supposed.Facts.PLAIN));
    }

    private static Supposed.Arrival arrival(Order.Explain.Arrival arrival) {
        return new Supposed.Arrival(
                arrival.listener(),
                arrival.pid(),
                arrival.strictPin(),
                arrival.tokenFile().map(Suppositions::path));
    }

    private static Supposed.Facts process(Order.Explain.Facts process) {
        Supposed.Whereabouts place =
                new Supposed.Whereabouts(process.cgroup(), process.unit(), process.container(), process.pod());
        return new Supposed.Facts(
                place.group(),
                process.exe().map(Suppositions::path),
                process.exeSha256().map(Suppositions::sha256),
                process.command().map(Suppositions::command));
    }

    private static LaunchedCommand command(Order.Explain.Command command) {
        return new LaunchedCommand(
                command.path(), command.sha256().map(Suppositions::sha256), LaunchedCommand.hashOf(command.args()));
    }

    private static Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw Call.bad("not a path");
        }
    }

    private static Sha256 sha256(String hex) {
        try {
            return new Sha256(hex);
        } catch (IllegalStateException e) {
            throw Call.bad("not a SHA-256 of 64 lower-case digits");
        }
    }
}
