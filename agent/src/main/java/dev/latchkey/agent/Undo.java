package dev.latchkey.agent;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.Collectors;

/** What has to be done to stop, in the reverse order of starting. A step that fails does not keep the others from being done. */
final class Undo implements AutoCloseable {
    private final Deque<AutoCloseable> steps = new ArrayDeque<>();

    <T extends AutoCloseable> T closing(T part) {
        steps.push(part);
        return part;
    }

    void by(Runnable step) {
        steps.push(step::run);
    }

    /**
     * Does every step once.
     *
     * @throws AgentException of kind {@code STATE_UNUSABLE} that names every failure, if there was one
     */
    @Override
    public void close() {
        List<Exception> failures = new ArrayList<>();
        while (!steps.isEmpty()) {
            try {
                steps.pop().close();
            } catch (Exception e) {
                failures.add(e);
            }
        }
        if (!failures.isEmpty()) {
            throw failed(failures);
        }
    }

    private static AgentException failed(List<Exception> failures) {
        String all = failures.stream().map(Undo::text).collect(Collectors.joining("; "));
        AgentException failed =
                new AgentException(FailureKind.STATE_UNUSABLE, "the agent stopped, but not in good order: " + all);
        failures.forEach(failed::addSuppressed);
        return failed;
    }

    /** SECURITY: of a fault its kind, never its message, which nobody has checked for values. */
    private static String text(Exception e) {
        return e instanceof AgentException known
                ? known.failure().message()
                : e.getClass().getName();
    }
}
