package dev.latchkey.agent.backend.aws.sdk;

import dev.latchkey.agent.backend.http.HttpResponse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One question while it runs: how long it may take, and the answer, which passes the SDK by. Belongs to the thread that asks. */
final class Call {
    /** Bound for the thread that asks. */
    static final ScopedValue<Call> CURRENT = ScopedValue.newInstance();

    private final long deadline;
    private byte @Nullable [] answer;

    /**
     * @param deadline by {@code System.nanoTime}
     */
    Call(long deadline) {
        this.deadline = deadline;
    }

    /** Positive always: what is over is over at once. */
    Duration left() {
        return Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
    }

    /** Takes the body over. */
    void answered(HttpResponse response) {
        answer = response.body();
    }

    /** The body of the answer; the caller's to wipe. */
    byte[] taken() {
        byte[] body = answer;
        if (body == null) {
            throw new IllegalStateException("a service answered without a request");
        }
        answer = null;
        return body;
    }
}
