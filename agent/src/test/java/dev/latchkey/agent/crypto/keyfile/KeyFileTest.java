package dev.latchkey.agent.crypto.keyfile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.crypto.AuthenticationException;
import dev.latchkey.agent.crypto.KeyContext;
import dev.latchkey.agent.crypto.KeyMemory;
import dev.latchkey.agent.crypto.WrappedKey;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.memory.LockedMemory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyFileTest {
    private static final KeyContext CONTEXT = new KeyContext("store", "project default", "key");
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-05-06T07:08:09.5Z"), ZoneOffset.UTC);

    private final SecureRandom random = new SecureRandom();
    private final KeyMemory memory = new KeyMemory(new LockedMemory(_ -> {}));

    @TempDir
    private Path folder;

    private Path path;
    private KeyFile file;

    @BeforeEach
    void nameTheFile() {
        path = folder.resolve("kek");
        file = new KeyFile(path, CLOCK, random, memory);
    }

    private static String mode(Path path) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private byte[] key() {
        byte[] key = new byte[32];
        random.nextBytes(key);
        return key;
    }

    private AgentException refusal() {
        AgentException refused = assertThrows(AgentException.class, file::generations);
        assertEquals(FailureKind.STATE_UNUSABLE, refused.kind());
        assertTrue(refused.failure().message().contains(path.toString()));
        assertTrue(refused.failure().hint().isPresent());
        return refused;
    }

    @Test
    void isNotThereUntilItIsMade() {
        assertEquals(List.of(), file.generations());
        AgentException refused = assertThrows(AgentException.class, () -> file.wrap(key(), CONTEXT));
        assertEquals(FailureKind.STATE_UNUSABLE, refused.kind());
    }

    @Test
    void isMadeForItsOwnerAlone() throws Exception {
        file.create();

        assertEquals("rw-------", mode(path));
        assertEquals(1, file.generations().size());
        assertEquals(
                Instant.parse("2026-05-06T07:08:09Z"),
                file.generations().getFirst().since());
        try (var names = Files.list(folder)) {
            assertEquals(List.of(path), names.toList());
        }
    }

    @Test
    void isNeverMadeOverAnything() throws Exception {
        Files.writeString(path, "something else");

        AgentException refused = assertThrows(AgentException.class, file::create);

        assertEquals(FailureKind.ALREADY_EXISTS, refused.kind());
        assertEquals("something else", Files.readString(path));
    }

    @Test
    void unwrapsWhatItWrappedForTheSameUseOnly() throws Exception {
        file.create();
        byte[] key = key();

        WrappedKey wrapped = file.wrap(key, CONTEXT);

        assertArrayEquals(key, new KeyFile(path, CLOCK, random, memory).unwrap(wrapped, CONTEXT));
        for (KeyContext other : List.of(
                new KeyContext("other", "project default", "key"),
                new KeyContext("store", "project other", "key"),
                new KeyContext("store", "project default", "other"))) {
            assertThrows(AuthenticationException.class, () -> file.unwrap(wrapped, other));
        }
    }

    @Test
    void opensOldWrapsWhileItIsRotatedAndNotAfterwards() throws Exception {
        file.create();
        byte[] key = key();
        WrappedKey old = file.wrap(key, CONTEXT);

        file.addGeneration();
        WrappedKey fresh = file.wrap(key, CONTEXT);
        assertNotEquals(old.kek(), fresh.kek());
        assertArrayEquals(key, file.unwrap(old, CONTEXT));

        file.dropOldGenerations();
        assertArrayEquals(key, file.unwrap(fresh, CONTEXT));
        assertThrows(AuthenticationException.class, () -> file.unwrap(old, CONTEXT));
        assertEquals("rw-------", mode(path));
    }

    @Test
    void doesNotGrowWhenRotationsAreCutShort() {
        file.create();
        file.addGeneration();
        String newest = file.generations().getFirst().id();

        file.addGeneration();

        assertEquals(2, file.generations().size());
        assertEquals(newest, file.generations().getFirst().id());
    }

    @Test
    void replacesALeftoverOfACutRotation() throws Exception {
        file.create();
        Files.writeString(folder.resolve("kek.new"), "half");

        file.addGeneration();

        assertEquals(2, file.generations().size());
        assertFalse(Files.exists(folder.resolve("kek.new")));
    }

    @Test
    void isRefusedWhenOthersCanReadIt() throws Exception {
        file.create();
        for (String mode : List.of("rw----r--", "rw--w----", "rw-rw----", "rw------x")) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
            assertTrue(refusal().failure().message().contains("open to others"));
        }
    }

    @Test
    void isRefusedWhenItIsDamagedAnywhere() throws Exception {
        file.create();
        byte[] good = Files.readAllBytes(path);
        for (int at = 0; at < good.length; at++) {
            byte[] bad = good.clone();
            bad[at] ^= 1;
            Files.write(path, bad);
            refusal();
        }
    }

    @Test
    void isRefusedWhenItIsCutEmptyOrLonger() throws Exception {
        file.create();
        byte[] good = Files.readAllBytes(path);
        for (int length : new int[] {0, 1, 15, good.length - 1, good.length + 1, 5000}) {
            Files.write(path, Arrays.copyOf(good, length));
            refusal();
        }
    }

    @Test
    void isRefusedWhenItIsAFolder() throws Exception {
        Files.createDirectory(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));

        assertTrue(refusal().failure().message().endsWith("is not a file"));
    }

    @Test
    void isFoundAtTheEndOfALink() throws Exception {
        file.create();
        Path link = Files.createSymbolicLink(folder.resolve("link"), path);

        assertEquals(file.generations(), new KeyFile(link, CLOCK, random, memory).generations());
    }

    @Test
    void isExportedToAPathWhereNothingIs() throws Exception {
        file.create();
        Path copy = folder.resolve("copy");

        file.export(copy);

        assertEquals("rw-------", mode(copy));
        assertArrayEquals(Files.readAllBytes(path), Files.readAllBytes(copy));
        AgentException refused = assertThrows(AgentException.class, () -> file.export(copy));
        assertEquals(FailureKind.ALREADY_EXISTS, refused.kind());
        assertEquals(
                FailureKind.STATE_UNUSABLE,
                assertThrows(AgentException.class, () -> file.export(folder.resolve("no/copy")))
                        .kind());
    }

    @Test
    void saysNothingOfTheKeyWhenItRefuses() throws Exception {
        file.create();
        String text = Files.readString(path);
        String key = text.substring(text.lastIndexOf(' ') + 1).strip();
        Files.writeString(path, text.replace(key, "zz" + key.substring(2)));

        assertFalse(refusal().toString().contains(key.substring(2, 20)));
    }
}
