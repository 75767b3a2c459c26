package dev.latchkey.agent.cli;

import dev.latchkey.agent.config.Accounts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Which servers the client talks to: those of root, of its own user, and of the user who owns the socket's folder if nobody but root and that
 * user can have put the socket there.
 *
 * <p>SECURITY: asked before the first byte is sent, because whoever took the place of the agent would be sent values.
 */
final class ServerTrust {
    private static final int STICKY = 01000;

    private final UserPrincipal root;
    private final UserPrincipal own;
    private final Function<Path, Optional<Folder>> folders;

    /**
     * @param folders what is at a path, not following links; absent: no folder, or none that can be looked at
     */
    ServerTrust(UserPrincipal root, UserPrincipal own, Function<Path, Optional<Folder>> folders) {
        this.root = root;
        this.own = own;
        this.folders = folders;
    }

    /**
     * A folder.
     *
     * @param shared whether others than its owner can replace what is in it
     */
    record Folder(UserPrincipal owner, boolean shared) {}

    static ServerTrust ofProcess() {
        try {
            UserPrincipal root =
                    FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName("0");
            return new ServerTrust(root, Files.getOwner(Path.of("/proc/self")), ServerTrust::folderAt);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot tell who runs this command", e);
        }
    }

    /**
     * @param server who listens on the socket
     * @throws CommandFailure if it is nobody to talk to
     */
    void require(Path socket, UserPrincipal server) {
        Optional<UserPrincipal> owner = trustedOwner(socket);
        boolean trusted = server.equals(root) || server.equals(own) || owner.equals(Optional.of(server));
        if (!trusted) {
            throw CommandFailure.failed(
                    "untrusted-server",
                    "the server at " + socket + " runs as uid " + uid(server) + "; accepted: 0 (root), " + uid(own)
                            + " (your own)"
                            + owner.map(o -> ", " + uid(o) + " (the owner of its folder)")
                                    .orElse(""),
                    "nothing was sent; --admin-socket names another socket");
        }
    }

    /** The owner of the socket's folder, if nobody else can have put the socket there. */
    private Optional<UserPrincipal> trustedOwner(Path socket) {
        Path parent = socket.toAbsolutePath().getParent();
        Optional<UserPrincipal> owner =
                Optional.ofNullable(parent).flatMap(folders).map(Folder::owner);
        boolean guarded = owner.isPresent()
                && Stream.iterate(parent, folder -> folder != null, Path::getParent)
                        .allMatch(folder -> isGuarded(folder, owner.get()));
        return guarded ? owner : Optional.empty();
    }

    private boolean isGuarded(Path path, UserPrincipal owner) {
        return folders.apply(path)
                .filter(folder -> !folder.shared())
                .filter(folder -> folder.owner().equals(owner) || folder.owner().equals(root))
                .isPresent();
    }

    /**
     * In a sticky folder, as {@code /tmp} is, anybody can make a folder but only its owner replace it; and no place that is looked at without
     * being named lies in one.
     */
    private static Optional<Folder> folderAt(Path path) {
        try {
            PosixFileAttributes found =
                    Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            boolean writable = found.permissions().contains(PosixFilePermission.GROUP_WRITE)
                    || found.permissions().contains(PosixFilePermission.OTHERS_WRITE);
            Folder folder = new Folder(found.owner(), writable && !isSticky(path));
            return found.isDirectory() ? Optional.of(folder) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static boolean isSticky(Path path) throws IOException {
        Object mode = Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        return mode instanceof Integer bits && (bits & STICKY) != 0;
    }

    /** The number; the name where only a directory service knows it. */
    private static String uid(UserPrincipal user) {
        return Accounts.ofThisMachine().uid(user.getName()).map(String::valueOf).orElse(user.getName());
    }
}
