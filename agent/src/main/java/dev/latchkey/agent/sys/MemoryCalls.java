package dev.latchkey.agent.sys;

import java.nio.ByteBuffer;

/** Mappings. Addresses and lengths are those of whole mappings made by {@link #map} or {@link #mapSecret}. */
public final class MemoryCalls {
    static {
        NativeLibrary.require();
    }

    private MemoryCalls() {}

    /** Bytes of a page. */
    public static long pageSize() {
        return pageSize0();
    }

    /**
     * {@code mmap}: zeroed private memory.
     *
     * @param bytes more than 0
     * @return its address
     */
    public static long map(long bytes) {
        long address = map0(bytes);
        if (address < 0) {
            throw new ErrnoException("mmap", (int) -address);
        }
        return address;
    }

    /**
     * {@code memfd_secret} and {@code mmap}: zeroed memory that neither root nor the kernel can read otherwise, locked, left out of dumps
     * and of forked children. No other advice is needed for it.
     *
     * @param bytes whole pages, more than 0
     * @return its address
     * @throws ErrnoException ENOSYS where there is none, EAGAIN past the limit on locked memory
     */
    public static long mapSecret(long bytes) {
        long address = mapSecret0(bytes);
        if (address < 0) {
            throw new ErrnoException("memfd_secret", (int) -address);
        }
        return address;
    }

    /** {@code munmap}. SECURITY: no buffer of {@link #view} may be used after it. */
    public static void unmap(long address, long bytes) {
        ErrnoException.check("munmap", unmap0(address, bytes));
    }

    /** {@code mlock}: fails with ENOMEM or EPERM past the limit. */
    public static void lock(long address, long bytes) {
        ErrnoException.check("mlock", lock0(address, bytes));
    }

    /** {@code madvise(MADV_DONTDUMP)}. */
    public static void excludeFromDumps(long address, long bytes) {
        ErrnoException.check("madvise dontdump", excludeFromDumps0(address, bytes));
    }

    /** {@code madvise(MADV_WIPEONFORK)}. */
    public static void wipeOnFork(long address, long bytes) {
        ErrnoException.check("madvise wipeonfork", wipeOnFork0(address, bytes));
    }

    /** Zeroes it; no compiler leaves that out. */
    public static void wipe(long address, long bytes) {
        wipe0(address, bytes);
    }

    /** A direct buffer over the first bytes of a mapping. It does not keep the mapping alive. */
    public static ByteBuffer view(long address, int bytes) {
        return view0(address, bytes);
    }

    /** Whether {@code memfd_secret} works here. */
    public static boolean hasSecretMemory() {
        return hasSecretMemory0() == 1;
    }

    private static native int hasSecretMemory0();

    private static native long pageSize0();

    private static native long map0(long bytes);

    private static native long mapSecret0(long bytes);

    private static native int unmap0(long address, long bytes);

    private static native int lock0(long address, long bytes);

    private static native int excludeFromDumps0(long address, long bytes);

    private static native int wipeOnFork0(long address, long bytes);

    private static native void wipe0(long address, long bytes);

    private static native ByteBuffer view0(long address, long bytes);
}
