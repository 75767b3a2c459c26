package dev.latchkey.agent.cli;

import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where names live for a command. */
final class Place {
    @Option(names = "--project", paramLabel = "P", description = "the project; default: the configuration's")
    Optional<String> project = Optional.empty();

    @Option(names = "--environment", paramLabel = "E", description = "the environment; default: the configuration's")
    Optional<String> environment = Optional.empty();

    @Mixin
    Connection connection = new Connection();

    Target in(Target target) {
        return target.with("project", project).with("environment", environment);
    }
}
