package dev.latchkey.agent.crypto.keyfile;

import dev.latchkey.agent.crypto.AuthenticationException;
import dev.latchkey.agent.crypto.Envelope;
import dev.latchkey.agent.crypto.KeyContext;
import dev.latchkey.agent.crypto.KeyEncryptionKey;
import dev.latchkey.agent.crypto.KeyMemory;
import dev.latchkey.agent.crypto.WrappedKey;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.IoReason;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A KEK in a file. */
public final class KeyFile implements KeyEncryptionKey {
    private static final int GROUP_AND_OTHERS = 0077;
    private static final int GROUP_READ = 0040;

    private final Path path;
    private final Clock clock;
    private final SecureRandom random;
    private final KeyMemory memory;

    public KeyFile(Path path, Clock clock, SecureRandom random, KeyMemory memory) {
        this.path = path.toAbsolutePath();
        this.clock = clock;
        this.random = random;
        this.memory = memory;
    }

    @Override
    public String kind() {
        return "file";
    }

    @Override
    public String where() {
        return path.toString();
    }

    @Override
    public boolean isRemote() {
        return false;
    }

    @Override
    public List<Generation> generations() {
        if (!Files.exists(path)) {
            return List.of();
        }
        return withKeys(keys ->
                keys.stream().map(k -> new Generation(k.id(), k.since())).toList());
    }

    @Override
    public void create() {
        try (StoredKey key = StoredKey.random(memory, random, clock.instant())) {
            writeNew(path, List.of(key));
        }
    }

    @Override
    public WrappedKey wrap(byte[] key, KeyContext context) {
        return withKeys(keys -> {
            StoredKey newest = keys.getFirst();
            return new WrappedKey(newest.id(), Envelope.seal(newest.key(), context.toAssociatedData(), key, random));
        });
    }

    @Override
    public byte[] unwrap(WrappedKey wrapped, KeyContext context) throws AuthenticationException {
        List<StoredKey> keys = load();
        try {
            for (StoredKey key : keys) {
                if (key.id().equals(wrapped.kek())) {
                    return Envelope.open(key.key(), context.toAssociatedData(), wrapped.bytes());
                }
            }
            throw new AuthenticationException();
        } finally {
            keys.forEach(StoredKey::close);
        }
    }

    @Override
    public boolean canRotate() {
        return Files.isWritable(path) && Files.isWritable(path.getParent());
    }

    @Override
    public void addGeneration() {
        useKeys(keys -> {
            if (keys.size() == 1) {
                addTo(keys.getFirst());
            }
            // Otherwise a rotation was cut short: its new generation is there and only has to be put to use.
        });
    }

    private void addTo(StoredKey old) {
        try (StoredKey fresh = StoredKey.random(memory, random, clock.instant())) {
            replace(List.of(fresh, old));
        }
    }

    @Override
    public void dropOldGenerations() {
        useKeys(keys -> {
            if (keys.size() > 1) {
                replace(keys.subList(0, 1));
            }
        });
    }

    @Override
    public boolean canExport() {
        return true;
    }

    @Override
    public void export(Path to) {
        useKeys(keys -> writeNew(to, keys));
    }

    private void useKeys(Consumer<List<StoredKey>> use) {
        List<StoredKey> keys = load();
        try {
            use.accept(keys);
        } finally {
            keys.forEach(StoredKey::close);
        }
    }

    private <T> T withKeys(Function<List<StoredKey>, T> use) {
        List<StoredKey> keys = load();
        try {
            return use.apply(keys);
        } finally {
            keys.forEach(StoredKey::close);
        }
    }

    private List<StoredKey> load() {
        byte[] text = {};
        try {
            // A key mounted into a container is a chain of links; what counts is the file at its end.
            Path file = path.toRealPath();
            requirePrivate(file);
            text = PrivateFile.read(file, KeyFileFormat.MAX_BYTES + 1);
            return KeyFileFormat.parse(text, memory);
        } catch (NoSuchFileException e) {
            throw unusable(
                    "key file " + path + " does not exist", "put back the key file that the store was made with", e);
        } catch (KeyFileFormat.BadFormat e) {
            throw unusable("key file " + path + " is not usable: " + e.getMessage(), "put back a good copy of it", e);
        } catch (IOException e) {
            throw unusable(
                    "key file " + path + " cannot be read: " + IoReason.of(e),
                    "it must be readable for the agent's user",
                    e);
        } finally {
            Arrays.fill(text, (byte) 0);
        }
    }

    /** SECURITY: a key that others can read, or replace, is no key. */
    private void requirePrivate(Path file) throws IOException {
        Map<String, Object> facts = Files.readAttributes(file, "unix:mode,uid,gid", LinkOption.NOFOLLOW_LINKS);
        int mode = (Integer) Objects.requireNonNull(facts.get("mode"));
        boolean ofRoot = Objects.equals(facts.get("uid"), 0) && Objects.equals(facts.get("gid"), 0);
        int forbidden = ofRoot ? GROUP_AND_OTHERS & ~GROUP_READ : GROUP_AND_OTHERS;
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw unusable("key file " + path + " is not a file", "name the key file itself", null);
        }
        if ((mode & forbidden) != 0) {
            throw unusable(
                    "key file " + path + " is open to others, its mode is " + Integer.toOctalString(mode & 07777),
                    "chmod 600 " + path + ", and rotate the key if somebody could have read it",
                    null);
        }
    }

    private void replace(List<StoredKey> keys) {
        byte[] text = KeyFileFormat.write(keys);
        try {
            PrivateFile.replace(path.toRealPath(), text);
        } catch (IOException e) {
            throw unusable(
                    "key file " + path + " cannot be replaced: " + IoReason.of(e), "its folder must be writable", e);
        } finally {
            Arrays.fill(text, (byte) 0);
        }
    }

    private static void writeNew(Path to, List<StoredKey> keys) {
        byte[] text = KeyFileFormat.write(keys);
        try {
            PrivateFile.create(to, text);
        } catch (FileAlreadyExistsException e) {
            throw new AgentException(
                    Failure.of(
                            FailureKind.ALREADY_EXISTS, to + " exists already", "a key is never written over anything"),
                    e);
        } catch (IOException e) {
            throw unusable(
                    "key file " + to + " cannot be made: " + IoReason.of(e),
                    "its folder must exist and be writable",
                    e);
        } finally {
            Arrays.fill(text, (byte) 0);
        }
    }

    private static AgentException unusable(String message, String hint, @Nullable Throwable cause) {
        return new AgentException(Failure.of(FailureKind.STATE_UNUSABLE, message, hint), cause);
    }
}
