package dev.latchkey.agent.cli;

import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Completion for fish, which picocli does not write. */
final class FishCompletion {
    private final StringBuilder text = new StringBuilder("# fish completion for agent\ncomplete -c agent -f\n");

    private FishCompletion() {}

    static String of(CommandSpec agent) {
        FishCompletion fish = new FishCompletion();
        fish.command(agent, List.of());
        return fish.text.toString();
    }

    private void command(CommandSpec spec, List<String> path) {
        Map<String, CommandSpec> subcommands = Documents.subcommands(spec);
        String condition = condition(path, subcommands.keySet());
        subcommands.forEach(
                (name, sub) -> line(condition, "-a " + name, sub.usageMessage().description()));
        spec.options().stream().filter(option -> !option.hidden()).forEach(option -> option(condition, option));
        if (new Completed(spec.name(), spec).takesFile()) {
            line(condition, "-F", new String[0]);
        }
        subcommands.forEach((name, sub) -> {
            List<String> longer = new java.util.ArrayList<>(path);
            longer.add(name);
            command(sub, longer);
        });
    }

    /** All words of the path were typed, and none of the commands that may follow. */
    private static String condition(List<String> path, java.util.Set<String> next) {
        StringBuilder condition = new StringBuilder();
        path.forEach(word ->
                condition.append("__fish_seen_subcommand_from ").append(word).append("; and "));
        return next.isEmpty()
                ? condition.substring(0, condition.length() - "; and ".length())
                : condition + "not __fish_seen_subcommand_from " + String.join(" ", next);
    }

    private void option(String condition, OptionSpec option) {
        StringBuilder flags = new StringBuilder();
        for (String name : option.names()) {
            flags.append(name.startsWith("--") ? "-l " + name.substring(2) : "-s " + name.substring(1))
                    .append(' ');
        }
        String value = Completed.takesValue(option) ? value(Completed.value(option)) : "";
        line(condition, flags + value, option.description());
    }

    private static String value(Completed.Value value) {
        return switch (value) {
            case Completed.Value.Files _ -> "-rF";
            case Completed.Value.Words(List<String> words) -> "-x -a '" + String.join(" ", words) + "'";
            case Completed.Value.Unknown _ -> "-x";
        };
    }

    private void line(String condition, String what, String[] description) {
        text.append("complete -c agent -n '").append(condition).append("' ").append(what.strip());
        if (description.length > 0) {
            text.append(" -d '")
                    .append(description[0].replace("\\", "\\\\").replace("'", "\\'"))
                    .append('\'');
        }
        text.append('\n');
    }
}
