package dev.latchkey.agent.sys;

/** SIGHUP, SIGINT and SIGTERM, and what means nothing here and must not end the process, as something to wait for; and signals to others. */
public final class SignalCalls {
    public static final int SIGHUP = 1;
    public static final int SIGINT = 2;
    public static final int SIGTERM = 15;

    static {
        NativeLibrary.require();
    }

    private SignalCalls() {}

    /**
     * Takes the three over from the JVM, which would end at them with a status of its own, and SIGUSR1, SIGALRM, SIGVTALRM, SIGPROF and SIGIO, at
     * which the kernel would end it. A SIGINT that was ignored from the start stays ignored. To be called once, before {@link #awaitOrder}.
     */
    public static void catchOrders() {
        ErrnoException.check("sigaction", catchOrders0());
    }

    /**
     * Blocks until one of them came, and gives its number. Cannot be interrupted, so it belongs on a daemon thread of its own,
     * never on a virtual one.
     */
    public static int awaitOrder() {
        return ErrnoException.check("read", awaitOrder0());
    }

    /**
     * {@code pidfd_send_signal}: to the process of that pidfd, and never to another one that has its number by now.
     *
     * @throws ErrnoException ESRCH if it is gone, EPERM if it is another user's, EINVAL if its PID namespace cannot be seen from here
     */
    public static void send(int pidfd, int signal) {
        ErrnoException.check("pidfd_send_signal", send0(pidfd, signal));
    }

    private static native int catchOrders0();

    private static native int awaitOrder0();

    private static native int send0(int pidfd, int signal);
}
