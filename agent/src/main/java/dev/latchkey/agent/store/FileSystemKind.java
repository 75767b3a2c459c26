package dev.latchkey.agent.store;

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

    private FileSystemKind() {}

    /**
     * @param type as the kernel names it in its list of mounts
     */
    static boolean isNetwork(String type) {
        boolean fuse = type.equals("fuse") || type.startsWith("fuse.");
        return NETWORK.contains(type) || (fuse && !LOCAL_FUSE.contains(type));
    }
}
