package dev.latchkey.agent.audit;

import java.time.Duration;

/**
 * How long a reader bears what only a writer in the middle of something explains.
 *
 * @param line without an end: a write takes far less
 * @param rotation while there is no current file: the writer needs microseconds from renaming the one to making the next, and may lose its
 *     processor between them
 */
record Patience(Duration line, Duration rotation) {
    static final Patience USUAL = new Patience(Duration.ofMillis(50), Duration.ofSeconds(2));

    /** For files that nobody writes. */
    static final Patience NONE = new Patience(Duration.ZERO, Duration.ZERO);
}
