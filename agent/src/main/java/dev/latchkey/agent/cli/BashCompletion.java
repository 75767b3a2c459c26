package dev.latchkey.agent.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;

/** Completion for bash. */
final class BashCompletion {
    private static final String HEAD = """
            # bash completion for agent
            _agent() {
                local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} at=agent i IFS=$'\\n'
                # --option=VALUE comes as three words.
                [[ $before == = ]] && before=${COMP_WORDS[COMP_CWORD-2]}
                [[ $word == = ]] && word=
                for ((i = 1; i < COMP_CWORD; i++)); do
                    if [[ $at == 'agent run' && ${COMP_WORDS[i]} == -- ]]; then
                        if declare -F _command_offset >/dev/null; then
                            _command_offset $((i + 1))
                        else
                            COMPREPLY=($(compgen -c -f -- "$word"))
                        fi
                        return
                    fi
                    case "$at ${COMP_WORDS[i]}" in
                        COMMANDS) at="$at ${COMP_WORDS[i]}" ;;
                    esac
                done
                case "$at $before" in
            """;

    private final StringBuilder text = new StringBuilder();

    private BashCompletion() {}

    static String of(CommandSpec agent) {
        List<Completed> all = Completed.all(agent);
        BashCompletion bash = new BashCompletion();
        String commands = all.stream().skip(1).map(one -> quoted(one.path())).collect(Collectors.joining("|"));
        bash.text.append(HEAD.replace("COMMANDS", commands));
        bash.values(all).forEach((reply, options) -> bash.branch(options, reply + "; return"));
        bash.text.append("    esac\n    case $at in\n");
        all.forEach(bash::command);
        bash.text.append("    esac\n}\ncomplete -o filenames -F _agent agent\n");
        return bash.text.toString();
    }

    /** The options with a value, by what completes it. */
    private Map<String, List<String>> values(List<Completed> all) {
        Map<String, List<String>> options = new TreeMap<>();
        all.forEach(command -> command.optionsWithValue()
                .forEach(option -> Arrays.stream(option.names())
                        .forEach(name -> options.computeIfAbsent(
                                        reply(Completed.value(option)), _ -> new java.util.ArrayList<>())
                                .add(command.path() + ' ' + name))));
        return options;
    }

    private static String reply(Completed.Value value) {
        return switch (value) {
            case Completed.Value.Files _ -> "COMPREPLY=($(compgen -f -- \"$word\"))";
            case Completed.Value.Words(List<String> words) -> words(words);
            case Completed.Value.Unknown _ -> "COMPREPLY=()";
        };
    }

    private static String words(List<String> words) {
        return "COMPREPLY=($(compgen -W $'" + String.join("\\n", words) + "' -- \"$word\"))";
    }

    private void command(Completed command) {
        List<String> words = Stream.concat(
                        command.subcommands().stream().map(Completed::name),
                        command.options().stream().flatMap(option -> Arrays.stream(option.names())))
                .toList();
        String reply = words(words);
        branch(
                List.of(command.path()),
                command.takesFile()
                        ? "if [[ $word == -* ]]; then " + reply + "; else " + reply(new Completed.Value.Files())
                                + "; fi"
                        : reply);
    }

    private void branch(List<String> patterns, String reply) {
        String any = patterns.stream().map(BashCompletion::quoted).collect(Collectors.joining("|"));
        text.append("        ")
                .append(any)
                .append(")\n            ")
                .append(reply)
                .append(" ;;\n");
    }

    private static String quoted(String path) {
        return "'" + path + "'";
    }
}
