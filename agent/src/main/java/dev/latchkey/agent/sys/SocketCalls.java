package dev.latchkey.agent.sys;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
        List<Long> all = new ArrayList<>(groups.length);
        for (long group : groups) {
            all.add(group);
        }
        return all;
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

    /** Whether the kernel has what {@link #refuseDescriptors} needs. */
    public static boolean canRefuseDescriptors() {
        return ErrnoException.check("socket", hasPassRights0()) == 1;
    }

    /** {@code SO_PASSPIDFD} on, Linux 6.5: what comes in tells its sender by a pidfd. Accepted sockets have what the listening one has. */
    public static void tellSendersByPidfd(int socket) {
        ErrnoException.check("setsockopt passpidfd", setPassPidfd0(socket, 1));
    }

    /** {@code SO_PASSCRED} on: what comes in tells its sender by its pid. Accepted sockets have what the listening one has. */
    public static void tellSendersByPid(int socket) {
        ErrnoException.check("setsockopt passcred", setPassCredentials0(socket, 1));
    }

    /**
     * What was received, and who sent it.
     *
     * @param bytes how many; 0 at the end, where there is no sender
     * @param inode that of its pidfd; 0 if none was asked for; below 0 if it could not be had
     * @param pid 0 if none was asked for, or it lives in a PID namespace that ours cannot see
     * @param descriptors how many it sent along; they are closed
     */
    public record Received(int bytes, long inode, int pid, int descriptors) {}

    /**
     * {@code recvmsg}, without waiting. It never goes on into the bytes of another sender while senders are told.
     *
     * @param into direct, with room; its position moves on
     * @return absent if nothing has come yet
     */
    public static Optional<Received> receive(int socket, ByteBuffer into) {
        if (!into.isDirect() || !into.hasRemaining()) {
            throw new IllegalArgumentException("needs a direct buffer with room");
        }
        long[] whose = new long[3];
        int bytes = receive0(socket, into, into.position(), into.remaining(), whose);
        if (bytes == -ErrnoException.EAGAIN) {
            return Optional.empty();
        }
        into.position(into.position() + ErrnoException.check("recvmsg", bytes));
        return Optional.of(new Received(bytes, whose[0], (int) whose[1], (int) whose[2]));
    }

    /** Whether pidfds of different processes differ in their inodes, which those of Linux 6.9 do. */
    public static boolean hasPidfdInodes() {
        return ErrnoException.check("fstatfs", hasPidfdInodes0()) == 1;
    }

    /** {@code fstat}: the inode of a descriptor. */
    public static long inode(int descriptor) {
        long inode = inode0(descriptor);
        if (inode < 0) {
            throw new ErrnoException("fstat", (int) -inode);
        }
        return inode;
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

    private static native int hasPassRights0();

    private static native int setPassPidfd0(int socket, int pass);

    private static native int setPassCredentials0(int socket, int pass);

    private static native int receive0(int socket, ByteBuffer into, int offset, int length, long[] whose);

    private static native int hasPidfdInodes0();

    private static native long inode0(int descriptor);

    private static native int openPidfd0(int pid);

    private static native int isAlive0(int pidfd);

    private static native int close0(int descriptor);
}
