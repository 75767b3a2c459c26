package dev.latchkey.agent.server;

import java.time.Duration;

/**
 * What one connection, one user and all of them together may use.
 *
 * @param firstFrame from accepting a connection to the end of its first frame
 * @param idle from an answer to the next frame's first byte
 * @param frame from a later frame's first byte to its end
 * @param write from the first byte of an answer to its last
 * @param parting how long a connection that was refused may still read its answer
 * @param connections of all users, at once
 * @param connectionsOfUser of one uid, at once
 * @param frameBytes of requests that are held at once, besides the first few of each
 * @param frameBytesOfUser the same, of one uid
 * @param rejectionsPerSecond audit records a second about refused frames and connections of one uid
 * @param eventLoops threads
 */
public record Limits(
        Duration firstFrame,
        Duration idle,
        Duration frame,
        Duration write,
        Duration parting,
        int connections,
        int connectionsOfUser,
        long frameBytes,
        long frameBytesOfUser,
        int rejectionsPerSecond,
        int eventLoops) {
    /** A request takes about four times its bytes of the heap until it is answered. */
    private static final long FRAME_BYTES = 8 << 20;

    private static final Duration ANSWER_MARGIN = Duration.ofMillis(500);

    public static Limits defaults() {
        Duration five = Duration.ofSeconds(5);
        int loops = Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, 4);
        return new Limits(
                five, five, five, five, Duration.ofMillis(250), 4_096, 512, FRAME_BYTES, FRAME_BYTES / 4, 5, loops);
    }

    /** When the answer is due: half a second before the client's deadline, or at half of it. */
    static Duration answerWithin(Duration deadline) {
        long nanos = deadline.toNanos();
        return Duration.ofNanos(nanos - Math.min(nanos / 2, ANSWER_MARGIN.toNanos()));
    }
}
