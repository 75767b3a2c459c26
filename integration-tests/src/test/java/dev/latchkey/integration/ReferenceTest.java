package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Versions, fields and options of references, and refusals that list every failing binding. */
final class ReferenceTest {
    private static TestAgent agent = TestAgent.prepared();

    @BeforeAll
    static void startAgent() {
        agent.start();
        agent.store("creds", """
                {"user":"ann","port":5432,"on":true,"nothing":null,
                 "hosts":[{"name":"alpha"},{"name":"beta"}],"deep":{"b":1,"a":2}}""");
    }

    @AfterAll
    static void stopAgent() {
        agent.close();
    }

    private static void assertDelivers(String expected, String reference) {
        agent.assertDelivers("V", expected.getBytes(StandardCharsets.UTF_8), "--secret", "V=" + reference);
    }

    private static Finished refused(int status, String reference) {
        return agent.launch("--secret", "V=" + reference, "--", "true").refuses(status, "V=" + reference);
    }

    @Test
    void deliversAPinnedVersion() {
        Canary first = agent.put("versioned");
        Canary second = agent.put("versioned");
        agent.assertDelivers("V", first, "--secret", "V=versioned@1");
        agent.assertDelivers("V", second, "--secret", "V=versioned@2");
        agent.assertDelivers("V", second, "--secret", "V=versioned");
        refused(122, "versioned@3");
    }

    @Test
    void deliversFieldsOfJson() {
        assertDelivers("ann", "creds#user");
        assertDelivers("5432", "creds#port");
        assertDelivers("true", "creds#on");
        assertDelivers("beta", "creds#hosts.1.name");
        assertDelivers("{\"b\":1,\"a\":2}", "creds#deep");
    }

    @Test
    void refusesFieldsThatAreNotThere() {
        refused(122, "creds#nope");
        refused(122, "creds#hosts.7.name");
        refused(122, "creds#nothing");
    }

    @Test
    void refusesAFieldOfWhatIsNoJson() {
        agent.store("words", "plain words");
        refused(123, "words#user");
    }

    @Test
    void usesTheDefaultOnlyForWhatIsNotThere() {
        assertDelivers("fallback", "not-there,default=fallback");
        assertDelivers("a,b@c #d", "not-there,default=a%2Cb%40c%20%23d");
        assertDelivers("", "not-there,default=");
        assertDelivers("ann", "creds#user,default=fallback");
    }

    @Test
    void decodesThenEncodes() {
        agent.store("encoded", Base64.getEncoder().encodeToString("a b&c".getBytes(StandardCharsets.UTF_8)));
        assertDelivers("a b&c", "encoded,decode=base64");
        assertDelivers("a%20b%26c", "encoded,decode=base64,encode=url");
        assertDelivers("6120622663", "encoded,decode=base64,encode=hex");
        agent.store("hex", "6120");
        assertDelivers("a ", "hex,decode=hex");
        agent.store("binary", new byte[] {(byte) 0xfb, (byte) 0xff, (byte) 0xfe, 0});
        assertDelivers("+//+AA==", "binary,encode=base64");
        agent.store("three", new byte[] {(byte) 0xfb, (byte) 0xff, (byte) 0xfe});
        assertDelivers("-__-", "three,encode=base64url");
    }

    @Test
    void refusesWhatDoesNotDecode() {
        agent.store("not-encoded", "*** no base64 ***");
        agent.launch("--secret", "V=not-encoded,decode=base64", "--", "true").refuses(122, "V=not-encoded");
    }

    @Test
    void listsEveryFailingBinding() {
        Finished finished = agent.launch(
                        "--secret",
                        "A=not-there-1",
                        "--secret",
                        "B=creds#user",
                        "--secret",
                        "C=not-there-2",
                        "--secret",
                        "D=creds@9",
                        "--",
                        "echo",
                        "ran")
                .refuses(122, "A=not-there-1", "C=not-there-2", "D=creds@9");
        finished.saysNot("B=creds");
        assertEquals(
                3,
                finished.errors()
                        .lines()
                        .filter(line -> line.matches("launcher: [ACD]=.*"))
                        .count());
    }

    @Test
    void namesWhereASecretWasLookedFor() {
        agent.put("my-secret");
        Finished finished = agent.launch("--secret", "MY_APP_SECRET=my-secrt", "--", "true")
                .refuses(122, "launcher: MY_APP_SECRET=my-secrt: not found in default/default");
        finished.hints().says("my-secret");
    }

    @Test
    void refusesUnknownProviders() {
        refused(125, "nowhere:x");
    }

    @Test
    void refusesNamesOutsideTheirRule() {
        refused(125, "a%20b");
        refused(125, "two/segments");
    }

    @Test
    void refusesAnExpiredVersionAndSaysWhen() {
        agent.put("short-lived", "--expires-in", "1s");
        Await.until(
                "the version expires",
                () -> agent.launch("--secret", "V=short-lived", "--", "true").status() == 122);
        Finished finished =
                agent.launch("--secret", "V=short-lived", "--", "true").refuses(122, "expired");
        assertTrue(finished.errors().matches("(?s).*\\d{4}-\\d\\d-\\d\\d.*"), finished::toString);
    }

    @Test
    void planShowsEverythingAndNoValue() {
        Canary canary = agent.put("planned");
        Finished plan = agent.launch("--dry-run", "--format", "json", "--secret", "V=planned", "--secret", "W=gone");
        assertTrue(plan.output().contains("\"reference\""), plan::toString);
        for (String key : List.of("target", "kind", "reference", "provider", "decision", "status")) {
            assertTrue(plan.output().contains("\"" + key + "\""), () -> key + " in " + plan);
        }
        assertTrue(!Canaries.contains(plan.out(), canary.bytes()));
        Finished table = agent.launch("--dry-run", "--secret", "V=planned").succeeds();
        assertTrue(table.output().contains("planned"), table::toString);
        assertTrue(!Canaries.contains(table.out(), canary.bytes()));
    }

    @Test
    void checksTheAgentQuickly() {
        agent.launch("--check").succeeds().tookUnder(Duration.ofSeconds(2));
    }
}
