package dev.latchkey.agent.audit;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * One file of the log, open for appending, private from its first byte.
 *
 * <p>INVARIANT: streams, not a {@code FileChannel}: an interrupt closes a channel under the thread that writes to it, and a request that
 * is given up interrupts its thread. Written through a descriptor in append mode; a second one only cuts.
 */
final class LogFile implements AutoCloseable {
    private static final int PERMISSIONS = 07777;
    private static final int OTHERS = 0077;
    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rw-------");

    private final FileOutputStream out;
    private final RandomAccessFile shape;
    private final Object identity;

    private LogFile(FileOutputStream out, RandomAccessFile shape, Object identity) {
        this.out = out;
        this.shape = shape;
        this.identity = identity;
    }

    /** Opens the file, made if it is not there. Anything but a regular file is refused. */
    static LogFile open(Path path) throws IOException {
        makePrivate(path);
        FileOutputStream out = new FileOutputStream(path.toFile(), true);
        try {
            return new LogFile(out, new RandomAccessFile(path.toFile(), "rw"), identity(path));
        } catch (IOException e) {
            out.close();
            throw e;
        }
    }

    /** The mode, as in {@code 0644}, of a file that others than its owner may open; absent where they may not, or there is none. */
    static Optional<String> openMode(Path path) {
        try {
            int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & PERMISSIONS;
            return (mode & OTHERS) == 0 ? Optional.empty() : Optional.of(String.format(Locale.ROOT, "%04o", mode));
        } catch (IOException e) {
            // Opening it will tell.
            return Optional.empty();
        }
    }

    private static void makePrivate(Path path) throws IOException {
        try {
            Files.createFile(path, PosixFilePermissions.asFileAttribute(PRIVATE));
        } catch (FileAlreadyExistsException e) {
            if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
                throw new IOException("it is not a regular file", e);
            }
            Files.setPosixFilePermissions(path, PRIVATE);
        }
    }

    private static Object identity(Path path) throws IOException {
        BasicFileAttributes attributes =
                Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        return Objects.requireNonNull(attributes.fileKey(), "a file without device and inode");
    }

    /** Whether that path still names this file. */
    boolean isAt(Path path) throws IOException {
        try {
            return identity(path).equals(identity);
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    void append(byte[] bytes, int length) throws IOException {
        out.write(bytes, 0, length);
    }

    void sync() throws IOException {
        out.getFD().sync();
    }

    void cutTo(long size) throws IOException {
        shape.setLength(size);
    }

    /** For reading only. */
    RandomAccessFile content() {
        return shape;
    }

    @Override
    public void close() throws IOException {
        try (out;
                shape) {
            // Both descriptors, even if closing the first fails.
        }
    }
}
