package dev.latchkey.agent.cli;

import picocli.CommandLine.Option;

/** How a command prints what it found. */
final class Format {
    /** The forms. */
    enum Form {
        table,
        json,
        csv
    }

    @Option(
            names = "--format",
            paramLabel = "table|json",
            completionCandidates = Choices.Prints.class,
            description = "how to print; default: table")
    Form form = Form.table;

    /** Whether JSON is asked for; refuses what the command cannot print. */
    boolean json() {
        if (form == Form.csv) {
            throw CommandFailure.usage("this command does not print CSV", "--format is table or json");
        }
        return form == Form.json;
    }
}
