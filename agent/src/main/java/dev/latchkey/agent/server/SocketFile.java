package dev.latchkey.agent.server;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The place of a listener in the file system. A socket is bound in a fresh folder of ours beside its place, gets its owner and mode, and is
 * renamed into place: nobody can connect before the modes are right, and what was there is replaced in one step.
 *
 * <p>SECURITY: only a socket on which nobody listens is ever replaced, and only our own is ever removed.
 */
final class SocketFile {
    /** The longest path of a Unix socket. */
    private static final int MAX_PATH = 107;

    private static final int FILE_TYPE = 0170000;
    private static final int SOCKET = 0140000;
    private static final int ATTEMPTS = 100;
    /** Of the name of our folder, so short that the path in it is hardly ever longer than the listener's own. */
    private static final int NAMES = 36 * 36;

    private final Listener listener;
    private final Path folder;
    private Optional<Object> published = Optional.empty();

    private SocketFile(Listener listener, Path folder) {
        this.listener = listener;
        this.folder = folder;
    }

    /** Who listens on a socket, as far as can be told. */
    @FunctionalInterface
    interface Inhabitant {
        Optional<Integer> pid(Path socket);
    }

    /**
     * Checks the place and makes the folder to bind in.
     *
     * @throws AgentException of kind {@code STATE_UNUSABLE}
     */
    static SocketFile claim(Listener listener, Inhabitant inhabitant) {
        Path path = listener.path();
        int bytes = path.toString().getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_PATH) {
            throw unusable(listener, "has a path of " + bytes + " bytes, where a socket has at most " + MAX_PATH, "");
        }
        try {
            makeParent(listener);
            requireFree(listener, inhabitant);
            return new SocketFile(listener, freshFolder(listener));
        } catch (IOException e) {
            throw failed(listener, e);
        }
    }

    /** As open as its socket: workloads must be able to pass through where they may connect. */
    private static void makeParent(Listener listener) throws IOException {
        Path parent = parent(listener);
        if (Files.isDirectory(parent)) {
            return;
        }
        boolean shared = listener.mode().stream().anyMatch(p -> !p.name().startsWith("OWNER"));
        Set<PosixFilePermission> mode = PosixFilePermissions.fromString(shared ? "rwxr-xr-x" : "rwx------");
        Files.createDirectories(parent, PosixFilePermissions.asFileAttribute(mode));
        // The umask may have taken some of it away.
        Files.setPosixFilePermissions(parent, mode);
    }

    private static Path parent(Listener listener) {
        return Optional.ofNullable(listener.path().getParent())
                .orElseThrow(() -> unusable(listener, "is no path of a file", ""));
    }

    private static void requireFree(Listener listener, Inhabitant inhabitant) throws IOException {
        Path path = listener.path();
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!isSocket(path)) {
            throw unusable(listener, "is something else than a socket", "remove it, or choose another path");
        }
        if (isInhabited(path)) {
            String by = inhabitant.pid(path).map(pid -> "process " + pid).orElse("another process");
            throw unusable(listener, "is in use by " + by, "stop that one first, or choose another path");
        }
    }

    private static boolean isSocket(Path path) throws IOException {
        int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        return (mode & FILE_TYPE) == SOCKET;
    }

    /** Whether somebody listens, or might: only a refused connection tells that nobody does. */
    private static boolean isInhabited(Path path) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            // Does not block where the backlog is full, as that of a stopped process is.
            channel.configureBlocking(false);
            channel.connect(UnixDomainSocketAddress.of(path));
            return true;
        } catch (ConnectException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private static Path freshFolder(Listener listener) throws IOException {
        Path parent = parent(listener);
        for (int i = 0; i < ATTEMPTS; i++) {
            Path folder = parent.resolve(
                    "." + Integer.toString(ThreadLocalRandom.current().nextInt(NAMES), 36));
            try {
                return Files.createDirectory(
                        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            } catch (FileAlreadyExistsException e) {
                // Taken; the next one may be free.
            }
        }
        throw unusable(listener, "cannot be made beside so many other files", "empty the folder " + parent);
    }

    /** Where to bind. */
    Path temporary() {
        return folder.resolve("s");
    }

    /** Gives the bound socket its owner and mode and moves it into place. */
    void publish() {
        Path socket = temporary();
        try {
            if (listener.gid().isPresent()) {
                setGroup(socket, listener.gid().get());
            }
            Files.setPosixFilePermissions(socket, listener.mode());
            Object identity = identity(socket);
            Files.move(socket, listener.path(), StandardCopyOption.ATOMIC_MOVE);
            published = Optional.of(identity);
            Files.delete(folder);
        } catch (IOException e) {
            throw failed(listener, e);
        }
    }

    private static void setGroup(Path socket, long gid) throws IOException {
        Files.setAttribute(socket, "unix:gid", (int) gid, LinkOption.NOFOLLOW_LINKS);
    }

    /** Device and inode. */
    private static Map<String, Object> identity(Path path) throws IOException {
        return Files.readAttributes(path, "unix:dev,ino", LinkOption.NOFOLLOW_LINKS);
    }

    /** Removes what is still ours: the folder, and the socket unless another process has replaced it. */
    void remove() {
        try {
            Files.deleteIfExists(temporary());
            Files.deleteIfExists(folder);
            if (published.isPresent() && published.get().equals(identity(listener.path()))) {
                Files.delete(listener.path());
            }
        } catch (NoSuchFileException e) {
            // Somebody else has removed it.
        } catch (IOException e) {
            throw failed(listener, e);
        }
    }

    private static AgentException unusable(Listener listener, String what, String hint) {
        String message = "the socket " + listener.path() + " " + what;
        return hint.isEmpty()
                ? new AgentException(FailureKind.STATE_UNUSABLE, message)
                : new AgentException(FailureKind.STATE_UNUSABLE, message, hint);
    }

    static AgentException failed(Listener listener, Exception e) {
        return new AgentException(
                Failure.of(
                        FailureKind.STATE_UNUSABLE, "the socket " + listener.path() + " cannot be made: " + reason(e)),
                e);
    }

    private static String reason(Exception e) {
        return switch (e) {
            case AccessDeniedException denied -> "no right to write " + denied.getFile();
            case FileSystemException failed -> failed.getFile() + ": " + failed.getReason();
            default -> String.valueOf(e.getMessage());
        };
    }
}
