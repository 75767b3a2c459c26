package dev.latchkey.agent.store;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.IoReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A lock file with the pid of whoever holds it. The kernel drops the lock with the process, however it ends.
 *
 * <p>Locks belong to the process and fall with the first descriptor of the file that it closes, so a second attempt within one process
 * must not even open the file: {@code HELD} keeps it from doing so.
 */
final class StateLock implements AutoCloseable {
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path key;
    private final FileChannel channel;

    private StateLock(Path key, FileChannel channel) {
        this.key = key;
        this.channel = channel;
    }

    static StateLock acquire(Path folder) {
        Path file = folder.resolve("lock");
        try {
            Path key = folder.toRealPath();
            if (!HELD.add(key)) {
                throw inUse(folder, Long.toString(ProcessHandle.current().pid()));
            }
            StateLock lock = null;
            try {
                lock = lock(folder, file, key);
                return lock;
            } finally {
                if (lock == null) {
                    HELD.remove(key);
                }
            }
        } catch (IOException e) {
            throw Unusable.state(
                    "file " + file + " cannot be locked: " + IoReason.of(e),
                    "it must be the agent's own, on a file system that can be written",
                    e);
        }
    }

    private static StateLock lock(Path folder, Path file, Path key) throws IOException {
        FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                StateFolder.ownerOnly());
        FileLock lock = channel.tryLock();
        if (lock == null) {
            channel.close();
            throw inUse(folder, Files.readString(file).strip());
        }
        byte[] pid = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII);
        channel.truncate(0).write(ByteBuffer.wrap(pid));
        return new StateLock(key, channel);
    }

    private static AgentException inUse(Path folder, String pid) {
        return Unusable.state(
                "the state folder " + folder + " is in use by process " + pid,
                "one agent serves one state folder; stop that one, or name another folder with --state");
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("the lock of a state folder cannot be closed", e);
        } finally {
            HELD.remove(key);
        }
    }
}
