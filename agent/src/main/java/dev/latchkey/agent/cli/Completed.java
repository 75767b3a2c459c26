package dev.latchkey.agent.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * A command as completions see it: what may follow it, in the definitions that also parse it. The three shells differ only in how this is written.
 *
 * @param path its name with those of the commands above it, as in {@code agent secret put}
 */
record Completed(String path, CommandSpec spec) {
    /** What completes an argument. */
    sealed interface Value {
        /** The names of files. */
        record Files() implements Value {}

        /** One of some words. */
        record Words(List<String> all) implements Value {
            public Words {
                all = List.copyOf(all);
            }
        }

        /** Nothing that could be known. */
        record Unknown() implements Value {}
    }

    /** The command and all below it, a command before its own. */
    static List<Completed> all(CommandSpec agent) {
        List<Completed> all = new ArrayList<>();
        new Completed("agent", agent).addTo(all);
        return all;
    }

    private void addTo(List<Completed> all) {
        all.add(this);
        subcommands().forEach(below -> below.addTo(all));
    }

    List<Completed> subcommands() {
        return Documents.subcommands(spec).entrySet().stream()
                .map(entry -> new Completed(path + ' ' + entry.getKey(), entry.getValue()))
                .toList();
    }

    /** The last word of the path. */
    String name() {
        return path.substring(path.lastIndexOf(' ') + 1);
    }

    /** The first line of its description. */
    String description() {
        String[] lines = spec.usageMessage().description();
        return lines.length == 0 ? "" : lines[0];
    }

    List<OptionSpec> options() {
        return spec.options().stream().filter(option -> !option.hidden()).toList();
    }

    /** Those that need a value. */
    Stream<OptionSpec> optionsWithValue() {
        return options().stream().filter(Completed::takesValue);
    }

    /** Whether a command of the user's follows a {@code --}. */
    boolean runsCommand() {
        return path.equals("agent run");
    }

    boolean takesFile() {
        return spec.positionalParameters().stream().anyMatch(parameter -> value(parameter) instanceof Value.Files);
    }

    static boolean takesValue(OptionSpec option) {
        return option.arity().max() > 0;
    }

    static Value value(ArgSpec argument) {
        Iterable<String> candidates = argument.completionCandidates();
        if (candidates != null) {
            return new Value.Words(
                    StreamSupport.stream(candidates.spliterator(), false).toList());
        }
        boolean file = argument.auxiliaryTypes()[0] == Path.class
                || argument.paramLabel().contains("FILE");
        return file ? new Value.Files() : new Value.Unknown();
    }

    static String description(ArgSpec argument) {
        return argument.description().length == 0 ? "" : argument.description()[0];
    }

    List<PositionalParamSpec> parameters() {
        return spec.positionalParameters();
    }
}
