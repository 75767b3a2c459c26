package dev.latchkey.agent.consumers;

import dev.latchkey.agent.secret.Lease;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Remembers how it ended. */
final class FakeHold implements Lease.Hold {
    final List<String> ends = new ArrayList<>();
    private final Lease lease;

    /** On a lease that nobody else holds. */
    FakeHold() {
        this(Lease.unattended(Duration.ofHours(1)));
    }

    FakeHold(Lease lease) {
        this.lease = lease;
    }

    @Override
    public Lease lease() {
        return lease;
    }

    @Override
    public synchronized void close() {
        ends.add("closed");
    }

    @Override
    public synchronized void leave() {
        ends.add("left");
    }

    synchronized List<String> ends() {
        return List.copyOf(ends);
    }
}
