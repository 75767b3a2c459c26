package dev.latchkey.agent.store;

import dev.latchkey.agent.sys.ErrnoException;
import dev.latchkey.agent.sys.FileCalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/** Which file systems can hold a database: those on which locks and shared mappings work, that is, local ones. */
final class FileSystemKind {
    private static final Set<String> NETWORK = Set.of(
            "9p",
            "afs",
            "beegfs",
            "ceph",
            "cifs",
            "coda",
            "gfs",
            "gfs2",
            "glusterfs",
            "gpfs",
            "lustre",
            "ncpfs",
            "nfs",
            "nfs4",
            "ocfs2",
            "smb2",
            "smb3",
            "smbfs");
    private static final Set<String> LOCAL_FUSE =
            Set.of("fuse.bindfs", "fuse.encfs", "fuse.fuse-overlayfs", "fuse.gocryptfs", "fuse.ntfs-3g");

    /** The kernel's numbers of those that are refused. */
    private static final Map<Long, String> BY_NUMBER = Map.ofEntries(
            Map.entry(0x0000_564CL, "ncpfs"),
            Map.entry(0x0000_517BL, "smbfs"),
            Map.entry(0x0000_6969L, "nfs"),
            Map.entry(0x00C3_6400L, "ceph"),
            Map.entry(0x0102_1997L, "9p"),
            Map.entry(0x0116_1970L, "gfs2"),
            Map.entry(0x0BD0_0BD0L, "lustre"),
            Map.entry(0x1983_0326L, "beegfs"),
            Map.entry(0x4750_4653L, "gpfs"),
            Map.entry(0x5346_414FL, "afs"),
            Map.entry(0x6B41_4653L, "afs"),
            Map.entry(0x6573_5546L, "fuse"),
            Map.entry(0x7375_7245L, "coda"),
            Map.entry(0x7461_636FL, "ocfs2"),
            Map.entry(0xFE53_4D42L, "smb3"),
            Map.entry(0xFF53_4D42L, "cifs"));

    private FileSystemKind() {}

    /**
     * The type of the file system that a folder is on, as the list of mounts has it: only there do the file systems in user space have names. A process
     * in a changed root does not see the mount that it lives on, so the kernel is asked.
     */
    static String typeOf(Path folder) throws IOException {
        try {
            return Files.getFileStore(folder).type();
        } catch (IOException unlisted) {
            return typeByNumber(folder);
        }
    }

    private static String typeByNumber(Path folder) throws IOException {
        try {
            return nameOf(FileCalls.fileSystem(folder));
        } catch (ErrnoException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    static String nameOf(long number) {
        return BY_NUMBER.getOrDefault(number, "0x" + Long.toHexString(number));
    }

    /**
     * @param type as the kernel names it in its list of mounts
     */
    static boolean isNetwork(String type) {
        boolean fuse = type.equals("fuse") || type.startsWith("fuse.");
        return NETWORK.contains(type) || (fuse && !LOCAL_FUSE.contains(type));
    }
}
