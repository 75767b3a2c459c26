package dev.latchkey.agent.injection;

import dev.latchkey.agent.workload.Caller;
import dev.latchkey.agent.workload.PinnedCaller;

/** A caller that lives until it is told otherwise. */
final class FakePinnedCaller implements PinnedCaller {
    private final Caller caller;
    private boolean alive = true;

    FakePinnedCaller(Caller caller) {
        this.caller = caller;
    }

    void end() {
        alive = false;
    }

    @Override
    public Caller caller() {
        return caller;
    }

    @Override
    public boolean alive() {
        return alive;
    }

    @Override
    public void close() {}
}
