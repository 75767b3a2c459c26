package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which classes a running agent has: an adapter that is not configured is not in its process, nor is the library of one. */
final class LoadedClassesTest {
    /** Outside systems and their libraries. */
    private static final Pattern OUTSIDE = Pattern.compile(
            "dev\\.latchkey\\.agent\\.(?:crypto\\.(?!keyfile\\.)|backend\\.|provider\\.(?!store\\.))[a-z]+\\.\\S+|software\\.amazon\\.\\S+");

    /** What the adapter for AWS implements; the adapter itself lies outside the class path. */
    private static final String PORT = "dev.latchkey.agent.backend.aws.AwsSdk";

    @TempDir
    Path folder;

    private List<String> outside(String yaml) throws IOException {
        Path log;
        Path home = OtherOptions.home(
                folder,
                "-Xlog:all=error:stderr",
                "-Xlog:all=error:stderr -Xlog:class+load=info:file=" + folder.resolve("classes.%p"));
        try (TestAgent agent = TestAgent.prepared().installedIn(home)) {
            agent.configured(yaml).start();
            Canary canary = agent.put("own");
            agent.assertDelivers("V", canary, "--secret", "V=own");
            agent.does("status");
            log = folder.resolve("classes." + agent.pid());
        }
        String loaded = Files.readString(log);
        assertTrue(loaded.contains("dev.latchkey.agent.crypto.keyfile.KeyFile "), "the search finds what is there");
        return OUTSIDE.matcher(loaded)
                .results()
                .map(MatchResult::group)
                .filter(name -> !name.equals(PORT))
                .toList();
    }

    @Test
    void anAgentOfTheStoreAloneHasNoneOfAnOutsideSystem() throws IOException {
        assertEquals(List.of(), outside("providers: {store: {type: store}}\n"));
    }

    @Test
    void anAgentWithAnOutsideSystemHasThatOneAlone() throws IOException {
        List<String> loaded = outside("""
                providers:
                  store: {type: store}
                  vault: {type: vault, address: "http://127.0.0.1:1", mount: secret, auth: {method: token, token: x}}
                """);
        assertTrue(loaded.contains("dev.latchkey.agent.provider.vault.VaultProvider"), loaded::toString);
        assertEquals(
                List.of(),
                loaded.stream()
                        .filter(name -> !name.contains(".vault.") && !name.contains(".http."))
                        .toList());
    }
}
