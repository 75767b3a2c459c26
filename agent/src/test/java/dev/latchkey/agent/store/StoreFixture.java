package dev.latchkey.agent.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.crypto.KeyEncryptionKey;
import dev.latchkey.agent.crypto.KeyMemory;
import dev.latchkey.agent.crypto.keyfile.KeyFile;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.memory.LockedMemory;
import dev.latchkey.agent.secret.EnvironmentName;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.NamingRule;
import dev.latchkey.agent.secret.ProjectName;
import dev.latchkey.agent.secret.SecretName;
import dev.latchkey.agent.secret.SecretPath;
import dev.latchkey.agent.secret.SecretStore;
import dev.latchkey.agent.secret.SecretStore.Details;
import dev.latchkey.agent.secret.SecretStore.Written;
import dev.latchkey.agent.secret.SecretValue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.function.Executable;

/** A store in a folder of its own, with a clock that a test sets. */
final class StoreFixture implements AutoCloseable {
    static final Instant START = Instant.parse("2026-02-03T04:05:06.789Z");

    /** Of all tests, because its segments stay as long as the process. */
    private static final KeyMemory KEYS = new KeyMemory(new LockedMemory(_ -> {}));

    final Path folder;
    final List<String> heard = new CopyOnWriteArrayList<>();
    final List<Path> keyFiles;
    final List<KeyEncryptionKey> remote = new ArrayList<>();
    Duration patience = Duration.ofSeconds(10);
    Instant now = START;
    Schema schema = Schema.CURRENT;
    private @Nullable StateFolder state;

    @SuppressWarnings("NullAway.Init") // set by open(), which every test calls first
    EmbeddedStore store;

    StoreFixture(Path folder, String... keyFiles) {
        this.folder = folder.resolve("state");
        List<String> names = keyFiles.length == 0 ? List.of("state/kek") : Arrays.asList(keyFiles);
        this.keyFiles = new ArrayList<>(names.stream().map(folder::resolve).toList());
    }

    StoreFixture open() {
        StateFolder locked = StateFolder.open(folder, (_, _) -> {});
        try {
            StoreConfig config = new StoreConfig(keks(), KEYS, NamingRule.ANY, patience);
            store = new StoreOpening(locked, config, listener(), clock(), new SecureRandom(), schema).open();
            state = locked;
        } finally {
            if (state == null) {
                locked.close();
            }
        }
        return this;
    }

    List<KeyEncryptionKey> keks() {
        Stream<KeyEncryptionKey> files =
                keyFiles.stream().map(path -> new KeyFile(path, clock(), new SecureRandom(), KEYS));
        return Stream.concat(files, remote.stream()).toList();
    }

    private StoreListener listener() {
        return new StoreListener() {
            @Override
            public void keyCreated(String where) {
                heard.add("key " + where);
            }

            @Override
            public void keyAway(String where, String reason) {
                heard.add("away " + where + ": " + reason);
            }

            @Override
            public void keyBack(String where) {
                heard.add("back " + where);
            }

            @Override
            public void migrated(int from, int to, Path backup) {
                heard.add("migrated " + from + " to " + to + " keeping " + backup.getFileName());
            }
        };
    }

    Clock clock() {
        return new Clock() {
            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return InstantSource.fixed(now).withZone(zone);
            }

            @Override
            public Instant instant() {
                return now;
            }
        };
    }

    void reopen() {
        close();
        open();
    }

    @Override
    public void close() {
        StateFolder locked = state;
        if (locked != null) {
            state = null;
            store.close();
            locked.close();
        }
    }

    /** Changes the database behind the store's back; the store must be closed. */
    void sql(String... statements) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("store.db"));
                var statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    static SecretPath path(String name) {
        return new SecretPath(Namespace.DEFAULT, new SecretName(name));
    }

    static SecretPath path(String project, String environment, String name) {
        return new SecretPath(
                new Namespace(new ProjectName(project), new EnvironmentName(environment)), new SecretName(name));
    }

    static SecretValue value(String text) {
        return SecretValue.owning(text.getBytes(StandardCharsets.UTF_8));
    }

    Written put(String name, String value) {
        return put(path(name), value);
    }

    Written put(SecretPath path, String value) {
        try (SecretValue bytes = value(value)) {
            return store.put(path, bytes, Details.NONE, Optional.empty());
        }
    }

    Written put(String name, String value, Instant expires) {
        try (SecretValue bytes = value(value)) {
            return store.put(path(name), bytes, Details.NONE, Optional.of(expires));
        }
    }

    String read(String name) {
        return read(path(name), Optional.empty());
    }

    String read(String name, long version) {
        return read(path(name), Optional.of(version));
    }

    String read(SecretPath path, Optional<Long> version) {
        Lookup.Found found = assertInstanceOf(Lookup.Found.class, store.find(path, version));
        try (var secret = found.secret();
                SecretValue value = secret.open()) {
            assertEquals(Optional.of(value.size()), secret.size());
            return value.leak(bytes -> new String(bytes, StandardCharsets.UTF_8));
        }
    }

    /** As {@link #read(String)}, but opened outside the heap. */
    String readDirect(String name) {
        Lookup.Found found = assertInstanceOf(Lookup.Found.class, store.find(path(name), Optional.empty()));
        try (var secret = found.secret()) {
            ByteBuffer room = ByteBuffer.allocateDirect(secret.size().orElseThrow());
            secret.openInto(room);
            assertFalse(room.hasRemaining());
            return StandardCharsets.UTF_8.decode(room.flip()).toString();
        }
    }

    Failure absent(String name) {
        return absent(path(name), Optional.empty());
    }

    Failure absent(SecretPath path, Optional<Long> version) {
        return assertInstanceOf(Lookup.Absent.class, store.find(path, version)).failure();
    }

    long current(String name) {
        return store.show(path(name)).version().orElseThrow();
    }

    static void assertFailure(FailureKind kind, String message, Failure failure) {
        assertEquals(message, failure.message());
        assertEquals(kind, failure.kind());
    }

    static void assertRefused(FailureKind kind, String message, Executable command) {
        assertFailure(kind, message, assertThrows(AgentException.class, command).failure());
    }

    static Failure assertUnusable(String part, Executable command) {
        Failure failure = assertThrows(AgentException.class, command).failure();
        assertEquals(FailureKind.STATE_UNUSABLE, failure.kind());
        assertTrue(failure.message().contains(part), failure.message());
        assertTrue(failure.hint().isPresent(), "a hint");
        return failure;
    }

    static Written written(long version, SecretStore.Written.Effect effect) {
        return new Written(version, effect);
    }
}
