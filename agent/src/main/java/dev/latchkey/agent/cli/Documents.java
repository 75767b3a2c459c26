package dev.latchkey.agent.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Writes what the distribution ships about the command line, from the same definitions that parse it: man page and completions. */
public final class Documents {
    private static final Terminal NOBODY = new Terminal() {
        @Override
        public boolean asksPeople() {
            return false;
        }

        @Override
        public boolean showsProgress() {
            return false;
        }

        @Override
        public char @Nullable [] readWithoutEcho(String prompt) {
            return null;
        }
    };

    private static final Collaborators NOTHING = new Collaborators(
            _ -> CommandFailure.USAGE,
            _ -> Path.of("/"),
            new Collaborators.ConfigTool() {
                @Override
                public Checked check(java.util.Optional<Path> file) {
                    throw new IllegalStateException("documents run no command");
                }

                @Override
                public String schema() {
                    throw new IllegalStateException("documents run no command");
                }
            },
            (_, _) -> {
                throw new IllegalStateException("documents run no command");
            },
            new Collaborators.AuditVerifier() {
                @Override
                public Verified verify(java.util.Optional<Path> file, Kept kept) {
                    throw new IllegalStateException("documents run no command");
                }

                @Override
                public String publicKey() {
                    throw new IllegalStateException("documents run no command");
                }
            },
            (_, _) -> {
                throw new IllegalStateException("documents run no command");
            },
            _ -> {
                throw new IllegalStateException("documents run no command");
            });

    private Documents() {}

    /**
     * Writes {@code man/agent.1} and {@code completions/{agent.bash,_agent,agent.fish}}, the same bytes every time.
     *
     * @param arguments the folder to write them to
     */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 1) {
            throw new IllegalArgumentException("give the folder to write to");
        }
        write(Path.of(arguments[0]));
    }

    static void write(Path folder) throws IOException {
        CommandLine agent = commands();
        put(folder.resolve("man/agent.1"), ManPage.of(agent.getCommandSpec()));
        put(folder.resolve("completions/agent.bash"), BashCompletion.of(agent.getCommandSpec()));
        put(folder.resolve("completions/_agent"), ZshCompletion.of(agent.getCommandSpec()));
        put(folder.resolve("completions/agent.fish"), FishCompletion.of(agent.getCommandSpec()));
    }

    /** Every command, with nothing around it to run in. */
    static CommandLine commands() {
        Surroundings nowhere = new Surroundings(
                InputStream.nullInputStream(),
                new PrintStream(PrintStream.nullOutputStream(), false, StandardCharsets.UTF_8),
                new PrintStream(PrintStream.nullOutputStream(), false, StandardCharsets.UTF_8),
                NOBODY,
                Clock.systemUTC(),
                Path.of("/"),
                "");
        return new CommandTree(new Session(nowhere, NOTHING), List.of()).whole();
    }

    /** The commands of a command that are not hidden, in order. */
    static Map<String, CommandSpec> subcommands(CommandSpec spec) {
        return spec.subcommands().entrySet().stream()
                .filter(entry ->
                        !entry.getValue().getCommandSpec().usageMessage().hidden())
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        entry -> entry.getValue().getCommandSpec(),
                        (a, _) -> a,
                        java.util.LinkedHashMap::new));
    }

    private static void put(Path file, String text) throws IOException {
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.writeString(file, text);
    }
}
