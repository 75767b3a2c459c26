package dev.latchkey.agent.server;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;

/**
 * Lets only a few requests of one uid run at a time; the others of that uid wait for their turn. SECURITY: opening many large values takes
 * the processor for long, and one user with many such requests must not make those of all others wait. Any thread.
 */
final class Turns {
    private final int atOnce;
    private final Map<Long, Turn> turns = new HashMap<>();

    /**
     * @param atOnce requests of one uid that run
     */
    Turns(int atOnce) {
        this.atOnce = atOnce;
    }

    private static final class Turn {
        private final Semaphore free;
        private int users;

        Turn(int atOnce) {
            free = new Semaphore(atOnce, true);
        }
    }

    /** Runs the task when it is its turn. Blocks until then. */
    void run(long uid, Runnable task) {
        Turn turn = enter(uid);
        try {
            turn.free.acquireUninterruptibly();
            try {
                task.run();
            } finally {
                turn.free.release();
            }
        } finally {
            leave(uid, turn);
        }
    }

    private synchronized Turn enter(long uid) {
        Turn turn = turns.computeIfAbsent(uid, _ -> new Turn(atOnce));
        turn.users++;
        return turn;
    }

    private synchronized void leave(long uid, Turn turn) {
        turn.users--;
        if (turn.users == 0) {
            turns.remove(uid);
        }
    }
}
