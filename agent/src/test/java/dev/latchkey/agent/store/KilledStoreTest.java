package dev.latchkey.agent.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.SecretValue;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** T4: a writing process is killed again and again, and nothing that it acknowledged is lost. */
class KilledStoreTest {
    private static final boolean FULL = Boolean.getBoolean("latchkey.full");
    private static final int ROUNDS = FULL ? 1000 : 20;
    private static final int LINES = 40;

    @TempDir
    private Path folder;

    /** What was acknowledged last for a name. */
    private record Acknowledged(long version, String hex) {}

    @Test
    void losesNothingAcknowledgedAndShowsNothing() throws Exception {
        Path state = folder.resolve("state");
        Map<String, Acknowledged> latest = new HashMap<>();
        List<byte[]> canaries = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            for (String line : writeUntilKilled(state)) {
                String[] parts = line.split(" ", -1);
                latest.put(parts[0], new Acknowledged(Long.parseLong(parts[1]), parts[2]));
                canaries.add(HexFormat.of().parseHex(parts[2]));
            }
            assertPrivate(state);
            assertHolds(state, latest);
        }
        for (byte[] canary : canaries) {
            assertFalse(Canary.occursIn(state, canary));
        }
    }

    /** Kills after some lines, at whatever the process is doing then. */
    private static List<String> writeUntilKilled(Path state) throws Exception {
        Process process = ChildStore.start(state);
        List<String> acknowledged = new ArrayList<>();
        int lines = ThreadLocalRandom.current().nextInt(1, LINES);
        try (BufferedReader output = ChildStore.output(process)) {
            while (acknowledged.size() < lines) {
                String line = output.readLine();
                assertNotNull(line, "the process ended by itself");
                acknowledged.add(line);
            }
            // Unlike the process itself, its handle leaves the output open, so that the last acknowledgements are read.
            assertTrue(process.toHandle().destroyForcibly(), "killed");
            output.lines()
                    .filter(line -> line.matches("s\\d \\d+ [0-9a-f]{64}"))
                    .forEach(acknowledged::add);
        }
        process.waitFor();
        return acknowledged;
    }

    private static void assertHolds(Path folder, Map<String, Acknowledged> latest) {
        try (StateFolder state = StateFolder.open(folder, (_, _) -> {});
                EmbeddedStore store = ChildStore.open(state)) {
            for (Map.Entry<String, Acknowledged> entry : latest.entrySet()) {
                var path = StoreFixture.path(entry.getKey());
                Optional<Long> version = Optional.of(entry.getValue().version());
                Lookup.Found found = assertInstanceOf(Lookup.Found.class, store.find(path, version), entry.getKey());
                try (SecretValue value = found.secret().open()) {
                    assertEquals(entry.getValue().hex(), value.leak(HexFormat.of()::formatHex));
                }
            }
            assertEquals(List.of(), store.verify(rows -> {}).problems());
        }
    }

    private static void assertPrivate(Path state) throws Exception {
        try (Stream<Path> files = Files.walk(state)) {
            for (Path file : files.toList()) {
                String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
                assertTrue(mode.endsWith("------"), file + " is " + mode);
            }
        }
    }
}
