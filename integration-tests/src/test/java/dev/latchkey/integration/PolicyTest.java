package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Who gets what: rules on listener, uid, gid and groups, scopes, and what {@code explain} says of them. */
final class PolicyTest {
    private static final int FLOW = 54001;
    private static final int WORK = 54002;
    private static final int TEAM = 54100;

    private static TestAgent agent = TestAgent.prepared();

    @BeforeAll
    static void startAgent() {
        agent.openedToOthers()
                .configured("""
                sockets:
                  - {name: main, path: %s, mode: "0666"}
                  - {name: side, path: %s, mode: "0666"}
                workloads:
                  - name: side-door
                    match: {listener: side}
                    allow: ["store:default/default/side-*"]
                  - name: flow
                    match: {uid: %d}
                    allow: ["store:default/default/*"]
                    deny: ["store:**/root-*"]
                    scopes: [service]
                  - name: team
                    match: {groups: [%d]}
                    allow: ["store:default/default/team-*"]
                  - name: by-gid
                    match: {gid: %d}
                    allow: ["store:default/default/gid-*"]
                """.formatted(agent.socket(), agent.folder().resolve("side/agent.sock"), FLOW, TEAM, TEAM));
        if (Machine.uid() == 0) {
            agent.start();
            for (String name : new String[] {"plain", "root-password", "team-key", "side-key", "gid-key"}) {
                agent.put(name);
            }
            agent.put("scoped-service", "--scope", "service");
            agent.put("scoped-provider", "--scope", "provider");
        }
    }

    @AfterAll
    static void stopAgent() {
        agent.close();
    }

    @BeforeEach
    void rootOnly() {
        Machine.needsRoot();
        Machine.needs("setpriv");
    }

    private static Finished launchAs(int uid, int gid, String groups, String secret) {
        return agent.launchAs(uid, gid, groups, "--secret", "V=" + secret, "--", "true");
    }

    @Test
    void allowsWhatTheRuleOfTheUidAllows() {
        launchAs(FLOW, FLOW, "", "plain").succeeds();
    }

    @Test
    void deniesBeforeItAllows() {
        launchAs(FLOW, FLOW, "", "root-password").refuses(121, "V=root-password");
    }

    @Test
    void deniesWorkloadWithoutMatchingSelector() {
        launchAs(WORK, WORK, "", "plain").refuses(121, "V=plain");
    }

    @Test
    void knowsSupplementaryGroups() {
        launchAs(WORK, WORK, "" + TEAM, "team-key").succeeds();
        launchAs(WORK, WORK, "" + (TEAM + 1), "team-key").refuses(121);
        launchAs(WORK, WORK, "" + TEAM, "plain").refuses(121);
    }

    @Test
    void knowsTheGid() {
        launchAs(WORK, TEAM, "", "gid-key").succeeds();
        launchAs(WORK, TEAM + 1, "", "gid-key").refuses(121);
    }

    @Test
    void firstMatchDecides() {
        // The gid's rule stands below the groups' rule, which this caller matches too.
        launchAs(WORK, TEAM, "" + TEAM, "gid-key").refuses(121);
    }

    @Test
    void knowsTheListener() {
        String side = agent.folder().resolve("side/agent.sock").toString();
        agent.launchAs(WORK, WORK, "", "--socket", side, "--secret", "V=side-key", "--", "true")
                .succeeds();
        agent.launchAs(FLOW, FLOW, "", "--socket", side, "--secret", "V=plain", "--", "true")
                .refuses(121);
    }

    @Test
    void servesAScopedSecretOnlyToItsScopes() {
        launchAs(FLOW, FLOW, "", "scoped-service").succeeds();
        launchAs(FLOW, FLOW, "", "scoped-provider").refuses(121, "V=scoped-provider");
    }

    @Test
    void theUidIsTheEffectiveOneAtConnect() {
        // Root that became the flow user is the flow user, whatever it was before.
        launchAs(FLOW, 0, "0", "plain").succeeds();
    }

    @Test
    void hintsOnlyAtNamesTheCallerMayHave() {
        launchAs(WORK, WORK, "" + TEAM, "team-kye").refuses(122, "V=team-kye").says("team-key");
        launchAs(FLOW, FLOW, "", "root-pasword").refuses(121).saysNot("root-password");
    }

    @Test
    void mayNotNameAnotherProjectThanItsRuleAllows() {
        agent.launchAs(FLOW, FLOW, "", "--project", "other", "--secret", "V=plain", "--", "true")
                .refuses(121);
    }

    @Test
    void everyDecisionIsInTheAuditLog() {
        launchAs(WORK, WORK, "", "plain").refuses(121);
        Finished query = agent.does("audit", "query", "--secret", "plain", "--format", "json");
        assertTrue(query.output().contains(Integer.toString(WORK)), query::toString);
    }

    @Test
    void explainsTheDecidingRule() {
        Finished allowed = agent.admin(
                        "explain", "--uid", "" + FLOW, "--gid", "" + FLOW, "--format", "json", "store:plain")
                .run()
                .succeeds();
        JsonNode answer = Json.parse(allowed.output()).get(0);
        assertEquals("flow", answer.get("rule").asString());
        assertTrue(answer.get("decision").asString().startsWith("allow"), allowed::toString);
    }

    @Test
    void explainsWhichSelectorFailed() {
        Finished denied = agent.admin("explain", "--uid", "" + WORK, "--format", "json", "plain")
                .run()
                .exits(1);
        JsonNode answer = Json.parse(denied.output()).get(0);
        assertTrue(answer.get("decision").asString().startsWith("den"), denied::toString);
        assertTrue(answer.get("rule").isNull(), denied::toString);
        assertTrue(answer.get("reason").asString().contains("uid"), denied::toString);
    }

    @Test
    void anotherUidReadsNothingOfTheState() {
        for (String file : new String[] {"", "/audit.log"}) {
            Finished read = Command.of(
                            Machine.as(WORK, WORK, "", "sh", "-c", "cat \"$0\" || ls \"$0\"", agent.state() + file))
                    .run();
            assertTrue(read.status() != 0, read::toString);
            assertEquals("", read.output());
        }
    }

    @Test
    void anotherUidAdministersNothing() {
        Finished refused = Command.of(Machine.as(
                        WORK,
                        WORK,
                        "",
                        Machine.python(),
                        "-c",
                        "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])",
                        agent.state().resolve("admin.sock").toString()))
                .run();
        assertTrue(refused.status() != 0 && refused.errors().contains("PermissionError"), refused::toString);
    }
}
