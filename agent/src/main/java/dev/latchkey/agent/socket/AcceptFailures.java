package dev.latchkey.agent.socket;

import dev.latchkey.agent.telemetry.Event;
import dev.latchkey.agent.telemetry.Key;
import dev.latchkey.agent.telemetry.Log;
import java.time.Duration;

/** Says now and then that connections cannot be accepted, as where there is no descriptor left. Lives on one thread. */
public final class AcceptFailures {
    /**
     * How long nothing is accepted then. Short, because only so many peers that hung up meanwhile are let go after each pause as there are
     * descriptors.
     */
    public static final Duration PAUSE = Duration.ofMillis(10);

    /** At most one line a second. */
    static final int PAUSES_PER_LINE = 100;

    private final Log log;
    private int pauses;

    public AcceptFailures(Log log) {
        this.log = log;
    }

    /** To be called once for each pause. */
    public void record(Throwable cause) {
        if (pauses++ % PAUSES_PER_LINE == 0) {
            log.warn(Event.CONNECTION_REJECTED, Key.FAULT.of(cause));
        }
    }
}
