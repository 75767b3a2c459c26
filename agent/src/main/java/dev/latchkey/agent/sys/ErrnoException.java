package dev.latchkey.agent.sys;

/** A system call that failed. */
public final class ErrnoException extends RuntimeException {
    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int ESRCH = 3;
    public static final int EBADF = 9;
    public static final int EAGAIN = 11;
    public static final int ENOMEM = 12;
    public static final int EACCES = 13;
    public static final int EXDEV = 18;
    public static final int ENOTDIR = 20;
    public static final int EINVAL = 22;
    public static final int ENFILE = 23;
    public static final int EMFILE = 24;
    public static final int ENOSPC = 28;
    public static final int ENAMETOOLONG = 36;
    public static final int ELOOP = 40;
    public static final int ENOPROTOOPT = 92;
    public static final int ECONNRESET = 104;

    private final int errno;

    ErrnoException(String call, int errno) {
        super(call + " failed with errno " + errno);
        this.errno = errno;
    }

    public int errno() {
        return errno;
    }

    /** The result of a call, which is {@code -errno} if it failed. */
    static int check(String call, int result) {
        if (result < 0) {
            throw new ErrnoException(call, -result);
        }
        return result;
    }
}
