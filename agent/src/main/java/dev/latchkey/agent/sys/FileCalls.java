package dev.latchkey.agent.sys;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** What a file lies on. */
public final class FileCalls {
    static {
        NativeLibrary.require();
    }

    private FileCalls() {}

    /** {@code statfs}: the number of the kind of file system that a path is on, from 0 to 2³²-1. */
    public static long fileSystem(Path path) {
        long number = fileSystem0(path.toString().getBytes(StandardCharsets.UTF_8));
        if (number < 0) {
            throw new ErrnoException("statfs", (int) -number);
        }
        return number;
    }

    private static native long fileSystem0(byte[] path);
}
