package dev.latchkey.agent.consumers;

import dev.latchkey.agent.secret.Holding;
import dev.latchkey.agent.workload.Caller;
import dev.latchkey.agent.workload.PinnedCaller;
import dev.latchkey.agent.workload.PinnedProcess;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** All consumers. Follows them from construction until it is closed. */
public final class Consumers implements Deliveries, AutoCloseable {
    private static final int BATCH = 256;
    private static final long REST_MILLIS = 50;
    private static final long CLOSING_MILLIS = 2_000;

    /** By the identity of the process. A process is watched and given back only while its entry is held. */
    private final Map<Long, Consumer> consumers = new ConcurrentHashMap<>();

    private final CommonHoldings common;
    private final LongAdder untracked = new LongAdder();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final ExitWatch watch;
    private final Room room;
    private final InstantSource clock;
    private final Thread thread;

    /**
     * @param watch is closed with this
     */
    public Consumers(ExitWatch watch, Room room, InstantSource clock) {
        this(watch, room, new Room(CommonHoldings.MOST), clock);
    }

    /**
     * @param holdings how many versions all of them together may hold
     */
    Consumers(ExitWatch watch, Room room, Room holdings, InstantSource clock) {
        this.watch = watch;
        this.room = room;
        this.common = new CommonHoldings(holdings);
        this.clock = clock;
        this.thread = Thread.ofPlatform().daemon().name("consumers").start(this::follow);
    }

    @Override
    public void delivered(PinnedCaller caller, String workload, List<Holding> holdings) {
        if (holdings.isEmpty()) {
            return;
        }
        PinnedProcess process = caller.keep();
        consumers.compute(
                process.identity(),
                (_, known) -> known == null
                        ? begun(process, caller.caller(), workload, holdings)
                        : continued(known, process, holdings));
    }

    private @Nullable Consumer begun(PinnedProcess process, Caller caller, String workload, List<Holding> holdings) {
        if (!isRoom(caller.uid())) {
            return untracked(process, holdings);
        }
        Optional<CommonHoldings.Held> held = common.take(caller.uid(), holdings);
        if (held.isEmpty() || !watch.add(process)) {
            held.ifPresent(common::giveBack);
            room.giveBack(caller.uid());
            return untracked(process, holdings);
        }
        return new Consumer(process, caller, workload, clock.millis(), held.get());
    }

    private boolean isRoom(long uid) {
        return closing.getCount() > 0 && room.take(uid);
    }

    private @Nullable Consumer untracked(PinnedProcess process, List<Holding> holdings) {
        process.close();
        leave(holdings);
        return null;
    }

    /** SECURITY: the process may use what it got for as long as it likes, so nothing of it is ever given back. */
    private void leave(List<Holding> holdings) {
        holdings.forEach(Holding::leave);
        untracked.increment();
    }

    /** The process is kept once. */
    private Consumer continued(Consumer known, PinnedProcess process, List<Holding> holdings) {
        if (!known.got(holdings, common)) {
            leave(holdings);
        }
        process.close();
        return known;
    }

    private void follow() {
        long[] ended = new long[BATCH];
        int count;
        do {
            count = watch.await(ended);
            for (int i = 0; i < count; i++) {
                consumers.computeIfPresent(ended[i], (_, consumer) -> ended(consumer));
            }
        } while (count == BATCH || !isClosing());
    }

    /** Whether it is time to end; told after a rest, in which others may end too. */
    private boolean isClosing() {
        try {
            return closing.await(REST_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts the thread of consumers", e);
        }
    }

    private @Nullable Consumer ended(Consumer consumer) {
        forget(consumer);
        consumer.holdings().forEach(Holding::end);
        return null;
    }

    private void forget(Consumer consumer) {
        watch.remove(consumer.process());
        consumer.process().close();
        room.giveBack(consumer.uid());
        common.giveBack(consumer.held());
    }

    /** Those that are known now, in no order. */
    public List<Consumer> all() {
        return List.copyOf(consumers.values());
    }

    public int count() {
        return consumers.size();
    }

    /** How often something was handed over to a process that could not be followed, or not with all that it got, since the start. */
    public long untracked() {
        return untracked.sum();
    }

    /** Gives every descriptor back. The processes go on, and keep what they hold. */
    @Override
    public void close() {
        if (closing.getCount() == 0) {
            return;
        }
        closing.countDown();
        watch.wake();
        awaitThread();
        for (Long identity : consumers.keySet()) {
            consumers.computeIfPresent(identity, (_, consumer) -> left(consumer));
        }
        watch.close();
    }

    private @Nullable Consumer left(Consumer consumer) {
        forget(consumer);
        consumer.holdings().forEach(Holding::leave);
        return null;
    }

    private void awaitThread() {
        try {
            thread.join(CLOSING_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
