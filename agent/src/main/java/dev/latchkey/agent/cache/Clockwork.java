package dev.latchkey.agent.cache;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * Time and what depends on it.
 *
 * @param nanoTime of the monotonic clock
 * @param jitter from 0 to 1
 * @param background runs refreshes
 * @param alarm runs what is due later
 */
public record Clockwork(LongSupplier nanoTime, Pause pause, DoubleSupplier jitter, Executor background, Alarm alarm) {
    /** Waits. */
    @FunctionalInterface
    public interface Pause {
        void sleep(Duration duration) throws InterruptedException;
    }

    /** Runs a task once a while has passed, where it may block. Does not block itself. */
    @FunctionalInterface
    public interface Alarm {
        void after(Duration delay, Runnable task);
    }

    /** The machine's. */
    public static Clockwork system() {
        return new Clockwork(
                System::nanoTime,
                Thread::sleep,
                () -> ThreadLocalRandom.current().nextDouble(),
                task -> Thread.ofVirtual().name("refresh").start(task),
                (delay, task) -> Thread.ofVirtual().name("lease").start(() -> sleepThenRun(delay, task)));
    }

    private static void sleepThenRun(Duration delay, Runnable task) {
        try {
            Thread.sleep(delay);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        task.run();
    }

    long now() {
        return nanoTime.getAsLong();
    }
}
