package dev.latchkey.agent.cli;

import java.util.function.Supplier;

/**
 * Asks an agent many times. The admin socket gives each user so many connections a second; this stays below that, so that other commands of the same user
 * still come through, and waits where it is told that there are too many.
 */
final class Pace {
    private static final int AT_ONCE = 100;
    private static final long NANOS_BETWEEN = 1_000_000_000L / 80;
    private static final int MOST_TRIES = 100;
    private static final long PAUSE_MILLIS = 200;
    private static final String BUSY = "busy";

    private final long begun = System.nanoTime();
    private long asked;

    /**
     * The answer.
     *
     * @throws CommandFailure as the question, if it is not that the agent is busy, or still that after twenty seconds
     */
    <T> T ask(Supplier<T> question) {
        for (int tries = 1; ; tries++) {
            awaitTurn();
            try {
                return question.get();
            } catch (CommandFailure e) {
                if (tries == MOST_TRIES || !e.error().error().code().equals(BUSY)) {
                    throw e;
                }
                sleep(PAUSE_MILLIS);
            }
        }
    }

    private void awaitTurn() {
        long due = begun + Math.max(0, asked - AT_ONCE) * NANOS_BETWEEN;
        sleep(Math.max(0, due - System.nanoTime()) / 1_000_000);
        asked++;
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CommandFailure.failed("interrupted", "the import was interrupted");
        }
    }
}
