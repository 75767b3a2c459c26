package dev.latchkey.agent.cli;

import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Completion for zsh. */
final class ZshCompletion {
    private static final String HEAD = """
            #compdef agent
            local at=agent
            integer i first=1
            for ((i = 2; i < CURRENT; i++)); do
                case "$at $words[i]" in
                    (COMMANDS) at="$at $words[i]"; first=i ;;
                esac
            done
            # The command is what arguments are counted from.
            words=("${(@)words[first,-1]}")
            ((CURRENT -= first - 1))
            case $at in
            """;

    private final StringBuilder text = new StringBuilder();

    private ZshCompletion() {}

    static String of(CommandSpec agent) {
        List<Completed> all = Completed.all(agent);
        ZshCompletion zsh = new ZshCompletion();
        String commands = all.stream().skip(1).map(one -> quoted(one.path())).collect(Collectors.joining("|"));
        zsh.text.append(HEAD.replace("COMMANDS", commands));
        all.forEach(zsh::command);
        zsh.text.append("esac\n");
        return zsh.text.toString();
    }

    private void command(Completed command) {
        text.append("    (").append(quoted(command.path())).append(")\n        _arguments -S");
        command.options().forEach(this::option);
        command.parameters().forEach(this::parameter);
        if (!command.subcommands().isEmpty()) {
            argument("1:command:((" + subcommands(command) + "))");
        }
        if (command.runsCommand()) {
            argument("*::command:_normal");
        }
        text.append(" ;;\n");
    }

    private static String subcommands(Completed command) {
        return command.subcommands().stream()
                .map(below -> below.name() + "\\:\"" + evaluated(below.description()) + "\"")
                .collect(Collectors.joining(" "));
    }

    private void option(OptionSpec option) {
        for (String name : option.names()) {
            boolean value = Completed.takesValue(option);
            argument((option.isMultiValue() ? "*" : "") + name + (value ? name.startsWith("--") ? "=" : "+" : "") + "["
                    + within(Completed.description(option)).replace("[", "\\[").replace("]", "\\]") + "]"
                    + (value ? ":" + within(option.paramLabel()) + ":" + action(Completed.value(option)) : ""));
        }
    }

    private void parameter(PositionalParamSpec parameter) {
        boolean many = parameter.arity().max() > 1;
        argument((many ? "*" : parameter.required() ? "" : ":") + ":" + within(parameter.paramLabel()) + ":"
                + action(Completed.value(parameter)));
    }

    private static String action(Completed.Value value) {
        return switch (value) {
            case Completed.Value.Files _ -> "_files";
            case Completed.Value.Words(List<String> words) -> "(" + String.join(" ", words) + ")";
            case Completed.Value.Unknown _ -> " ";
        };
    }

    private void argument(String spec) {
        text.append(" \\\n            ").append(quoted(spec));
    }

    /** A text within a specification, whose parts colons divide. */
    private static String within(String description) {
        return description.replace("\\", "\\\\").replace(":", "\\:");
    }

    /** Within double quotes that the shell evaluates. */
    private static String evaluated(String description) {
        return within(description).replaceAll("[\"$`]", "\\\\$0");
    }

    private static String quoted(String spec) {
        return "'" + spec.replace("'", "'\\''") + "'";
    }
}
