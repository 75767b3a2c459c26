package dev.latchkey.agent.socket;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
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
 * The file of a listening socket. A socket is bound in a fresh folder of ours beside its place, gets its owner and mode, and is
 * renamed into place: nobody can connect before the modes are right, and what was there is replaced in one step.
 *
 * <p>SECURITY: only a socket on which nobody listens is ever replaced, and only our own is ever removed.
 */
public final class SocketFile {
    /** The longest path of a Unix socket. */
    private static final int MAX_PATH = 107;

    private static final int FILE_TYPE = 0170000;
    private static final int SOCKET = 0140000;
    private static final int ATTEMPTS = 100;
    /** Of the name of our folder, so short that the path in it is hardly ever longer than the socket's own. */
    private static final int NAMES = 36 * 36;

    private final SocketPlace place;
    private final Path folder;
    private Optional<Object> published = Optional.empty();

    private SocketFile(SocketPlace place, Path folder) {
        this.place = place;
        this.folder = folder;
    }

    /**
     * Checks the place and makes the folder to bind in. May block.
     *
     * @param group of epoll event loops, to ask whoever listens there already
     * @throws AgentException of kind {@code STATE_UNUSABLE}
     */
    public static SocketFile claim(SocketPlace place, EventLoopGroup group) {
        Path path = place.path();
        int bytes = path.toString().getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_PATH) {
            throw unusable(place, "has a path of " + bytes + " bytes, where a socket has at most " + MAX_PATH, "");
        }
        try {
            makeParent(place);
            requireFree(place, group);
            return new SocketFile(place, freshFolder(place));
        } catch (IOException e) {
            throw failed(place, e);
        }
    }

    /** As open as its socket: workloads must be able to pass through where they may connect. */
    private static void makeParent(SocketPlace place) throws IOException {
        Path parent = parent(place);
        if (Files.isDirectory(parent)) {
            return;
        }
        Set<PosixFilePermission> mode = PosixFilePermissions.fromString(place.isShared() ? "rwxr-xr-x" : "rwx------");
        Files.createDirectories(parent, PosixFilePermissions.asFileAttribute(mode));
        // The umask may have taken some of it away.
        Files.setPosixFilePermissions(parent, mode);
    }

    private static Path parent(SocketPlace place) {
        return Optional.ofNullable(place.path().getParent())
                .orElseThrow(() -> unusable(place, "is no path of a file", ""));
    }

    private static void requireFree(SocketPlace place, EventLoopGroup group) throws IOException {
        Path path = place.path();
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!isSocket(path)) {
            throw unusable(place, "is something else than a socket", "remove it, or choose another path");
        }
        if (isInhabited(path)) {
            String by = inhabitant(path, group).map(pid -> "process " + pid).orElse("another process");
            throw unusable(place, "is in use by " + by, "stop that one first, or choose another path");
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

    /** The process that listens on a socket, where it lets us connect. */
    private static Optional<Integer> inhabitant(Path socket, EventLoopGroup group) {
        ChannelFuture connected = new Bootstrap()
                .group(group)
                .channel(EpollDomainSocketChannel.class)
                .handler(new ChannelInboundHandlerAdapter())
                .connect(new DomainSocketAddress(socket.toString()))
                .awaitUninterruptibly();
        try {
            return connected.isSuccess()
                    ? Optional.of(((EpollDomainSocketChannel) connected.channel())
                                    .peerCredentials()
                                    .pid())
                            .filter(pid -> pid > 0)
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } finally {
            var _ = connected.channel().close();
        }
    }

    private static Path freshFolder(SocketPlace place) throws IOException {
        Path parent = parent(place);
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
        throw unusable(place, "cannot be made beside so many other files", "empty the folder " + parent);
    }

    /** Where to bind. */
    public Path temporary() {
        return folder.resolve("s");
    }

    /** Gives the bound socket its owner and mode and moves it into place. */
    public void publish() {
        Path socket = temporary();
        try {
            boolean grouped = giveToGroup(socket);
            Files.setPosixFilePermissions(
                    socket, grouped ? place.mode() : place.modeWithoutGroup().orElseThrow());
            Object identity = identity(socket);
            Files.move(socket, place.path(), StandardCopyOption.ATOMIC_MOVE);
            published = Optional.of(identity);
            Files.delete(folder);
        } catch (IOException e) {
            throw failed(place, e);
        }
    }

    /** Whether the socket has the group that it should have. */
    private boolean giveToGroup(Path socket) throws IOException {
        if (place.gid().isEmpty()) {
            return true;
        }
        try {
            Files.setAttribute(socket, "unix:gid", place.gid().get().intValue(), LinkOption.NOFOLLOW_LINKS);
            return true;
        } catch (IOException e) {
            if (place.modeWithoutGroup().isEmpty()) {
                throw e;
            }
            return false;
        }
    }

    /** Device and inode. */
    private static Map<String, Object> identity(Path path) throws IOException {
        return Files.readAttributes(path, "unix:dev,ino", LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Removes what is still ours: the folder, and the socket unless another process has replaced it.
     *
     * @throws AgentException of kind {@code STATE_UNUSABLE} if it has to stay; the next agent takes its place all the same
     */
    public void remove() {
        try {
            Files.deleteIfExists(temporary());
            Files.deleteIfExists(folder);
            if (published.isPresent() && published.get().equals(identity(place.path()))) {
                Files.delete(place.path());
            }
        } catch (NoSuchFileException e) {
            // Somebody else has removed it.
        } catch (IOException e) {
            throw failed(place, "removed", e);
        }
    }

    private static AgentException unusable(SocketPlace place, String what, String hint) {
        String message = "the socket " + place.path() + " " + what;
        return hint.isEmpty()
                ? new AgentException(FailureKind.STATE_UNUSABLE, message)
                : new AgentException(FailureKind.STATE_UNUSABLE, message, hint);
    }

    public static AgentException failed(SocketPlace place, Exception e) {
        return failed(place, "made", e);
    }

    private static AgentException failed(SocketPlace place, String done, Exception e) {
        String message = "the socket " + place.path() + " cannot be " + done + ": " + reason(e);
        Failure failure = e instanceof AccessDeniedException
                ? Failure.of(
                        FailureKind.STATE_UNUSABLE,
                        message,
                        "name a path in a folder that the agent's user can write: --socket or path: of agent.yaml,"
                                + " as in \"${XDG_RUNTIME_DIR}/latchkey/agent.sock\"")
                : Failure.of(FailureKind.STATE_UNUSABLE, message);
        return new AgentException(failure, e);
    }

    private static String reason(Exception e) {
        return switch (e) {
            // What it names is a file of ours beside the socket, which nobody knows.
            case AccessDeniedException denied ->
                "no right to write in " + Path.of(denied.getFile()).getParent();
            case FileSystemException failed -> failed.getFile() + ": " + failed.getReason();
            default -> String.valueOf(e.getMessage());
        };
    }
}
