package dev.latchkey.agent.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/** A command whose name is kept for what is to come. */
@Command(hidden = true)
final class NotYet implements Callable<Integer> {
    @Unmatched
    List<String> ignored = new ArrayList<>();

    private final String name;

    NotYet(String name) {
        this.name = name;
    }

    @Override
    public Integer call() {
        throw CommandFailure.usage("'" + name + "' is not available yet", "'agent --help' lists what is");
    }
}
