package dev.latchkey.agent.sys;

import java.util.Arrays;
import java.util.List;

/** Who is at the other end of a Unix socket, and the descriptors that pin it. */
public final class SocketCalls {
    static {
        NativeLibrary.require();
    }

    private SocketCalls() {}

    /**
     * What {@code SO_PEERCRED} holds.
     *
     * @param pid 0 if it lives in a PID namespace that ours cannot see
     */
    public record PeerCredentials(int pid, long uid, long gid) {}

    /** {@code SO_PEERCRED}: of whoever connected; at the client's end, of whoever listens. */
    public static PeerCredentials peerCredentials(int socket) {
        long[] peer = peerCredentials0(socket);
        if (peer.length == 1) {
            throw new ErrnoException("getsockopt peercred", (int) -peer[0]);
        }
        return new PeerCredentials((int) peer[0], peer[1], peer[2]);
    }

    /** {@code SO_PEERGROUPS}: the supplementary groups of whoever connected. */
    public static List<Long> peerGroups(int socket) {
        long[] groups = peerGroups0(socket);
        if (groups.length == 1 && groups[0] < 0) {
            throw new ErrnoException("getsockopt peergroups", (int) -groups[0]);
        }
        return Arrays.stream(groups).boxed().toList();
    }

    /** {@code SO_PEERPIDFD}, Linux 6.5: a new descriptor, the caller's to close. */
    public static int peerPidfd(int socket) {
        return ErrnoException.check("getsockopt peerpidfd", peerPidfd0(socket));
    }

    /** Whether the kernel has what {@link #peerPidfd} needs. */
    public static boolean hasPeerPidfd() {
        return ErrnoException.check("socket", hasPeerPidfd0()) == 1;
    }

    /** {@code SO_PASSRIGHTS} off, Linux 6.16: a peer that sends descriptors gets an error. */
    public static void refuseDescriptors(int socket) {
        ErrnoException.check("setsockopt passrights", setPassRights0(socket, 0));
    }

    /** {@code pidfd_open}: a new descriptor, the caller's to close. */
    public static int openPidfd(int pid) {
        return ErrnoException.check("pidfd_open", openPidfd0(pid));
    }

    /** Whether the process of a pidfd has not ended. */
    public static boolean isAlive(int pidfd) {
        return ErrnoException.check("poll", isAlive0(pidfd)) == 1;
    }

    /** {@code close}. */
    public static void close(int descriptor) {
        ErrnoException.check("close", close0(descriptor));
    }

    private static native long[] peerCredentials0(int socket);

    private static native long[] peerGroups0(int socket);

    private static native int peerPidfd0(int socket);

    private static native int hasPeerPidfd0();

    private static native int setPassRights0(int socket, int pass);

    private static native int openPidfd0(int pid);

    private static native int isAlive0(int pidfd);

    private static native int close0(int descriptor);
}
