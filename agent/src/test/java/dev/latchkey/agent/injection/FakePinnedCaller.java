package dev.latchkey.agent.injection;

import dev.latchkey.agent.workload.Caller;
import dev.latchkey.agent.workload.PinnedCaller;
import dev.latchkey.agent.workload.PinnedProcess;
import dev.latchkey.agent.workload.Presented;
import dev.latchkey.agent.workload.Sender;
import dev.latchkey.agent.workload.Supposed;
import dev.latchkey.agent.workload.Workload;
import java.nio.ByteBuffer;

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
    public Sender receive(int socket, ByteBuffer into) {
        return Sender.CALLER;
    }

    @Override
    public Workload workload(Presented presented) {
        return new Workload(caller, true, Supposed.Facts.PLAIN, presented);
    }

    @Override
    public PinnedProcess keep() {
        throw new IllegalStateException("an injection keeps no process");
    }

    @Override
    public void close() {}
}
