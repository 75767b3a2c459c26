package dev.latchkey.agent.install;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.IoReason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * One installation of the launcher.
 *
 * @param source the launcher of this distribution
 * @param target where it is to be, absolute
 * @param gid the group that it is to have
 */
public record LauncherInstallation(Path source, Path target, long gid) {
    /** Set-group-id, and executable for all. */
    public static final int MODE = 02755;

    private static final int ROOT = 0;
    private static final int WRITABLE_BY_OTHERS = 0022;
    private static final int STICKY = 01000;
    private static final int PERMISSIONS = 07777;
    private static final String OTHERS_COULD =
            "name a path where root alone can replace what is there, as in /usr/local/bin/launcher";

    public LauncherInstallation {
        target = target.normalize();
    }

    /** What came of it. */
    public enum Effect {
        INSTALLED,
        REPLACED,
        UNCHANGED
    }

    /**
     * Installs it.
     *
     * @throws AgentException if it could not be done, or would not be safe; then what was there is still there
     */
    public Effect install() {
        Path folder = Optional.ofNullable(target.getParent()).orElseThrow(() -> refused("is no file", OTHERS_COULD));
        try {
            requireOthersOut(folder);
            requireEffect(folder);
            Optional<FileFacts> old = FileFacts.of(target);
            requireRegular(old);
            byte[] program = Files.readAllBytes(source);
            if (old.isPresent() && isInPlace(old.get(), program)) {
                return Effect.UNCHANGED;
            }
            put(folder, program);
            return old.isPresent() ? Effect.REPLACED : Effect.INSTALLED;
        } catch (IOException e) {
            throw new AgentException(
                    Failure.of(
                            FailureKind.STATE_UNUSABLE,
                            "the launcher cannot be installed at " + target + ": " + IoReason.of(e)),
                    e);
        }
    }

    /** SECURITY: who can write to a folder can replace what is in it; in a sticky one, only what is theirs. */
    private void requireOthersOut(Path folder) throws IOException {
        for (Path above = folder; above != null; above = above.getParent()) {
            FileFacts found = FileFacts.of(above).orElseThrow(() -> new NoSuchFileException(folder.toString()));
            if (!found.folder()) {
                throw refused(
                        "lies behind " + above + ", which is no folder", "name its real path: links are not followed");
            }
            boolean sticky = (found.mode() & STICKY) != 0 && !above.equals(folder);
            boolean writable = (found.mode() & WRITABLE_BY_OTHERS) != 0;
            if (found.uid() != ROOT || (writable && !sticky)) {
                throw refused("lies in " + above + ", which others than root can change", OTHERS_COULD);
            }
        }
    }

    private void requireEffect(Path folder) throws IOException {
        Optional<String> hindrance = MountPoints.ofThisProcess().hindrance(folder);
        if (hindrance.isPresent()) {
            throw refused(
                    "lies on a file system that is mounted " + hindrance.get() + ", where it would not get its group",
                    "name a path on another file system");
        }
    }

    private void requireRegular(Optional<FileFacts> old) {
        if (old.isPresent() && !old.get().regular()) {
            throw refused("is there already, and no file", "remove it, or name another path");
        }
    }

    private boolean isInPlace(FileFacts old, byte[] program) throws IOException {
        return old.uid() == ROOT
                && old.gid() == gid
                && old.mode() == MODE
                && Arrays.equals(Files.readAllBytes(target), program);
    }

    private void put(Path folder, byte[] program) throws IOException {
        Path beside = Files.createTempFile(
                folder,
                ".launcher-",
                "",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            write(beside, program);
            Files.setAttribute(beside, "unix:uid", ROOT, LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(beside, "unix:gid", (int) gid, LinkOption.NOFOLLOW_LINKS);
            // After the owner, for a change of it takes the bit away.
            Files.setAttribute(beside, "unix:mode", MODE, LinkOption.NOFOLLOW_LINKS);
            FileFacts made = FileFacts.of(beside).orElseThrow(() -> new NoSuchFileException(beside.toString()));
            if (made.mode() != MODE || made.gid() != gid) {
                throw refused("did not get its group", "name a path on a file system that keeps owners and modes");
            }
            Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(beside);
        }
    }

    private static void write(Path file, byte[] program) throws IOException {
        try (FileChannel out = FileChannel.open(file, Set.of(StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS))) {
            ByteBuffer bytes = ByteBuffer.wrap(program);
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
    }

    /** What the file system says of something, a link not followed. */
    private record FileFacts(int uid, int gid, int mode, boolean folder, boolean regular) {
        static Optional<FileFacts> of(Path path) throws IOException {
            try {
                Map<String, Object> found = Files.readAttributes(
                        path, "unix:uid,gid,mode,isDirectory,isRegularFile", LinkOption.NOFOLLOW_LINKS);
                return Optional.of(new FileFacts(
                        number(found, "uid"),
                        number(found, "gid"),
                        number(found, "mode") & PERMISSIONS,
                        Boolean.TRUE.equals(found.get("isDirectory")),
                        Boolean.TRUE.equals(found.get("isRegularFile"))));
            } catch (NoSuchFileException e) {
                return Optional.empty();
            }
        }

        private static int number(Map<String, Object> found, String name) {
            return (int) Objects.requireNonNull(found.get(name), name);
        }
    }

    private AgentException refused(String why, String hint) {
        return new AgentException(Failure.of(FailureKind.BAD_ARGUMENT, target + " " + why, hint));
    }
}
