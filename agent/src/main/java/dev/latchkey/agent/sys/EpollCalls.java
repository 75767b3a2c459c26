package dev.latchkey.agent.sys;

/** An epoll over descriptors of which it is told once when there is something to read: of a pidfd, when its process has ended. */
public final class EpollCalls {
    /** The most that one {@link #await} tells. */
    public static final int MOST = 256;

    static {
        NativeLibrary.require();
    }

    private EpollCalls() {}

    /** {@code epoll_create1}: a new descriptor, the caller's to close. */
    public static int create() {
        return ErrnoException.check("epoll_create1", create0());
    }

    /**
     * {@code epoll_ctl}, one shot: tells of that descriptor once, by that datum.
     *
     * @throws ErrnoException EEXIST if it is there already, ENOSPC past the user's limit on what is watched
     */
    public static void add(int epoll, int descriptor, long datum) {
        ErrnoException.check("epoll_ctl add", add0(epoll, descriptor, datum));
    }

    /** {@code epoll_ctl}: tells of that descriptor no more. */
    public static void remove(int epoll, int descriptor) {
        ErrnoException.check("epoll_ctl del", remove0(epoll, descriptor));
    }

    /**
     * {@code epoll_wait}: blocks until there is something to read of any of them, or so many milliseconds, without end if less than 0. Belongs on a
     * platform thread.
     *
     * @param data gets the data of those, as many as it has room for and no more than {@link #MOST}
     * @return how many; 0 when the time was over, or a signal came
     */
    public static int await(int epoll, long[] data, int millis) {
        return ErrnoException.check("epoll_wait", await0(epoll, data, millis));
    }

    /** {@code eventfd}: a new descriptor, the caller's to close, from which there is always something to read. */
    public static int ready() {
        return ErrnoException.check("eventfd", ready0());
    }

    private static native int create0();

    private static native int add0(int epoll, int descriptor, long datum);

    private static native int remove0(int epoll, int descriptor);

    private static native int await0(int epoll, long[] data, int millis);

    private static native int ready0();
}
