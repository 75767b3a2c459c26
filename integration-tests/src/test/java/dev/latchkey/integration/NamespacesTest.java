package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Callers and agents in namespaces of their own, as containers and sidecars are. */
final class NamespacesTest {
    private static final int FLOW = 54021;

    @BeforeEach
    void rootOnly() {
        Machine.needsRoot();
        Machine.needs("setpriv");
        Machine.needs("unshare");
    }

    /** Rules for the socket that shows pids, for the one that need not, and for root. */
    private static TestAgent configured(TestAgent agent) {
        return agent.openedToOthers().configured("""
                sockets:
                  - {name: main, path: %s, mode: "0666"}
                  - {name: side, path: %s, mode: "0666", pid: any}
                workloads:
                  - {name: side, match: {listener: side, uid: [%d, 0]}, allow: ["store:side"]}
                  - {name: flow, match: {uid: %d}, allow: ["store:flow"]}
                  - {name: root, match: {uid: 0}, allow: ["store:**"]}
                  - {name: all-of-main, match: {listener: main}, allow: ["store:**"]}
                """.formatted(agent.socket(), side(agent), FLOW, FLOW));
    }

    private static String side(TestAgent agent) {
        return agent.folder().resolve("side/agent.sock").toString();
    }

    private static Finished launch(TestAgent agent, String socket, String secret) {
        return agent.launchAs(
                FLOW, FLOW, "", "--agent-user", "0", "--socket", socket, "--secret", "V=" + secret, "--", "true");
    }

    @Test
    void aCallerWhosePidCannotBeSeenIsServedOnlyBySocketsThatTakeItAndRulesThatNameThem() {
        try (TestAgent agent = configured(TestAgent.prepared())
                .startedBy("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")) {
            agent.begin();
            Await.until(
                    "the agent serves",
                    () -> agent.launcher("--socket", side(agent), "--wait", "0", "--check")
                                    .run()
                                    .status()
                            == 0);
            agent.put("side");
            agent.put("flow");

            launch(agent, side(agent), "side").succeeds();
            launch(agent, side(agent), "flow").refuses(121, "V=flow");
            launch(agent, agent.socket().toString(), "flow").refuses(121, "another PID namespace");
        }
    }

    @Test
    void aCallerInANamespaceBelowTheAgentsHasAPidThere() {
        try (TestAgent agent = configured(TestAgent.prepared()).start()) {
            agent.put("flow");
            String[] words = Machine.as(FLOW, FLOW, "", agent.launcherForOthers(), "--secret", "V=flow", "--", "true");
            Command.of(unshared(List.of("--pid", "--fork"), words))
                    .env("LATCHKEY_SOCKET", agent.socket().toString())
                    .run()
                    .succeeds();
        }
    }

    @Test
    void rootOfAUserNamespaceIsTheUserThatMadeItAndNotRoot() {
        try (TestAgent agent = configured(TestAgent.prepared()).start()) {
            agent.put("flow");
            agent.put("roots");
            for (String secret : new String[] {"flow", "roots"}) {
                String[] inside = {
                    "unshare",
                    "--user",
                    "--map-root-user",
                    agent.launcherForOthers(),
                    "--agent-user",
                    "65534",
                    "--secret",
                    "V=" + secret,
                    "--",
                    "true"
                };
                Finished finished = Command.of(Machine.as(FLOW, FLOW, "", inside))
                        .env("LATCHKEY_SOCKET", agent.socket().toString())
                        .run();
                if (secret.equals("flow")) {
                    finished.succeeds();
                } else {
                    finished.refuses(121, "V=roots");
                }
            }
        }
    }

    @Test
    void aUserThatIsNotMappedMatchesNoRuleThatDoesNotNameIt() {
        try (TestAgent agent = configured(TestAgent.prepared())
                .startedBy("unshare", "--user", "--map-root-user", "--fork", "--kill-child")
                .start()) {
            agent.put("flow");
            launch(agent, agent.socket().toString(), "flow").refuses(121, "V=flow");
            agent.launch("--secret", "V=flow", "--", "true").succeeds();
            Finished query = agent.does("audit", "query", "--kind", "refusal", "--format", "json");
            assertTrue(query.output().contains("65534"), query::toString);
        }
    }

    private static String[] unshared(List<String> options, String... words) {
        String[] all = new String[1 + options.size() + words.length];
        all[0] = "unshare";
        for (int i = 0; i < options.size(); i++) {
            all[1 + i] = options.get(i);
        }
        System.arraycopy(words, 0, all, 1 + options.size(), words.length);
        return all;
    }
}
