package dev.latchkey.agent.sys;

import java.nio.charset.StandardCharsets;

/** What this process is, and what it says to the service manager. */
public final class ProcessCalls {
    static {
        NativeLibrary.require();
    }

    private ProcessCalls() {}

    /** {@code prctl(PR_SET_DUMPABLE)}: whether others may trace this process, read its memory or dump it. */
    public static void setDumpable(boolean dumpable) {
        ErrnoException.check("prctl set-dumpable", setDumpable0(dumpable));
    }

    /** {@code prctl(PR_GET_DUMPABLE)}. */
    public static boolean isDumpable() {
        return ErrnoException.check("prctl get-dumpable", dumpable0()) == 1;
    }

    /** {@code setrlimit(RLIMIT_CORE, 0)}. */
    public static void forbidCore() {
        ErrnoException.check("setrlimit core", forbidCore0());
    }

    /**
     * Sets the modes that no new file gets.
     *
     * @return those before
     */
    public static int umask(int modes) {
        return umask0(modes);
    }

    /** {@code getrlimit(RLIMIT_NOFILE)}: how many descriptors this process may have. */
    public static long descriptorLimit() {
        long limit = descriptorLimit0();
        if (limit < 0) {
            throw new ErrnoException("getrlimit nofile", (int) -limit);
        }
        return limit;
    }

    /**
     * Sends a state to the service manager, as in {@code READY=1}.
     *
     * @param socket the content of {@code NOTIFY_SOCKET}: a path, or an abstract name after {@code @}
     */
    public static void notify(String socket, String state) {
        byte[] address = socket.getBytes(StandardCharsets.UTF_8);
        if (socket.startsWith("@")) {
            address[0] = 0;
        }
        ErrnoException.check("sendto", sendDatagram0(address, state.getBytes(StandardCharsets.UTF_8)));
    }

    private static native int setDumpable0(boolean dumpable);

    private static native int dumpable0();

    private static native int forbidCore0();

    private static native int umask0(int modes);

    private static native long descriptorLimit0();

    private static native int sendDatagram0(byte[] address, byte[] message);
}
