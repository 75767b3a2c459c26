package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** agent.yaml: all problems at once, nothing started by a bad one, and what a signal re-reads. */
final class ConfigurationTest {
    private static String allowing(String pattern) {
        return """
                workloads:
                  - name: tests
                    match: {uid: %d}
                    allow: ["%s"]
                """.formatted(Machine.uid(), pattern);
    }

    @Test
    void reportsEveryProblemWithItsPlaceAndStartsNothing() {
        try (TestAgent agent = TestAgent.prepared()) {
            agent.configured("""
                    projekt: analytics
                    default-provider: nowhere
                    log: {level: loud}
                    workloads:
                      - name: flow
                        match: {uidd: 1000}
                        allow: "store:*"
                    """);
            Finished run = agent.runCommand().run().exits(1);
            assertProblems(run);
            assertFalse(Files.exists(agent.socket()));
            Finished check = agent.admin(
                            "config", "check", agent.configuration().toString())
                    .run()
                    .exits(1);
            assertProblems(check);
        }
    }

    private static void assertProblems(Finished finished) {
        String said = finished.output() + finished.errors();
        for (String expected : new String[] {"projekt", "project", "nowhere", "loud", "uidd", "uid", "allow"}) {
            assertTrue(said.contains(expected), () -> expected + " in " + finished);
        }
        assertTrue(said.matches("(?s).*\\b1:1\\b.*|(?s).*line 1\\b.*"), finished::toString);
    }

    @Test
    void acceptsTheSampleThatComesWithIt() {
        try (TestAgent agent = TestAgent.prepared()) {
            agent.does(
                    "config", "check", Machine.HOME.resolve("conf/agent.yaml").toString());
        }
    }

    @Test
    void printsASchema() {
        try (TestAgent agent = TestAgent.prepared()) {
            assertTrue(Json.parse(agent.does("config", "schema").output()).has("properties"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "project: a\nproject: b\n",
                "project: [a]\n",
                "project: a/b\n",
                "- a\n",
                "project: !!java.lang.String a\n",
                "cache: {ttl: 5 minutes}\n",
                "audit: {rotate: 100MB}\n",
                "admin: {reveal: everybody}\n",
                "sockets: [{name: main, path: relative.sock}]\n",
                "a: &a [*a]\n",
                "workloads: [{name: open, match: {}, allow: ['store:*']}]\n",
                "workloads: [{name: a, match: {uid: 1}, allow: []}, {name: b, match: {uid: 1}, allow: []}]\n",
                "project: a\n---\nproject: b\n",
                "{"
            })
    void refusesWhatIsNoConfiguration(String yaml) {
        try (TestAgent agent = TestAgent.prepared()) {
            agent.configured(yaml);
            Finished check = agent.admin(
                            "config", "check", agent.configuration().toString())
                    .run()
                    .exits(1);
            assertFalse((check.output() + check.errors()).isBlank());
        }
    }

    @Test
    void refusesAFileThatIsNamedAndNotThere() {
        try (TestAgent agent = TestAgent.prepared()) {
            Finished run =
                    agent.runCommand("--config", "/no/such/agent.yaml").run().exits(1);
            assertTrue((run.output() + run.errors()).contains("/no/such/agent.yaml"), run::toString);
        }
    }

    @Test
    void putsAGoodFileIntoForceAtSighup() {
        try (TestAgent agent = TestAgent.started(allowing("store:default/default/a-*"))) {
            agent.put("a-key");
            agent.put("b-key");
            agent.launch("--secret", "V=b-key", "--", "true").refuses(121);
            agent.configured(allowing("store:default/default/b-*"));
            agent.signal("HUP");
            Await.until(
                    "the new policy is in force",
                    () -> agent.launch("--secret", "V=b-key", "--", "true").status() == 0);
            agent.launch("--secret", "V=a-key", "--", "true").refuses(121);
        }
    }

    @Test
    void keepsTheOldFileWhenTheNewOneIsBad() {
        try (TestAgent agent = TestAgent.started(allowing("store:default/default/a-*"))) {
            agent.put("a-key");
            agent.configured("workloads: nonsense\n");
            agent.signal("HUP");
            Await.until("the refusal is logged", () -> agent.log().contains("configuration-refused"));
            agent.launch("--secret", "V=a-key", "--", "true").succeeds();
            assertTrue(agent.isAlive());
        }
    }

    @Test
    void deniesEverybodyThatNoRuleNames() {
        try (TestAgent agent = TestAgent.started("""
                workloads:
                  - name: somebody-else
                    match: {uid: 54999}
                    allow: ["store:**"]
                """)) {
            agent.put("plain");
            agent.launch("--secret", "V=plain", "--", "true").refuses(121, "V=plain");
        }
    }

    @Test
    void looksNamesUpWhereItSays() {
        try (TestAgent agent = TestAgent.started("project: web\nenvironment: live\n" + allowing("store:**"))) {
            agent.does("project", "create", "web");
            agent.does("environment", "create", "live", "--project", "web");
            Canary canary = agent.put("plain");
            agent.assertDelivers("V", canary, "--secret", "V=plain");
            agent.assertDelivers("V", canary, "--secret", "V=web/live/plain");
        }
    }

    @Test
    void revealsExactlyTheBytesToTheRoleThatMay() {
        try (TestAgent agent = TestAgent.started("admin: {reveal: admin}\n" + allowing("store:**"))) {
            Canary canary = agent.put("shown");
            Finished reveal =
                    agent.adminPrinting("secret", "reveal", "shown").run().succeeds();
            assertTrue(java.util.Arrays.equals(canary.bytes(), reveal.out()));
        }
    }

    @Test
    void placesSocketsByOptionBeforeVariableBeforeFile() {
        try (TestAgent agent = TestAgent.prepared()) {
            String other = agent.folder().resolve("other.sock").toString();
            Finished run = agent.runCommand("--socket", other, "--", "sh", "-c", "echo $LATCHKEY_SOCKET")
                    .run();
            assertTrue(run.succeeds().output().contains(other), run::toString);
        }
    }

    @Test
    void refusesASocketPathThatIsTooLong() {
        try (TestAgent agent = TestAgent.prepared()) {
            Finished run = agent.runCommand("--socket", "/tmp/" + "x".repeat(110))
                    .run()
                    .exits(1);
            assertTrue((run.output() + run.errors()).contains("107"), run::toString);
        }
    }

    @Test
    void logsInTheFormatAskedFor() {
        try (TestAgent agent =
                TestAgent.prepared().option("--log-format", "json").start()) {
            agent.stop();
            agent.log().lines().forEach(line -> assertEquals('{', line.charAt(0), line));
        }
    }
}
