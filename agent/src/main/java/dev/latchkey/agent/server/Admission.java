package dev.latchkey.agent.server;

import dev.latchkey.agent.workload.PinnedCaller;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A connection's place in the quota, with its caller if that could be attested. Both last as long as the connection or a request of it
 * does, so that a caller that hangs up while its request runs does not get room for another one.
 */
final class Admission {
    private final Optional<PinnedCaller> pinned;
    private final Quota.Place place;
    private final FrameMemory.Share memory;
    private final AtomicInteger users = new AtomicInteger(1);

    Admission(Optional<PinnedCaller> pinned, Quota.Place place, FrameMemory.Share memory) {
        this.pinned = pinned;
        this.place = place;
        this.memory = memory;
    }

    Optional<PinnedCaller> pinned() {
        return pinned;
    }

    /** What its frames take. */
    FrameMemory.Share memory() {
        return memory;
    }

    void retain() {
        users.incrementAndGet();
    }

    void release() {
        if (users.decrementAndGet() == 0) {
            pinned.ifPresent(PinnedCaller::close);
            memory.letGo();
            place.giveBack();
        }
    }
}
