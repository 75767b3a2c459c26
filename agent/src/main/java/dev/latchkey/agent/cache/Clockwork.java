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
 */
public record Clockwork(LongSupplier nanoTime, Pause pause, DoubleSupplier jitter, Executor background) {
    /** Waits. */
    @FunctionalInterface
    public interface Pause {
        void sleep(Duration duration) throws InterruptedException;
    }

    /** The machine's. */
    public static Clockwork system() {
        return new Clockwork(
                System::nanoTime,
                Thread::sleep,
                () -> ThreadLocalRandom.current().nextDouble(),
                task -> Thread.ofVirtual().name("refresh").start(task));
    }

    long now() {
        return nanoTime.getAsLong();
    }
}
