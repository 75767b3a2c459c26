package dev.latchkey.agent.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Says what is wrong with a command line. SECURITY: what was typed may be a value in the wrong place, so it is told by its position; of it only the
 * name of an option is repeated.
 */
final class Misuse {
    private static final List<String> TAKE_VALUES = List.of("put", "rotate");
    private static final String FROM_STDIN =
            "a value never comes from the command line: give it on standard input, with --from-file or with --generate";

    private Misuse() {}

    static CommandFailure explain(ParameterException e, String[] typed) {
        CommandLine line = e.getCommandLine();
        String help = "see '" + line.getCommandSpec().qualifiedName() + " --help'";
        return switch (e) {
            case UnmatchedArgumentException unmatched -> unmatched(unmatched, typed, help);
            case MissingParameterException missing ->
                CommandFailure.usage("missing: " + names(missing.getMissing()), help);
            case OverwrittenOptionException twice ->
                CommandFailure.usage(name(twice.getOverwritten()) + " must be given once", help);
            default -> other(e, help);
        };
    }

    private static CommandFailure other(ParameterException e, String help) {
        ArgSpec argument = e.getArgSpec();
        if (argument != null && argument.paramLabel().contains("|")) {
            return Choices.refused(name(argument), List.of(argument.paramLabel().split("\\|")));
        }
        if (argument != null) {
            return CommandFailure.usage("not a value for " + name(argument), help);
        }
        return CommandFailure.usage("a command is missing", help);
    }

    private static CommandFailure unmatched(UnmatchedArgumentException e, String[] typed, String help) {
        String first = e.getUnmatched().getFirst();
        int position = Arrays.asList(typed).indexOf(first) + 1;
        Optional<String> option = optionName(first);
        if (option.isPresent()) {
            boolean beforeCommand = e.getCommandLine().getParent() == null;
            return CommandFailure.usage(
                    "unknown option " + option.get(),
                    beforeCommand
                            ? "options of a command stand after it, as in: agent secret list --admin-socket PATH"
                            : hint(e, first, help));
        }
        CommandLine line = e.getCommandLine();
        if (!line.getSubcommands().isEmpty()) {
            return CommandFailure.usage("argument " + position + " is no command", hint(e, first, help));
        }
        boolean takesValue = TAKE_VALUES.contains(line.getCommandName());
        String wrong = "argument " + position + " is one too many";
        if (line.getCommandName().equals("run")) {
            return CommandFailure.usage(wrong, "a command to run stands after '--'");
        }
        return CommandFailure.usage(wrong, takesValue ? FROM_STDIN : help);
    }

    private static Optional<String> optionName(String typed) {
        String name = typed.split("=", 2)[0];
        return name.matches("--[a-z][a-z-]{0,30}") ? Optional.of(name) : Optional.empty();
    }

    private static String hint(UnmatchedArgumentException e, String first, String help) {
        List<String> near = e.getSuggestions().stream()
                .filter(suggestion -> !suggestion.equals(first))
                .limit(3)
                .toList();
        return near.isEmpty() ? help : "did you mean " + String.join(" or ", near) + "?";
    }

    private static String names(List<ArgSpec> missing) {
        return missing.stream().map(Misuse::name).collect(Collectors.joining(", "));
    }

    private static String name(ArgSpec argument) {
        return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
    }
}
