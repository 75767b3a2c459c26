package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Users of a broker that a real server makes under leases of three seconds, and the processes that hold them. */
final class LeasesTest {
    private static final String TTL = "3s";
    private static final long LEASE = 3_000_000_000L;

    /** Of whoever may have users made, and do nothing with their leases. */
    private static final String LESS_TOKEN = "less-" + UUID.randomUUID();

    private final BrokerPrograms programs = new BrokerPrograms();
    private final TestBroker broker = new TestBroker();
    private final Canary token = Canary.of("root-" + UUID.randomUUID());
    private Optional<TestVault> vault = Optional.empty();

    @BeforeEach
    void startServer() {
        vault = TestVault.real(token.utf8());
        vault.ifPresent(server -> broker.serveUsersOf(server::does, TTL));
    }

    @AfterEach
    void endAll() {
        programs.close();
        vault.ifPresent(TestVault::close);
        broker.close();
    }

    private TestAgent agent(String ttl) {
        assumeTrue(vault.isPresent(), "needs bao or vault in PATH");
        TestAgent agent = TestAgent.prepared();
        agent.plant(token);
        agent.plant(Canary.of(LESS_TOKEN));
        agent.env("BROKER_TOKEN", token.utf8()).env("LESS_TOKEN", LESS_TOKEN);
        return configured(agent, "BROKER_TOKEN", ttl).start();
    }

    private TestAgent configured(TestAgent agent, String tokenVariable, String ttl) {
        String provider =
                vault.orElseThrow().yaml("${env:" + tokenVariable + "}", ", engine: dynamic, mount: rabbitmq/creds");
        return agent.configured("providers:\n  store: {type: store}\n  " + provider + "\ncache: {ttl: " + ttl + "}\n");
    }

    private void outlivesItsLease(BrokerPrograms.Program program) {
        long end = System.nanoTime() + 3 * LEASE;
        Await.until("three times its lease have passed", () -> {
            assertTrue(broker.has(program.user()), "the user lives while the program runs");
            return System.nanoTime() - end > 0;
        });
    }

    @Test
    void aUserLivesAsLongAsTheProgramThatGotIt() {
        try (TestAgent agent = agent("0")) {
            BrokerPrograms.Program program = programs.run(agent);
            outlivesItsLease(program);
            assertEquals(1, BrokerPrograms.leases(agent).get("held").asInt());

            program.process().destroyForcibly();

            Await.until("its user is gone", () -> !broker.has(program.user()));
            Await.until(
                    "no lease is left",
                    () -> BrokerPrograms.leases(agent).get("count").asInt() == 0);
            assertFalse(agent.log().contains("rabbitmq/creds/app/"), "no id of a lease is logged");
        }
    }

    @Test
    void aUserOfTwoProgramsGoesWithTheLast() {
        try (TestAgent agent = agent("5s")) {
            BrokerPrograms.Program one = programs.run(agent);
            BrokerPrograms.Program other = programs.run(agent);
            assertEquals(one.user(), other.user());
            assertEquals(1, broker.made());

            one.process().destroyForcibly();
            outlivesItsLease(other);
            other.process().destroyForcibly();

            Await.until("the user is gone", () -> !broker.has(other.user()));
        }
    }

    @Test
    void aStopOfTheAgentLeavesToAProgramWhatItHolds() {
        try (TestAgent agent = agent("0")) {
            BrokerPrograms.Program ended = programs.run(agent);
            BrokerPrograms.Program program = programs.run(agent);
            ended.process().destroyForcibly();
            Await.until(
                    "one of them holds a lease still",
                    () -> BrokerPrograms.leases(agent).get("held").asInt() == 1);

            assertEquals(0, agent.stop());

            assertTrue(broker.has(program.user()), "it was not revoked");
            Await.until("it ends by itself", () -> !broker.has(program.user()));
            assertTrue(program.process().isAlive());
        }
    }

    @Test
    void whatIsHeldGoesOnUnderTheOldSessionWhenAReloadChangesTheProvider() {
        assumeTrue(vault.isPresent(), "needs bao or vault in PATH");
        TestVault server = vault.orElseThrow();
        String policy = "path \\\"rabbitmq/creds/app\\\" {capabilities=[\\\"read\\\"]} "
                + "path \\\"auth/token/lookup-self\\\" {capabilities=[\\\"read\\\"]}";
        server.does("/v1/sys/policies/acl/less", "{\"policy\":\"" + policy + "\"}");
        server.does(
                "/v1/auth/token/create",
                "{\"id\":\"" + LESS_TOKEN + "\",\"policies\":[\"less\"],\"no_default_policy\":true}");
        try (TestAgent agent = agent("0")) {
            BrokerPrograms.Program before = programs.run(agent);

            configured(agent, "LESS_TOKEN", "0").signal("HUP");
            Await.until(
                    "the other session lends",
                    () -> BrokerPrograms.leases(agent).get("count").asInt() == 0);
            BrokerPrograms.Program after = programs.run(agent);
            outlivesItsLease(before);
            assertFalse(broker.has(after.user()), "the other session may not renew");

            before.process().destroyForcibly();
            Await.until("the user is gone", () -> !broker.has(before.user()));
            assertFalse(agent.log().contains("leases-not-revoked"), agent::log);
        }
    }
}
