package dev.latchkey.agent.cli;

import java.util.Locale;
import java.util.function.Supplier;

/** Says on a terminal what takes longer than a second, and for how long; elsewhere it says nothing. */
final class Progress implements AutoCloseable {
    private static final long FIRST = 1000;
    private static final long NEXT = 500;

    private final Session session;
    private final Supplier<String> what;
    private final Thread teller = new Thread(this::tell, "progress");
    private boolean shown;

    private Progress(Session session, Supplier<String> what) {
        this.session = session;
        this.what = what;
    }

    static Progress of(Session session, String what) {
        return of(session, () -> what);
    }

    /**
     * @param what is asked for each time that something is said, by another thread
     */
    static Progress of(Session session, Supplier<String> what) {
        Progress progress = new Progress(session, what);
        if (session.terminal().showsProgress()) {
            progress.teller.setDaemon(true);
            progress.teller.start();
        }
        return progress;
    }

    private void tell() {
        long begun = System.nanoTime();
        try {
            Thread.sleep(FIRST);
            while (true) {
                shown = true;
                long seconds = (System.nanoTime() - begun) / 1_000_000_000;
                session.surroundings()
                        .err()
                        .print(String.format(Locale.ROOT, "\ragent: %s, %d s", what.get(), seconds));
                session.surroundings().err().flush();
                Thread.sleep(NEXT);
            }
        } catch (InterruptedException e) {
            if (shown) {
                session.surroundings().err().println();
            }
        }
    }

    @Override
    public void close() {
        teller.interrupt();
        try {
            teller.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
