package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Projects and environments keep names apart, and nothing creates one by accident. */
final class ProjectsTest {
    private static TestAgent agent = TestAgent.prepared();

    @BeforeAll
    static void startAgent() {
        agent.configured("""
                workloads:
                  - name: tests
                    match: {uid: %d}
                    allow: ["store:**"]
                """.formatted(Machine.uid()));
        agent.start();
    }

    @AfterAll
    static void stopAgent() {
        agent.close();
    }

    @Test
    void keepsTheSameNameApart() {
        agent.does("project", "create", "web");
        agent.does("environment", "create", "production", "--project", "web");
        Canary here = agent.put("shared");
        Canary there = agent.put("shared", "--project", "web", "--environment", "production");
        Canary between = agent.put("shared", "--project", "web");
        agent.assertDelivers("V", here, "--secret", "V=shared");
        agent.assertDelivers("V", there, "--secret", "V=web/production/shared");
        agent.assertDelivers("V", there, "--project", "web", "--environment", "production", "--secret", "V=shared");
        agent.assertDelivers("V", between, "--project", "web", "--secret", "V=shared");
        agent.assertDelivers("V", here, "--project", "web", "--secret", "V=default/default/shared");
    }

    @Test
    void takesThemFromVariablesToo() {
        agent.does("project", "create", "variables");
        Canary canary = agent.put("named", "--project", "variables");
        Finished finished = agent.launcher("--secret", "V=named", "--", "cat", "/proc/self/environ")
                .env("LATCHKEY_PROJECT", "variables")
                .env("LATCHKEY_ENVIRONMENT", "")
                .run()
                .succeeds();
        assertTrue(Canaries.contains(finished.out(), canary.bytes()));
    }

    @Test
    void createsNothingForAnUnknownName() {
        agent.admin("secret", "put", "x", "--project", "unknown-one")
                .input("x")
                .run()
                .exits(1)
                .says("unknown-one");
        agent.admin("secret", "put", "x", "--environment", "unknown-two")
                .input("x")
                .run()
                .exits(1)
                .says("unknown-two");
        assertTrue(
                !Json.column(agent.admin("project", "list", "--format", "json").run(), "project")
                        .contains("unknown-one"));
    }

    @Test
    void refusesUnknownOnesAtALaunch() {
        agent.launch("--project", "nowhere", "--secret", "V=x", "--", "true").refuses(122, "V=x");
        agent.launch("--environment", "nowhere", "--secret", "V=x", "--", "true")
                .refuses(122, "V=x");
    }

    @Test
    void refusesToDeleteWhatIsNotEmpty() {
        agent.does("project", "create", "full");
        agent.put("inside", "--project", "full");
        agent.admin("project", "delete", "full").run().exits(1).says("full");
        agent.does("secret", "purge", "inside", "--project", "full");
        agent.does("project", "delete", "full");
    }

    @Test
    void narrowsNamesByTheRuleOfAProject() {
        agent.does("project", "create", "strict", "--naming", "posix");
        agent.admin("secret", "put", "not-posix", "--project", "strict")
                .input("x")
                .run()
                .exits(1)
                .says("not-posix");
        agent.store("IS_POSIX", "x", "--project", "strict");
        agent.does("project", "create", "lightning", "--naming", "dns");
        agent.admin("secret", "put", "under_score", "--project", "lightning")
                .input("x")
                .run()
                .exits(1);
        agent.store("my-app.key", "x", "--project", "lightning");
    }

    @Test
    void comesWithTheDefaultOnes() {
        assertTrue(
                Json.column(agent.admin("project", "list", "--format", "json").run(), "project")
                        .contains("default"));
        assertEquals(
                List.of("default"),
                Json.column(
                                agent.admin("environment", "list", "--format", "json")
                                        .run(),
                                "environment")
                        .stream()
                        .filter("default"::equals)
                        .toList());
    }
}
