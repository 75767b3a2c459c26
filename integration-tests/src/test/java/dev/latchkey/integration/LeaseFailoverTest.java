package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A lease that three nodes keep, of which the leader is killed. */
final class LeaseFailoverTest {
    /** Longer than an election takes, or it would end with the leader. */
    private static final Duration LEASE = Duration.ofSeconds(20);

    private static String yaml(VaultCluster cluster) {
        String addresses = cluster.addresses().stream().map(a -> '"' + a + '"').collect(Collectors.joining(", "));
        return """
                providers:
                  store: {type: store}
                  vault: {type: vault, address: [%s], engine: dynamic, mount: rabbitmq/creds, auth: {method: token, token: %s}}
                cache: {ttl: 0}
                """.formatted(addresses, cluster.token());
    }

    @Test
    void theNextLeaderRenewsWhatAProgramHoldsAndRevokesItAfterThat() {
        try (VaultCluster cluster = VaultCluster.started(3);
                TestBroker broker = new TestBroker();
                BrokerPrograms programs = new BrokerPrograms();
                TestAgent agent = TestAgent.prepared()) {
            broker.serveUsersOf(cluster::does, LEASE.toSeconds() + "s");
            agent.configured(yaml(cluster)).start();
            BrokerPrograms.Program program = programs.run(agent);

            cluster.killLeader();
            long end = System.nanoTime() + LEASE.plusSeconds(5).toNanos();
            Await.until("its lease would have ended with the leader", () -> {
                assertTrue(broker.has(program.user()), "the user lives while the program runs");
                return System.nanoTime() - end > 0;
            });
            assertEquals(1, BrokerPrograms.leases(agent).get("held").asInt());

            program.process().destroyForcibly();

            Await.until("its user is gone", () -> !broker.has(program.user()));
            Await.until(
                    "no lease is left",
                    () -> BrokerPrograms.leases(agent).get("count").asInt() == 0);
            assertFalse(agent.log().contains("lease-ends"), agent::log);
            assertFalse(agent.log().contains("leases-not"), agent::log);
        }
    }
}
