package dev.latchkey.agent.admin.http;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Puts a listening socket into its place with the right mode from the first moment: bound in a fresh folder of ours beside it, given its
 * group and mode, renamed.
 *
 * <p>SECURITY: binding removes what lies at the path, so it never happens at the final one; only a socket that nobody listens on is replaced.
 */
final class SocketPlace {
    private static final int TYPE_MASK = 0170000;
    private static final int SOCKET_TYPE = 0140000;

    private final Path target;
    private final Path folder;

    private SocketPlace(Path target, Path folder) {
        this.target = target;
        this.folder = folder;
    }

    /**
     * Makes the fresh folder.
     *
     * @throws AgentException {@code STATE_UNUSABLE} if the place is taken or its folder cannot be written
     */
    static SocketPlace prepare(Path target) {
        try {
            requireFree(target);
            Path parent = Objects.requireNonNull(target.toAbsolutePath().getParent());
            // No longer than the name of the socket itself, so that the path fits wherever the final one does.
            Path folder = parent.resolve("." + Integer.toString(new SecureRandom().nextInt(36 * 36 * 36 * 36), 36));
            Files.createDirectory(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            return new SocketPlace(target, folder);
        } catch (IOException e) {
            throw unusable(target, e);
        }
    }

    /** Where to bind. */
    Path bindAt() {
        return folder.resolve("s");
    }

    /** Gives the bound socket its reach and its name. A group that cannot be given makes it reach everyone, for the check at accept to sort out. */
    void settle(Reach reach) {
        try {
            Path bound = bindAt();
            String mode = switch (reach) {
                case Reach.Owner _ -> "rw-------";
                case Reach.Group(long gid) -> giveTo(bound, gid) ? "rw-rw----" : "rw-rw-rw-";
                case Reach.Everyone _ -> "rw-rw-rw-";
            };
            Files.setPosixFilePermissions(bound, PosixFilePermissions.fromString(mode));
            Files.move(bound, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw unusable(target, e);
        } finally {
            discard();
        }
    }

    /** Removes the fresh folder and what is in it. */
    void discard() {
        try {
            Files.deleteIfExists(bindAt());
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            throw unusable(folder, e);
        }
    }

    /** Which file it is, so that only that one is removed in the end. */
    static Optional<Object> identity(Path socket) {
        try {
            return Optional.of(Files.getAttribute(socket, "unix:ino", LinkOption.NOFOLLOW_LINKS));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static boolean giveTo(Path bound, long gid) {
        try {
            Files.setAttribute(bound, "unix:gid", (int) gid);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static void requireFree(Path target) throws IOException {
        if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Map<String, Object> attributes = Files.readAttributes(target, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        boolean socket = attributes.get("mode") instanceof Integer mode && (mode & TYPE_MASK) == SOCKET_TYPE;
        if (!socket) {
            throw new AgentException(
                    FailureKind.STATE_UNUSABLE,
                    "what lies at the admin socket's place is not a socket: " + target,
                    "move it away, or place the socket elsewhere with admin.socket");
        }
        if (answers(target)) {
            throw new AgentException(
                    FailureKind.STATE_UNUSABLE,
                    "another agent serves the admin socket " + target,
                    "stop it first, or give this one a state folder of its own");
        }
    }

    private static boolean answers(Path target) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.configureBlocking(false);
            channel.connect(UnixDomainSocketAddress.of(target));
            return true;
        } catch (ConnectException e) {
            return false;
        } catch (IOException e) {
            // Not refused, so somebody listens, though not to us.
            return true;
        }
    }

    private static AgentException unusable(Path path, IOException cause) {
        return new AgentException(
                Failure.of(
                        FailureKind.STATE_UNUSABLE,
                        "cannot place the admin socket " + path + ": "
                                + cause.getClass().getSimpleName(),
                        "its folder must exist and be writable by the agent"),
                cause);
    }
}
