package dev.latchkey.agent.store;

import dev.latchkey.agent.failure.AgentException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Asks remote KEKs now and then, so that one that was away gets the wraps it missed and one that is rotated or refused is noticed before it is needed. A
 * thread of its own, only where the configuration has a remote KEK.
 */
final class KeyUpkeep implements AutoCloseable {
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
    private static final Duration CALM = Duration.ofMinutes(10);

    private final Custody custody;
    private final Keyring keyring;
    private final Semaphore woken = new Semaphore(0);
    private final Thread thread;

    private KeyUpkeep(Custody custody, Keyring keyring) {
        this.custody = custody;
        this.keyring = keyring;
        this.thread = Thread.ofVirtual().name("key-upkeep").unstarted(this::run);
    }

    static KeyUpkeep start(Custody custody, Keyring keyring) {
        KeyUpkeep upkeep = new KeyUpkeep(custody, keyring);
        upkeep.thread.start();
        return upkeep;
    }

    private void run() {
        try {
            Duration pause = FIRST_PAUSE;
            while (!Thread.currentThread().isInterrupted()) {
                boolean whole = round();
                woken.tryAcquire((whole ? CALM : pause).toNanos(), TimeUnit.NANOSECONDS);
                woken.drainPermits();
                pause = whole ? FIRST_PAUSE : longer(pause);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean round() {
        try {
            return custody.complete(keyring);
        } catch (AgentException e) {
            // The store says so itself to whoever uses it; here only the next round is left.
            return false;
        }
    }

    private static Duration longer(Duration pause) {
        Duration doubled = pause.multipliedBy(2);
        return doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
    }

    /** Begins the next round now. */
    void wake() {
        woken.release();
    }

    /** Ends within the time that one request takes to notice. */
    @Override
    public void close() {
        thread.interrupt();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
