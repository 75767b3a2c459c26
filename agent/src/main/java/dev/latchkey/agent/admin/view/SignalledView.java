package dev.latchkey.agent.admin.view;

import java.util.List;
import java.util.Optional;

/**
 * What became of a signal to one consumer.
 *
 * @param workload the rule that let it have what it holds
 * @param pid absent if it lives in a PID namespace that the agent cannot see
 * @param uid when it connected
 * @param location {@code provider:path} of the secret
 * @param versions those of its versions for which it was signalled
 * @param result one of {@link #RESULTS}
 */
public record SignalledView(
        String workload, Optional<Integer> pid, long uid, String location, List<String> versions, String result) {
    public static final String SENT = "sent";
    public static final String GONE = "gone";
    public static final String NOT_PERMITTED = "not-permitted";
    public static final String OUT_OF_REACH = "out-of-reach";

    /** All that can become of a signal. */
    public static final List<String> RESULTS = List.of(SENT, GONE, NOT_PERMITTED, OUT_OF_REACH);

    public SignalledView {
        versions = List.copyOf(versions);
    }

    /** Whether the process lives on without it. */
    public boolean failed() {
        return result.equals(NOT_PERMITTED) || result.equals(OUT_OF_REACH);
    }
}
