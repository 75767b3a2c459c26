package dev.latchkey.agent.workload;

/**
 * One process, pinned by its pidfd: never another one, whatever becomes of its number. Several may keep it, each closes it once, and the last one closes the
 * pidfd. It stays the same process when that executes another program. Any thread; nothing here blocks.
 */
public interface PinnedProcess extends AutoCloseable {
    /**
     * Tells it from every other process, also from those that have ended; never 0. INVARIANT: two pins of one process share it where the kernel numbers its
     * pidfds (Linux 6.9); elsewhere each pin of a process has its own.
     */
    long identity();

    /** Its pidfd, which stays its own, for as long as it is kept. */
    int descriptor();

    /** Sends it a signal by its number. SECURITY: through the pidfd and in no other way. */
    Signalled signal(int number);

    @Override
    void close();
}
