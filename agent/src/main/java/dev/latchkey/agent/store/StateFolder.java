package dev.latchkey.agent.store;

import dev.latchkey.agent.failure.IoReason;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Set;

/** The folder with an agent's state: private, on a local disk, writable, and ours alone until it is closed. */
public final class StateFolder implements AutoCloseable {
    private static final Set<PosixFilePermission> FOLDER = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-------");

    private final Path path;
    private final StateLock lock;
    private final News news;

    private StateFolder(Path path, StateLock lock, News news) {
        this.path = path;
        this.lock = lock;
        this.news = news;
    }

    /** Hears of a folder or file that others could open, and cannot any more. */
    @FunctionalInterface
    public interface News {
        /**
         * Its mode was changed.
         *
         * @param before as in {@code 0755}
         */
        void tightened(Path path, String before);
    }

    /**
     * Makes the folder if it is not there, makes it private, and locks it.
     *
     * @throws dev.latchkey.agent.failure.AgentException of kind {@code STATE_UNUSABLE}
     */
    public static StateFolder open(Path path, News news) {
        return open(path, FileSystemKind::typeOf, news);
    }

    /** Learns on which kind of file system a folder is. */
    interface FileSystemProbe {
        String typeOf(Path folder) throws IOException;
    }

    static StateFolder open(Path path, FileSystemProbe probe, News news) {
        Path folder = path.toAbsolutePath().normalize();
        try {
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(FOLDER));
            }
            requireLocal(folder, probe.typeOf(folder));
            requireWritable(folder);
            restrict(folder, FOLDER, news);
        } catch (FileAlreadyExistsException e) {
            throw Unusable.state("the state folder " + folder + " is not a folder", "name a folder with --state", e);
        } catch (IOException e) {
            throw Unusable.state(
                    "the state folder " + folder + " cannot be used: " + IoReason.of(e),
                    "it must be a folder of the agent's user",
                    e);
        }
        return new StateFolder(folder, StateLock.acquire(folder), news);
    }

    private static void requireLocal(Path folder, String type) {
        if (FileSystemKind.isNetwork(type)) {
            throw Unusable.state(
                    "the state folder " + folder + " is on a network file system (" + type + ")",
                    "use a folder on a local disk; a store that is shared over a network belongs into PostgreSQL");
        }
    }

    private static void requireWritable(Path folder) {
        if (!Files.isWritable(folder)) {
            throw Unusable.state(
                    "the state folder " + folder + " is read-only",
                    "the agent's user must be able to write it, and it must not be mounted read-only");
        }
    }

    /** Tells only of what was open to others, for that may have been used. */
    private static void restrict(Path path, Set<PosixFilePermission> mode, News news) throws IOException {
        Set<PosixFilePermission> before = Files.getPosixFilePermissions(path);
        if (!before.equals(mode)) {
            Files.setPosixFilePermissions(path, mode);
        }
        if (!FOLDER.containsAll(before)) {
            news.tightened(path, octal(before));
        }
    }

    private static String octal(Set<PosixFilePermission> mode) {
        String letters = PosixFilePermissions.toString(mode);
        int bits = 0;
        for (int i = 0; i < letters.length(); i++) {
            bits = bits << 1 | (letters.charAt(i) == '-' ? 0 : 1);
        }
        return String.format(Locale.ROOT, "%04o", bits);
    }

    public Path path() {
        return path;
    }

    /**
     * Refuses an empty database in a folder that has served: it was lost, and a new one in its place would hide that. A start that was cut
     * short before it made a store leaves one too, but no witness.
     *
     * @param witness a file that is made only after the store
     * @throws dev.latchkey.agent.failure.AgentException of kind {@code STATE_UNUSABLE}
     */
    public void refuseEmptiedStore(String witness) {
        Path file = resolve(StoreOpening.FILE);
        try {
            if (Files.exists(resolve(witness)) && Files.exists(file) && Files.size(file) == 0) {
                throw Unusable.state(
                        "the store " + file + " is empty, and " + witness + " beside it tells that it was not",
                        "to use a backup: remove " + file + ", start the agent and run 'agent restore'; "
                                + "to begin anew: move the whole folder aside");
            }
        } catch (IOException e) {
            throw Unusable.state("file " + file + " cannot be read: " + IoReason.of(e), "look after the disk", e);
        }
    }

    Path resolve(String name) {
        return path.resolve(name);
    }

    /** Makes an empty file that only its owner can open, or makes the one that is there so. SECURITY: SQLite would make it 0644. */
    Path privateFile(String name) {
        Path file = resolve(name);
        try {
            if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                restrict(file, FILE, news);
            } else {
                Files.createFile(file, ownerOnly());
            }
            return file;
        } catch (IOException e) {
            throw Unusable.state(
                    "file " + file + " cannot be made: " + IoReason.of(e), "its folder must be writable", e);
        }
    }

    static FileAttribute<?> ownerOnly() {
        return PosixFilePermissions.asFileAttribute(FILE);
    }

    /** Flushes the names in the folder, and a file in it that nobody has open. */
    void flush(Path file) {
        try (FileChannel content = FileChannel.open(file, StandardOpenOption.WRITE);
                FileChannel names = FileChannel.open(path, StandardOpenOption.READ)) {
            content.force(true);
            names.force(true);
        } catch (IOException e) {
            throw Unusable.state("file " + file + " cannot be flushed: " + IoReason.of(e), "look after the disk", e);
        }
    }

    @Override
    public void close() {
        lock.close();
    }
}
