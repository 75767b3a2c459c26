package dev.latchkey.agent.crypto.keyfile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/**
 * Reading and writing small files of key material. SECURITY: through direct buffers that are zeroed, for a channel copies a heap array through
 * a cached buffer that nobody wipes.
 */
final class PrivateFile {
    private PrivateFile() {}

    /**
     * @return at most {@code limit} bytes, the caller's to wipe
     */
    static byte[] read(Path path, int limit) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(limit);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            int read;
            do {
                read = channel.read(buffer);
            } while (read > 0);
            byte[] bytes = new byte[buffer.flip().remaining()];
            buffer.get(bytes);
            return bytes;
        } finally {
            wipe(buffer);
        }
    }

    /** Makes the file, 0600 from the first moment, and flushes it and its name; nothing may be at the path. */
    static void create(Path path, byte[] content) throws IOException {
        ByteBuffer buffer =
                ByteBuffer.allocateDirect(content.length).put(content).flip();
        Set<StandardOpenOption> options = EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try (FileChannel channel = FileChannel.open(path, options, ownerOnly)) {
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        } finally {
            wipe(buffer);
        }
        flushFolder(path);
    }

    /** Replaces the file by one with this content: whoever reads it sees the old or the new one, whole. */
    static void replace(Path path, byte[] content) throws IOException {
        Path fresh = path.resolveSibling(path.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        create(fresh, content);
        Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        flushFolder(path);
    }

    private static void flushFolder(Path path) throws IOException {
        try (FileChannel folder = FileChannel.open(path.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            folder.force(true);
        }
    }

    private static void wipe(ByteBuffer buffer) {
        buffer.clear();
        while (buffer.hasRemaining()) {
            buffer.put((byte) 0);
        }
    }
}
