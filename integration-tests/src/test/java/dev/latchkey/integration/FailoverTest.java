package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Launches from a Vault of three nodes whose leader is killed. */
final class FailoverTest {
    /** The same secret, by the list of all nodes and by one standby alone. A value counts for a millisecond, so that each launch asks. */
    private static String yaml(VaultCluster cluster) {
        String backend = "mount: kv, auth: {method: token, token: %s}".formatted(cluster.token());
        return """
                providers:
                  store: {type: store}
                  vault: {type: vault, address: [%s], %s}
                  standby: {type: vault, address: %s, %s}
                cache: {ttl: 1ms, stale-if-error: 10m}
                """.formatted(
                String.join(
                        ", ",
                        cluster.addresses().stream().map(a -> '"' + a + '"').toList()),
                backend,
                '"' + cluster.addresses().getFirst() + '"',
                backend);
    }

    private static Finished fresh(TestAgent agent, String provider) {
        return agent.launch("--max-age", "1ms", "--secret", "V=" + provider + ":web", "--", "sh", "-c", "echo $V");
    }

    private static int launchUntil(TestAgent agent, AtomicBoolean end) {
        int launches = 0;
        while (!end.get()) {
            Finished one = agent.launch("--secret", "V=vault:web", "--", "sh", "-c", "echo $V");
            assertEquals("0 before\n", one.status() + " " + one.output(), one::toString);
            launches++;
        }
        return launches;
    }

    @Test
    void launchesGoOnWhenTheLeaderIsKilled() {
        try (VaultCluster cluster = VaultCluster.started(3);
                TestAgent agent = TestAgent.prepared()) {
            cluster.does("/v1/sys/mounts/kv", "{\"type\":\"kv\",\"options\":{\"version\":\"2\"}}");
            cluster.does("/v1/kv/data/web", "{\"data\":{\"value\":\"before\"}}");
            agent.configured(yaml(cluster)).start();
            for (String provider : List.of("vault", "standby")) {
                Await.until(
                        provider + " has it",
                        () -> fresh(agent, provider).output().equals("before\n"));
            }
            AtomicBoolean end = new AtomicBoolean();
            CompletableFuture<Integer> meanwhile = Command.inBackground(() -> launchUntil(agent, end));

            cluster.killLeader();
            long killed = System.nanoTime();
            for (String provider : List.of("vault", "standby")) {
                Await.until("launches get fresh values of " + provider, () -> {
                    Finished one = fresh(agent, provider);
                    assertTrue(one.status() == 0 || one.status() == 123, one::toString);
                    return one.status() == 0;
                });
            }
            Duration failover = Duration.ofNanos(System.nanoTime() - killed);
            end.set(true);

            assertTrue(meanwhile.join() > 0, "launches that take a stale value went on, " + failover);
            cluster.does("/v1/kv/data/web", "{\"data\":{\"value\":\"after\"}}");
            // A standby may answer what it has, which is soon what the new leader has.
            Await.until(
                    "the new leader's value is there",
                    () -> fresh(agent, "vault").succeeds().output().equals("after\n"));
            agent.assertDelivers(
                    "V", "after".getBytes(StandardCharsets.UTF_8), "--max-age", "1ms", "--secret", "V=vault:web");
        }
    }
}
