package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** T6 and T16 of the threat model: documents that a workload chose, or that somebody chose for it. */
final class HostileDocumentsTest {
    private static final int CALLER = 4_242;
    private static final long MOST = 64 << 20;
    private static final TestAgent agent = TestAgent.prepared();

    @BeforeAll
    static void startAgent() {
        agent.configured("""
                        sockets: [{name: main, path: %s, mode: "0666"}]
                        workloads: [{name: any, match: {uid: [%d, %d]}, allow: ["store:**"]}]
                        """.formatted(agent.socket(), Machine.uid(), CALLER))
                .openedToOthers()
                .env("LATCHKEY_TEST_AGENTS_OWN", "the-agents-own")
                .start();
        agent.store("one", "first");
    }

    @AfterAll
    static void stopAgent() {
        agent.close();
    }

    private static Map<String, String> documents() {
        Map<String, String> documents = new LinkedHashMap<>();
        StringBuilder bomb = new StringBuilder("a: &a [x, x]\n");
        for (char c = 'b'; c < 'k'; c++) {
            bomb.append(c)
                    .append(": &")
                    .append(c)
                    .append(" [*")
                    .append((char) (c - 1))
                    .append(", *")
                    .append((char) (c - 1))
                    .append("]\n");
        }
        documents.put("a bomb of aliases", bomb.toString());
        documents.put("nesting", "secrets: " + "[".repeat(1_000) + "]".repeat(1_000));
        documents.put("nested mappings", "{a: ".repeat(1_000));
        documents.put("a long scalar", "env: {A: " + "x".repeat(250_000) + "${}");
        documents.put("a tag", "secrets: !!javax.script.ScriptEngineManager [x]");
        documents.put("a duplicate key", "env: {A: b, A: c}");
        documents.put("two documents", "env: {A: b}\n---\nenv: {B: c}\n");
        documents.put("many references", "env: {A: '" + "${secret:".repeat(20_000) + "'}");
        documents.put("many entries", "secrets:\n" + "- {key: a}\n".repeat(20_000));
        documents.put("an open quote", "env: {A: \"" + "\\".repeat(100_001));
        return documents;
    }

    @Test
    void hostileDocumentsAreRefusedSoonAndCostLittle() throws IOException {
        documents().forEach((name, text) -> {
            Path file = agent.write("hostile.yaml", text);
            agent.launch("--bindings", file.toString(), "--", "true")
                    .refuses(125, "hostile.yaml")
                    .tookUnder(Duration.ofSeconds(5));
        });
        long before = resident();
        documents()
                .forEach((name, text) -> agent.launch(
                                "--bindings", agent.write("hostile.yaml", text).toString(), "--", "true")
                        .exits(125));
        assertTrue(resident() - before < MOST, before + " to " + resident());
    }

    private static long resident() throws IOException {
        String status = Files.readString(Path.of("/proc/" + agent.pid() + "/status"));
        return status.lines()
                        .filter(line -> line.startsWith("VmRSS:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                        .findFirst()
                        .orElseThrow()
                * 1024;
    }

    @Test
    void theLauncherReadsNoMoreThanADocumentMayHave() {
        Path large = agent.write("large.yaml", "x".repeat(262_145).getBytes(StandardCharsets.UTF_8));
        agent.launch("--bindings", large.toString(), "--", "true")
                .refuses(125, "too long")
                .tookUnder(Duration.ofSeconds(5));
        agent.launch("--bindings", "/dev/zero", "--", "true")
                .refuses(125, "too long")
                .tookUnder(Duration.ofSeconds(5));
        agent.launch("--template", "/dev/zero=A", "--", "true").refuses(125, "too long");
    }

    @Test
    void aDocumentGetsTheCallersFileAndVariableWithTheCallersRights() throws IOException {
        Machine.needsRoot();
        Machine.needs("setpriv");
        Path document = readable(agent.write("caller.yaml", "env: {S: '${file:/etc/shadow}'}\n"));
        agent.launchAs(CALLER, CALLER, "", "--bindings", document.toString(), "--", "true")
                .refuses(125, "/etc/shadow", "permission denied");
        agent.launch("--bindings", document.toString(), "--", "sh", "-c", "test \"$S\" = \"$(cat /etc/shadow)\"")
                .succeeds();
        Path variable = readable(agent.write("variable.yaml", "env: {V: '${env:LATCHKEY_TEST_AGENTS_OWN}'}\n"));
        agent.launchAs(CALLER, CALLER, "", "--bindings", variable.toString(), "--", "true")
                .refuses(125, "LATCHKEY_TEST_AGENTS_OWN is not set")
                .saysNot("the-agents-own");
    }

    private static Path readable(Path file) throws IOException {
        Files.setPosixFilePermissions(file, java.nio.file.attribute.PosixFilePermissions.fromString("rw-r--r--"));
        return file;
    }
}
