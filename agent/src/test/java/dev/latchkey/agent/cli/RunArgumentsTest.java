package dev.latchkey.agent.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Whatever {@link RunArguments} takes means the same to picocli, and what picocli refuses it leaves alone. */
class RunArgumentsTest {
    private final List<AgentRunner.Options> taken = new ArrayList<>();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Surroundings surroundings = new Surroundings(
            InputStream.nullInputStream(),
            new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            Terminal.ofProcess(),
            Clock.systemUTC(),
            Path.of("/"),
            "1");
    private final Collaborators collaborators = running(options -> {
        taken.add(options);
        return 7;
    });

    private static Collaborators running(AgentRunner runner) {
        return new Collaborators(
                runner,
                _ -> Path.of("/none"),
                new NoConfig(),
                (_, _) -> fail("no policy is tested"),
                new NoLog(),
                (_, _) -> fail("no launcher is installed"),
                _ -> fail("nothing is imported"));
    }

    private static final class NoLog implements Collaborators.AuditVerifier {
        @Override
        public Verified verify(Optional<Path> file, Kept kept) {
            return fail("no log is verified");
        }

        @Override
        public String publicKey() {
            return fail("no key is shown");
        }
    }

    private static final class NoConfig implements Collaborators.ConfigTool {
        @Override
        public Checked check(Optional<Path> named) {
            return fail("no configuration is checked");
        }

        @Override
        public String schema() {
            return fail("no schema is shown");
        }
    }

    private Optional<AgentRunner.Options> byPicocli(String... own) {
        taken.clear();
        CommandLine line = new CommandTree(new Session(surroundings, collaborators), List.of("true")).build("run");
        line.setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
                .setParameterExceptionHandler((_, _) -> 2)
                .setExecutionExceptionHandler((_, _, _) -> 2)
                .execute(own);
        return taken.stream().findFirst();
    }

    private static String[] words(String line) {
        return line.split(" ", -1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "run",
                "run --config agent.yaml",
                "run --config=agent.yaml",
                "run --config=a=b --state /var/lib/x --socket=/run/s",
                "run --log-level debug --log-format json",
                "run --log-level=error --log-format=logfmt --config /a --state /b --socket /c"
            })
    void plainArgumentsMeanTheSame(String line) {
        String[] own = words(line);
        Optional<AgentRunner.Options> read = RunArguments.read(own, List.of("true"));
        assertTrue(read.isPresent());
        assertEquals(byPicocli(own), read);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "run --help",
                "run -h",
                "run --config",
                "run --config=",
                "run --config ",
                "run --config --state",
                "run --config -x",
                "run --config a --config b",
                "run --log-level loud",
                "run --log-format xml",
                "run --other x",
                "run extra",
                "run ",
                "run --conf a"
            })
    void everythingElseIsLeft(String line) {
        assertEquals(Optional.empty(), RunArguments.read(words(line), List.of()));
    }

    @Test
    void aRefusalIsTold() {
        Collaborators refusing = running(_ -> {
            throw new AgentException(FailureKind.STATE_UNUSABLE, "the state is not usable", "make it so");
        });
        assertEquals(1, new Cli(surroundings, refusing).run("run", "--state", "/nowhere"));
        assertEquals("agent: the state is not usable\nhint: make it so\n", err.toString(StandardCharsets.UTF_8));
    }
}
