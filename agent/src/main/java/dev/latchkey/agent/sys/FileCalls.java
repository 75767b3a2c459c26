package dev.latchkey.agent.sys;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** What a file lies on, and files below a folder. */
public final class FileCalls {
    static {
        NativeLibrary.require();
    }

    private FileCalls() {}

    /** {@code statfs}: the number of the kind of file system that a path is on, from 0 to 2³²-1. */
    public static long fileSystem(Path path) {
        long number = fileSystem0(bytes(path.toString()));
        if (number < 0) {
            throw new ErrnoException("statfs", (int) -number);
        }
        return number;
    }

    /**
     * {@code openat2} for reading, with {@code RESOLVE_BENEATH}: no link and no {@code ..} leads out of the folder, whoever changes it meanwhile.
     *
     * @return the descriptor, for {@link #close}
     */
    public static int openBeneath(Path folder, String path) {
        return ErrnoException.check("openat2", openBeneath0(bytes(folder.toString()), bytes(path)));
    }

    /** {@code fstat}. */
    public static Facts facts(int descriptor) {
        long[] facts = new long[5];
        ErrnoException.check("fstat", facts0(descriptor, facts));
        return new Facts((int) facts[0], facts[1], facts[2], facts[3], facts[4]);
    }

    /** {@code read} into what remains of a direct buffer; how many bytes, 0 at the end of the file. */
    public static int read(int descriptor, ByteBuffer direct) {
        int read = ErrnoException.check("read", read0(descriptor, direct, direct.position(), direct.remaining()));
        direct.position(direct.position() + read);
        return read;
    }

    public static void close(int descriptor) {
        close0(descriptor);
    }

    /**
     * What a file is.
     *
     * @param mode with its type
     * @param changed seconds since 1970 at which its content changed last
     */
    public record Facts(int mode, long uid, long gid, long size, long changed) {
        private static final int TYPE = 0170000;
        private static final int REGULAR = 0100000;
        private static final int PERMISSIONS = 07777;

        public boolean isRegular() {
            return (mode & TYPE) == REGULAR;
        }

        public int permissions() {
            return mode & PERMISSIONS;
        }
    }

    private static byte[] bytes(String path) {
        return path.getBytes(StandardCharsets.UTF_8);
    }

    private static native long fileSystem0(byte[] path);

    private static native int openBeneath0(byte[] folder, byte[] path);

    private static native int facts0(int descriptor, long[] facts);

    private static native int read0(int descriptor, ByteBuffer buffer, int from, int length);

    private static native void close0(int descriptor);
}
