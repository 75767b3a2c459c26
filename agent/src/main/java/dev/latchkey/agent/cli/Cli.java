package dev.latchkey.agent.cli;

import dev.latchkey.agent.admin.view.RecordJson;
import dev.latchkey.agent.failure.AgentException;
import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;

/** Takes the arguments of the program and gives its exit status. */
public final class Cli {
    private final Surroundings surroundings;
    private final Session session;

    public Cli(Surroundings surroundings, Collaborators collaborators) {
        this.surroundings = surroundings;
        this.session = new Session(surroundings, collaborators);
    }

    /** Runs one command. Exit status: 0 done, 1 refused, failed or not serving, 2 wrong usage; of {@code run} the runner's. */
    public int run(String... arguments) {
        if (arguments.length > 0 && arguments[0].equals("help")) {
            return help(arguments);
        }
        String named = arguments.length == 0 ? "" : arguments[0];
        int end = named.equals("run") ? endOfOptions(arguments) : arguments.length;
        List<String> command = List.of(arguments).subList(Math.min(end + 1, arguments.length), arguments.length);
        String[] own = Arrays.copyOf(arguments, end);
        if (end < arguments.length && command.isEmpty()) {
            return tell(
                    CommandFailure.usage("there is no command after '--'", "leave the '--' out to run the agent alone"),
                    own);
        }
        Optional<AgentRunner.Options> run = named.equals("run") ? RunArguments.read(own, command) : Optional.empty();
        return run.isPresent() ? runAgent(run.get(), own) : picked(named, command, own);
    }

    private int runAgent(AgentRunner.Options options, String... own) {
        try {
            return session.collaborators().runner().run(options);
        } catch (AgentException e) {
            return tell(CommandFailure.of(e), own);
        }
    }

    private int picked(String named, List<String> command, String... own) {
        return line(new CommandTree(session, command).build(named), own).execute(own);
    }

    /** {@code agent help COMMAND…} is {@code agent COMMAND… --help}. */
    private int help(String... arguments) {
        CommandLine root = line(new CommandTree(session, List.of()).whole(), arguments);
        CommandLine asked = root;
        for (int i = 1; i < arguments.length; i++) {
            asked = asked.getSubcommands().get(arguments[i]);
            if (asked == null) {
                return tell(
                        CommandFailure.usage("argument " + (i + 1) + " is no command", "see 'agent --help'"),
                        arguments);
            }
        }
        String[] words = Arrays.copyOfRange(arguments, 1, arguments.length + 1);
        words[arguments.length - 1] = "--help";
        return root.execute(words);
    }

    /** The index of the first {@code --}, or the number of arguments. */
    private static int endOfOptions(String[] arguments) {
        int index = Arrays.asList(arguments).indexOf("--");
        return index < 0 ? arguments.length : index;
    }

    private CommandLine line(CommandLine line, String[] own) {
        return line.setOut(new PrintWriter(surroundings.out(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(surroundings.err(), true, StandardCharsets.UTF_8))
                .setParameterExceptionHandler((e, _) -> tell(Misuse.explain(e, own), own))
                .setExecutionExceptionHandler((e, _, _) -> tell(failure(e), own));
    }

    private static CommandFailure failure(Exception e) throws Exception {
        return switch (e) {
            case CommandFailure failure -> failure;
            case AgentException refused -> CommandFailure.of(refused);
            default -> throw e;
        };
    }

    /** Tells of a failure; gives its exit status. */
    private int tell(CommandFailure failure, String[] own) {
        if (asksForJson(own)) {
            ByteArrayOutputStream json = new ByteArrayOutputStream();
            RecordJson.write(failure.error(), json);
            json.write('\n');
            surroundings.err().writeBytes(json.toByteArray());
        } else {
            session.note(failure.error().error().message());
            failure.error().error().hint().ifPresent(session::hint);
        }
        return failure.exitStatus();
    }

    /** As it was typed, since the command line itself may be what is wrong. Of an import {@code --format} tells what is read. */
    private static boolean asksForJson(String[] arguments) {
        List<String> typed = List.of(arguments);
        String name =
                typed.size() > 1 && typed.subList(0, 2).equals(List.of("secret", "import")) ? "--output" : "--format";
        int option = typed.indexOf(name);
        return typed.contains(name + "=json")
                || (option >= 0
                        && option + 1 < typed.size()
                        && typed.get(option + 1).equals("json"));
    }
}
