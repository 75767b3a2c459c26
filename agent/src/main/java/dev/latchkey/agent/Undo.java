package dev.latchkey.agent;

import java.util.ArrayDeque;
import java.util.Deque;

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
     * @throws IllegalStateException with every failure suppressed in it, if there was one
     */
    @Override
    public void close() {
        IllegalStateException failed = new IllegalStateException("not everything could be stopped in good order");
        while (!steps.isEmpty()) {
            try {
                steps.pop().close();
            } catch (Exception e) {
                failed.addSuppressed(e);
            }
        }
        if (failed.getSuppressed().length > 0) {
            throw failed;
        }
    }
}
