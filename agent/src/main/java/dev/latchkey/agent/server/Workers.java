package dev.latchkey.agent.server;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** Runs tasks on virtual threads. Rejects one, which then never runs, where the system has no thread left that could carry it. */
final class Workers implements Executor {
    private final Consumer<Runnable> threads;

    Workers() {
        this(task -> Thread.ofVirtual().name("request").start(task));
    }

    /**
     * @param threads starts a thread, or throws
     */
    Workers(Consumer<Runnable> threads) {
        this.threads = threads;
    }

    @Override
    public void execute(Runnable task) {
        AtomicBoolean taken = new AtomicBoolean();
        try {
            threads.accept(() -> {
                if (taken.compareAndSet(false, true)) {
                    task.run();
                }
            });
        } catch (OutOfMemoryError e) {
            // It lies in the queue of those that there are, and one of them may have taken it.
            if (taken.compareAndSet(false, true)) {
                throw new RejectedExecutionException("no thread left", e);
            }
        }
    }

    /** On a virtual thread, or where there is none right here. */
    void executeAnyway(Runnable task) {
        try {
            execute(task);
        } catch (RejectedExecutionException e) {
            task.run();
        }
    }
}
