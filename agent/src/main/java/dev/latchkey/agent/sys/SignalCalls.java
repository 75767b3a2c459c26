package dev.latchkey.agent.sys;

/** SIGHUP as something to wait for. */
public final class SignalCalls {
    static {
        NativeLibrary.require();
    }

    private SignalCalls() {}

    /** Takes SIGHUP over from the JVM, which would stop at it. To be called once, before {@link #awaitHangup}. */
    public static void catchHangup() {
        ErrnoException.check("sigaction", catchHangup0());
    }

    /**
     * Blocks until SIGHUP came since the last call; several at once count as one. Cannot be interrupted, so it belongs on a
     * daemon thread of its own, never on a virtual one.
     */
    public static void awaitHangup() {
        ErrnoException.check("read", awaitHangup0());
    }

    private static native int catchHangup0();

    private static native int awaitHangup0();
}
