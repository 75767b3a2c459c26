package dev.latchkey.agent.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Ctrl-C (or another signal that ends a program) while a command does one thing after the other: the command is interrupted, has a moment to say how far it
 * came, and the JVM ends with the signal's own status, 130 for Ctrl-C.
 */
final class Interruption implements AutoCloseable {
    /** How long the command may take to say it. */
    private static final long MOMENT_SECONDS = 3;

    private final Thread command = Thread.currentThread();
    private final CountDownLatch said = new CountDownLatch(1);
    private final Thread hook = new Thread(this::comes, "interruption");
    private volatile boolean came;

    private Interruption() {}

    /** Listens on behalf of the thread that calls. */
    static Interruption listen() {
        Interruption interruption = new Interruption();
        Runtime.getRuntime().addShutdownHook(interruption.hook);
        return interruption;
    }

    private void comes() {
        came = true;
        command.interrupt();
        try {
            boolean _ = said.await(MOMENT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether it came; then nothing more is to be begun. */
    boolean came() {
        return came;
    }

    /** Does not return if it came: everything was said, and the JVM is about to end. */
    @Override
    public void close() {
        if (!came && isRemoved()) {
            return;
        }
        said.countDown();
        while (true) {
            LockSupport.park(this);
            // Whoever is interrupted does not park.
            Thread.interrupted();
        }
    }

    private boolean isRemoved() {
        try {
            return Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException alreadyEnding) {
            return false;
        }
    }
}
