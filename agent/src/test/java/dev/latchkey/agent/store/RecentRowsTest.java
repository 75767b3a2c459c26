package dev.latchkey.agent.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.latchkey.agent.crypto.KeyMemory;
import dev.latchkey.agent.memory.LockedMemory;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.SecretName;
import dev.latchkey.agent.secret.SecretPath;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RecentRowsTest {
    private static final SecretPath PATH = path("my-secret");
    private static final Optional<Long> CURRENT = Optional.empty();

    private final AtomicLong writes = new AtomicLong();
    private final AtomicInteger asked = new AtomicInteger();
    private final RecentRows recent = new RecentRows(writes::get);
    private final RowCipher cipher =
            new RowCipher(new Keyring(), new KeyMemory(new LockedMemory(_ -> {})), new SecureRandom());

    @Test
    void rowIsLookedUpOnceUntilTheNextWrite() {
        assertEquals(Optional.of(1L), number(PATH, 1, 8));
        assertEquals(Optional.of(1L), number(PATH, 2, 8));
        writes.incrementAndGet();
        assertEquals(Optional.of(3L), number(PATH, 3, 8));
        assertEquals(2, asked.get());
    }

    @Test
    void rowThatWasLookedForBeforeAWriteDoesNotCountAfterIt() {
        Optional<SealedSecret> before = recent.find(PATH, CURRENT, () -> {
            writes.incrementAndGet();
            return Optional.of(row(1, 8));
        });
        assertEquals(Optional.of(1L), before.map(RecentRowsTest::number));
        assertEquals(Optional.of(2L), number(PATH, 2, 8));
    }

    @Test
    void absenceIsNotRemembered() {
        assertEquals(Optional.empty(), recent.find(PATH, CURRENT, Optional::empty));
        assertEquals(Optional.of(1L), number(PATH, 1, 8));
    }

    @Test
    void versionsAreKeptApart() {
        assertEquals(Optional.of(2L), number(PATH, 2, 8));
        Optional<SealedSecret> pinned = recent.find(PATH, Optional.of(1L), () -> Optional.of(row(1, 8)));
        assertEquals(Optional.of(1L), pinned.map(RecentRowsTest::number));
    }

    @Test
    void whatIsKeptIsBounded() {
        int half = 1 << 19;
        for (int i = 0; i < 100; i++) {
            number(path("large-" + i), 1, half);
        }
        asked.set(0);
        for (int i = 0; i < 100; i++) {
            number(path("large-" + i), 1, half);
        }
        assertEquals(100, asked.get(), "16 of them fit, and the oldest were asked for first");
    }

    private Optional<Long> number(SecretPath path, long stored, int bytes) {
        return recent.find(path, CURRENT, () -> {
                    asked.incrementAndGet();
                    return Optional.of(row(stored, bytes));
                })
                .map(RecentRowsTest::number);
    }

    private static long number(SealedSecret secret) {
        return secret.row().number();
    }

    private static SecretPath path(String name) {
        return new SecretPath(Namespace.DEFAULT, new SecretName(name));
    }

    /** Nothing here opens it. */
    private SealedSecret row(long number, int bytes) {
        RowCipher.Sealed sealed = new RowCipher.Sealed("key", new byte[bytes]);
        StoredRow row = new StoredRow(number, Instant.EPOCH, Optional.empty(), false, sealed, Set.of());
        return new SealedSecret(PATH, row, cipher);
    }
}
