package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The store under a key of a real Transit engine: moving to it and from it, and what holds while it is away. */
final class KeyServicesTest {
    private static VaultCluster vault;

    @BeforeAll
    static void start() {
        vault = VaultCluster.started(1);
        vault.does("/v1/sys/mounts/transit", "{\"type\":\"transit\"}");
    }

    @AfterAll
    static void stop() {
        if (vault != null) {
            vault.close();
        }
    }

    private static String transit(String key) {
        return "{type: vault-transit, key: %s, address: \"%s\", retries: 0, auth: {method: token, token: %s}}"
                .formatted(key, vault.addresses().getFirst(), vault.token());
    }

    private static TestAgent keyed(TestAgent agent, String... keys) {
        return agent.configured("providers: {store: {type: store, key: [" + String.join(", ", keys) + "]}}\n");
    }

    private static void restarted(TestAgent agent, String... keys) {
        agent.stop();
        keyed(agent, keys).start();
    }

    /** Changes the keys of a running agent. */
    private static void reloaded(TestAgent agent, String... keys) {
        keyed(agent, keys).signal("HUP");
        Await.until("the keys are in force", () -> {
            String listed = agent.does("key", "status", "--format", "json").output();
            return listed.split("\"kind\"", -1).length - 1 == keys.length;
        });
    }

    @Test
    void movesFromAFileToTransitAndBackWithoutARestart() throws IOException {
        vault.does("/v1/transit/keys/live", "{}");
        vault.does("/v1/transit/keys/other", "{}");
        String transit = transit("live");
        try (TestAgent agent = TestAgent.prepared()) {
            Path file = agent.folder().resolve("kek");
            String old = "{type: file, path: " + file + "}";
            keyed(agent, old).start();
            Canary canary = agent.put("a");

            reloaded(agent, old, transit);
            agent.does("key", "rotate");
            reloaded(agent, transit);
            agent.does("key", "rotate");
            Files.delete(file);
            agent.assertDelivers("A", canary, "--secret", "A=a");

            keyed(agent, transit("other")).signal("HUP");
            Await.until("other keys are refused", () -> agent.log().contains("configuration-refused"));
            assertTrue(agent.log().contains("/transit/keys/other has key transit/other:v1:"), agent::log);
            String status = agent.does("key", "status").output();
            assertTrue(status.contains("transit/live:v1:"), status);

            reloaded(agent, transit, old);
            agent.does("key", "rotate");
            reloaded(agent, old);
            agent.killHard();
            agent.start();
            agent.assertDelivers("A", canary, "--secret", "A=a");
        }
    }

    @Test
    void movesFromAFileToTransitAndBack() throws IOException {
        vault.does("/v1/transit/keys/moving", "{}");
        String transit = transit("moving");
        try (TestAgent agent = TestAgent.prepared()) {
            Path file = agent.folder().resolve("kek");
            String old = "{type: file, path: " + file + "}";
            keyed(agent, old).start();
            Canary canary = agent.put("a");

            restarted(agent, old, transit);
            String rotated = agent.does("key", "rotate").output();
            assertTrue(rotated.contains("transit/moving:v1:"), rotated);
            restarted(agent, transit);
            agent.does("key", "rotate");
            Files.delete(file);
            restarted(agent, transit);
            agent.assertDelivers("A", canary, "--secret", "A=a");

            vault.does("/v1/transit/keys/moving/rotate", "{}");
            rotated = agent.does("key", "rotate").output();
            assertTrue(rotated.contains("transit/moving:v2:"), rotated);
            vault.does("/v1/transit/keys/moving/config", "{\"min_decryption_version\":2}");

            restarted(agent, transit, old);
            agent.does("key", "rotate");
            restarted(agent, old);
            agent.assertDelivers("A", canary, "--secret", "A=a");
        }
    }

    @Test
    void servesWhileTransitIsAwayAndOpensWithAnotherKey() throws IOException {
        vault.does("/v1/transit/keys/away", "{}");
        String transit = transit("away");
        try (TestAgent agent = TestAgent.prepared()) {
            Path file = agent.folder().resolve("kek");
            String local = "{type: file, path: " + file + "}";
            keyed(agent, transit, local).start();
            Canary canary = agent.put("a");
            agent.does("key", "rotate");
            vault.killLeader();
            try {
                agent.assertDelivers("A", canary, "--secret", "A=a");
                restarted(agent, transit, local);
                agent.assertDelivers("A", canary, "--secret", "A=a");
                Await.until("it is said", () -> agent.log().contains("key-away"));
                String status = agent.does("status").output();
                assertTrue(status.contains("vault-transit cannot be used: "), status);
                String keys = agent.does("key", "status").output();
                assertTrue(keys.contains("cannot be used: vault-transit transit/away cannot be reached"), keys);
                agent.does("project", "create", "late");

                agent.stop();
                byte[] kept = Files.readAllBytes(file);
                Files.delete(file);
                Finished refused =
                        keyed(agent, transit, local).runCommand().run().exits(1);
                assertTrue(refused.errors().contains("the store cannot be opened: "), refused::toString);
                assertTrue(refused.errors().contains(file + " is not there"), refused::toString);
                assertTrue(
                        refused.errors().contains("vault-transit transit/away cannot be reached"), refused::toString);
                assertFalse(Files.exists(file), "no key is made where one was lost");
                ownersOnly(file, kept);
            } finally {
                vault.restart();
            }
            agent.start();
            Await.until(
                    "what was made meanwhile is wrapped",
                    () -> !agent.does("key", "status").output().contains("cannot be used"));
            agent.stop();
            Files.delete(file);
            keyed(agent, transit).start();
            agent.assertDelivers("A", canary, "--secret", "A=a");
            assertTrue(agent.does("project", "list").output().contains("late"), "what was made meanwhile is there");
        }
    }

    private static void ownersOnly(Path file, byte[] bytes) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(file, bytes);
    }

    @Test
    void aKeyThatOpensNothingIsRefusedAndNamed() {
        vault.does("/v1/transit/keys/right", "{}");
        vault.does("/v1/transit/keys/wrong", "{}");
        try (TestAgent agent = TestAgent.prepared()) {
            keyed(agent, transit("right")).start();
            agent.put("a");
            agent.stop();

            Finished refused = keyed(agent, transit("wrong")).runCommand().run().exits(1);

            assertTrue(refused.errors().contains("/transit/keys/wrong has key transit/wrong:v1:"), refused::toString);
            assertTrue(refused.errors().contains("it opens with key transit/right:v1:"), refused::toString);
        }
    }
}
