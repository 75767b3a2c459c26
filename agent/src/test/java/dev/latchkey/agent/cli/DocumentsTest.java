package dev.latchkey.agent.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DocumentsTest {
    private static final List<String> FILES =
            List.of("man/agent.1", "completions/agent.bash", "completions/_agent", "completions/agent.fish");

    @TempDir
    Path folder = Path.of("");

    @Test
    void writesTheSameEveryTime() throws IOException {
        Documents.main(new String[] {folder.resolve("a").toString()});
        Documents.main(new String[] {folder.resolve("b").toString()});
        for (String file : FILES) {
            assertEquals(
                    Files.readString(folder.resolve("a").resolve(file)),
                    Files.readString(folder.resolve("b").resolve(file)),
                    file);
        }
    }

    @Test
    void namesEveryCommandAndNoneThatIsToCome() throws IOException {
        Documents.write(folder);
        String man = Files.readString(folder.resolve("man/agent.1"));
        String fish = Files.readString(folder.resolve("completions/agent.fish"));
        for (String command :
                List.of("run", "secret put", "secret reveal", "audit query", "key export", "backup", "store verify")) {
            assertTrue(man.contains(".SS agent " + command), command);
        }
        assertTrue(man.contains("\\fB\\-\\-from\\-file\\fP \\fIF\\fP"), man);
        assertTrue(fish.contains("-l from-file -rF"), fish);
        assertTrue(man.contains(".SS agent consumers") && fish.contains("-a consumers"));
        assertFalse(man.contains(".SS agent ui") || fish.contains("-a ui"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "config check |agent.yaml my file.env",
                "config check a|agent.yaml",
                "config check --f|--format",
                "secret import |agent.yaml my file.env",
                "secret import --format |dotenv json bruin vault-kv aws-sm",
                "secret import --on-existing = n|new-version",
                "secret put n --from-file m|my file.env",
                "secret put --format |table json",
                "secret list --format |table json",
                "audit query --format |table json csv",
                "audit query --kind gr|grant",
                "audit verify a|agent.yaml",
                "consumers --signal U|USR1 USR2",
                "run --log-level w|warn",
                "run --config = a|agent.yaml",
                "backup a|agent.yaml",
                "policy test x --config a|agent.yaml",
                "project create --naming |any dns posix",
                "con|config consumers",
                "secret re|restore reveal",
                "secret show --pr|--project"
            })
    void bashCompletes(String typed, String expected) throws Exception {
        Documents.write(folder);
        Path work = Files.createDirectory(folder.resolve("work"));
        Files.createFile(work.resolve("agent.yaml"));
        Files.createFile(work.resolve("my file.env"));
        String words = Stream.of(("agent " + typed + ".").split(" ", -1))
                .map(word -> "'" + word + "'")
                .collect(Collectors.joining(" "))
                .replaceFirst("\\.'$", "'");
        Process bash = new ProcessBuilder(
                        "bash",
                        "-c",
                        ". ../completions/agent.bash; COMP_WORDS=(" + words
                                + "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _agent; echo \"${COMPREPLY[*]}\"")
                .directory(work.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertEquals(0, bash.waitFor(), said);
        assertEquals(sorted(expected), sorted(said.strip()));
    }

    private static List<String> sorted(String words) {
        return Stream.of(words.split(" ")).sorted().toList();
    }

    @Test
    void zshAndFishCompleteFilesAndValues() throws IOException {
        Documents.write(folder);
        String zsh = Files.readString(folder.resolve("completions/_agent"));
        String fish = Files.readString(folder.resolve("completions/agent.fish"));

        assertTrue(zsh.contains(
                "'--kind=[records of this kind, as in grant, outcome, refusal, admin]:K:(started stopped "));
        assertTrue(zsh.contains("'--from-file=[") && zsh.contains("]:F:_files'"), zsh);
        assertTrue(zsh.contains("'::FILE:_files'") && zsh.contains("'*::command:_normal'"), zsh);
        assertTrue(fish.contains("-l signal -x -a 'HUP INT "), fish);
        assertTrue(fish.contains("-l format -x -a 'dotenv json bruin vault-kv aws-sm'"), fish);
        assertTrue(
                fish.contains("__fish_seen_subcommand_from config; and __fish_seen_subcommand_from check' -F\n"), fish);
    }
}
