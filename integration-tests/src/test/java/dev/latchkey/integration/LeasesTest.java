package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Users of a broker that a real server makes under leases of three seconds, and the processes that hold them. */
final class LeasesTest {
    private static final String TTL = "3s";
    private static final long LEASE = 3_000_000_000L;

    private final List<Process> launched = new ArrayList<>();
    private final TestBroker broker = new TestBroker();
    private final Canary token = Canary.of("root-" + UUID.randomUUID());
    private Optional<TestVault> vault = Optional.empty();

    @BeforeEach
    void startServer() {
        vault = TestVault.real(token.utf8());
        vault.ifPresent(server -> broker.serveUsersOf(server, TTL));
    }

    @AfterEach
    void endAll() {
        launched.forEach(Process::destroyForcibly);
        vault.ifPresent(TestVault::close);
        broker.close();
    }

    private TestAgent agent(String ttl) {
        assumeTrue(vault.isPresent(), "needs bao or vault in PATH");
        TestAgent agent = TestAgent.prepared();
        agent.plant(token);
        agent.env("BROKER_TOKEN", token.utf8());
        return agent.configured("providers:\n  store: {type: store}\n  "
                        + vault.orElseThrow().yaml("${env:BROKER_TOKEN}", ", engine: dynamic, mount: rabbitmq/creds")
                        + "\ncache: {ttl: " + ttl + "}\n")
                .start();
    }

    /**
     * A program that runs until it is killed.
     *
     * @param user of the broker, as it got it
     */
    private record Program(Process process, String user) {}

    private Program run(TestAgent agent) {
        Path told = agent.folder().resolve("user-" + launched.size());
        String script = "printf %s \"$USER_OF_BROKER\" > \"$1.part\" && mv \"$1.part\" \"$1\" && exec sleep 300";
        try {
            Process process = agent.launcher(
                            "--secret",
                            "USER_OF_BROKER=vault:app#username",
                            "--secret",
                            "PASSWORD=vault:app#password",
                            "--",
                            "sh",
                            "-c",
                            script,
                            "sh",
                            told.toString())
                    .start();
            launched.add(process);
            Await.until("the program runs", () -> Files.exists(told));
            return new Program(process, Files.readString(told));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode leases(TestAgent agent) {
        for (JsonNode provider :
                Json.parse(agent.does("status", "--format", "json").output()).get("providers")) {
            if (provider.get("name").asString().equals("vault")) {
                return provider.get("leases");
            }
        }
        throw new AssertionError("status does not show the provider");
    }

    private void outlivesItsLease(Program program) {
        long end = System.nanoTime() + 3 * LEASE;
        Await.until("three times its lease have passed", () -> {
            assertTrue(broker.has(program.user()), "the user lives while the program runs");
            return System.nanoTime() - end > 0;
        });
    }

    @Test
    void aUserLivesAsLongAsTheProgramThatGotIt() {
        try (TestAgent agent = agent("0")) {
            Program program = run(agent);
            outlivesItsLease(program);
            assertEquals(1, leases(agent).get("held").asInt());

            program.process().destroyForcibly();

            Await.until("its user is gone", () -> !broker.has(program.user()));
            Await.until("no lease is left", () -> leases(agent).get("count").asInt() == 0);
            assertFalse(agent.log().contains("rabbitmq/creds/app/"), "no id of a lease is logged");
        }
    }

    @Test
    void aUserOfTwoProgramsGoesWithTheLast() {
        try (TestAgent agent = agent("5s")) {
            Program one = run(agent);
            Program other = run(agent);
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
            Program ended = run(agent);
            Program program = run(agent);
            ended.process().destroyForcibly();
            Await.until(
                    "one of them holds a lease still",
                    () -> leases(agent).get("held").asInt() == 1);

            assertEquals(0, agent.stop());

            assertTrue(broker.has(program.user()), "it was not revoked");
            Await.until("it ends by itself", () -> !broker.has(program.user()));
            assertTrue(program.process().isAlive());
        }
    }
}
