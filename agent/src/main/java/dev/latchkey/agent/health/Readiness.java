package dev.latchkey.agent.health;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/** Starting, then serving unless something is failing, at last draining. */
public final class Readiness {
    /** In the order in which they are passed; {@code FAILING} and {@code READY} may alternate. */
    public enum State {
        STARTING,
        READY,
        FAILING,
        DRAINING
    }

    private enum Phase {
        STARTING,
        SERVING,
        DRAINING
    }

    private final Map<String, String> failing = new ConcurrentSkipListMap<>();
    private volatile Phase phase = Phase.STARTING;

    public State state() {
        return switch (phase) {
            case STARTING -> State.STARTING;
            case SERVING -> failing.isEmpty() ? State.READY : State.FAILING;
            case DRAINING -> State.DRAINING;
        };
    }

    /** Why it is not ready; empty if it is. */
    public List<String> reasons() {
        return switch (phase) {
            case STARTING -> List.of("the agent is starting");
            case SERVING -> List.copyOf(failing.values());
            case DRAINING -> List.of("the agent is stopping");
        };
    }

    public void serving() {
        phase = Phase.SERVING;
    }

    public void draining() {
        phase = Phase.DRAINING;
    }

    /**
     * Something cannot do its work, so nothing may be served as if it could.
     *
     * @param part names it, the same for its recovery
     * @param reason for users, without values
     */
    public void failing(String part, String reason) {
        failing.put(part, reason);
    }

    public void recovered(String part) {
        failing.remove(part);
    }
}
