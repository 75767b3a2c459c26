package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What lies beside the programs: documents in the forms that man, the shells and editors take. */
final class DistributionTest {
    private static final Path SHARE = Machine.HOME.resolve("share");

    @Test
    void shipsASchemaForEveryRecordAndTheInterface() throws IOException {
        for (String name : List.of("secret", "version", "explain", "status", "error", "agent.yaml.schema")) {
            assertTrue(
                    Json.parse(Files.readString(SHARE.resolve("schema/" + name + ".json")))
                            .isObject(),
                    name);
        }
        try (Stream<Path> sources = Files.list(Machine.ROOT.resolve("agent/src/main/dist/share/schema"))) {
            for (Path source : sources.toList()) {
                assertEquals(-1, Files.mismatch(source, SHARE.resolve("schema").resolve(source.getFileName())));
            }
        }
    }

    @Test
    void shipsTheSchemaThatTheAgentPrints() throws IOException {
        Finished printed = Command.of(Machine.AGENT, "config", "schema").run().succeeds();
        printed.prints(Files.readString(SHARE.resolve("schema/agent.yaml.schema.json")));
    }

    /** Nothing but the archive and a Debian of the fewest packages, in which there is neither a JDK nor Rust. */
    @Test
    void runsInAnEmptyRoot() {
        assumeTrue(Machine.full(), "needs --full");
        Machine.needsRoot();
        Machine.needs("debootstrap");
        Command.of(
                        Machine.ROOT
                                .resolve("distribution/try-in-empty-root.sh")
                                .toString(),
                        Machine.ROOT.resolve("target/empty-root").toString())
                .within(Duration.ofMinutes(10))
                .run()
                .succeeds()
                .prints("some-value\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"agent", "launcher"})
    void shipsAManPageThatManShows(String program) {
        Machine.needs("man");
        Command.of(
                        "man",
                        "--warnings",
                        "-l",
                        SHARE.resolve("man/man1/" + program + ".1").toString())
                .env("LC_ALL", "C.UTF-8")
                .env("MANWIDTH", "100")
                .run()
                .succeeds()
                .saysNot("warning");
    }

    @ParameterizedTest
    @ValueSource(strings = {"agent", "launcher"})
    void completesOptionsInBash(String program) {
        Machine.needs("bash");
        String script = """
                . "$1/$2.bash" || exit 90
                complete -p "$2" || exit 91
                COMP_WORDS=("$2" "--he"); COMP_CWORD=1; COMP_LINE="$2 --he"; COMP_POINT=${#COMP_LINE}
                f=$(complete -p "$2"); f=${f#*-F }; f=${f%% *}
                "$f" "$2" "--he" "$2"
                printf '%s\\n' "${COMPREPLY[@]}"
                """;
        Finished completed = Command.of(
                        "bash",
                        "-c",
                        script,
                        "bash",
                        SHARE.resolve("completions/bash").toString(),
                        program)
                .run()
                .succeeds();
        assertTrue(completed.output().contains("--help"), completed::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"agent", "launcher"})
    void completesOptionsInFish(String program) {
        Machine.needs("fish");
        String script = "source $argv[1]; or exit 90; complete -C $argv[2]";
        Path completions = SHARE.resolve("completions/fish/" + program + ".fish");
        Finished completed = Command.of("fish", "--no-config", "-c", script, completions.toString(), program + " --he")
                .run()
                .succeeds();
        assertTrue(completed.output().startsWith("--help\t"), completed::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"agent", "launcher"})
    void isUnderstoodByZsh(String program) {
        Machine.needs("zsh");
        Command.of(
                        "zsh",
                        "-f",
                        "-n",
                        SHARE.resolve("completions/zsh/_" + program).toString())
                .run()
                .succeeds()
                .saysNot("error");
    }
}
