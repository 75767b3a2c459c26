package dev.latchkey.agent.consumers;

import dev.latchkey.agent.secret.Holding;
import dev.latchkey.agent.secret.Lease;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.workload.Caller;
import dev.latchkey.agent.workload.PinnedProcess;
import dev.latchkey.agent.workload.Signalled;
import java.time.Instant;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A live process that holds versions. There may be ten thousand of them, so it keeps little. Any thread. */
public final class Consumer {
    private final PinnedProcess process;
    private final int pid;
    private final long uid;
    private final String workload;
    private final long since;
    private volatile CommonHoldings.Held held;

    /**
     * @param process is kept for it
     * @param since milliseconds since 1970
     * @param held is given back when it ends
     */
    Consumer(PinnedProcess process, Caller caller, String workload, long since, CommonHoldings.Held held) {
        this.process = process;
        this.pid = caller.pid();
        this.uid = caller.uid();
        this.workload = workload;
        this.since = since;
        this.held = held;
    }

    PinnedProcess process() {
        return process;
    }

    /** Its number when it connected; 0 if it lives in a PID namespace that ours cannot see. */
    public int pid() {
        return pid;
    }

    /** Its effective uid when it connected, whatever it has become since. */
    public long uid() {
        return uid;
    }

    /** The rule that let it have what it holds, at first. */
    public String workload() {
        return workload;
    }

    /** When it got its first version. */
    public Instant since() {
        return Instant.ofEpochMilli(since);
    }

    CommonHoldings.Held held() {
        return held;
    }

    /** By location. */
    public List<Holding> holdings() {
        return held.list();
    }

    /** Sends it a signal by its number, and never another process. */
    public Signalled signal(int number) {
        return process.signal(number);
    }

    /**
     * It has got more: of a secret that it had before, it now holds what it got last. SECURITY: what came under another lease it may use still, so that
     * is held on to until it ends. For one thread at a time.
     *
     * @return whether there was room to note it; otherwise all is as before, and nothing more is known of what it got
     */
    boolean got(List<Holding> more, CommonHoldings common) {
        CommonHoldings.Held before = held;
        Set<SecretLocation> again = more.stream().map(Holding::location).collect(Collectors.toUnmodifiableSet());
        Set<Lease> same = leases(more);
        Predicate<Holding> staysHeld = holding -> !again.contains(holding.location())
                || holding.hold().filter(hold -> !same.contains(hold.lease())).isPresent();
        Stream<Holding> kept = before.list().stream().filter(staysHeld);
        Optional<CommonHoldings.Held> now =
                common.take(uid, Stream.concat(kept, more.stream()).toList());
        if (now.isEmpty()) {
            return false;
        }
        held = now.get();
        common.giveBack(before);
        before.list().stream().filter(staysHeld.negate()).forEach(Holding::end);
        return true;
    }

    /** By themselves: a version does not tell, for credentials that are made on request may be called by the second in which they were made. */
    private static Set<Lease> leases(List<Holding> holdings) {
        Set<Lease> leases = Collections.newSetFromMap(new IdentityHashMap<>());
        holdings.forEach(holding -> holding.hold().map(Lease.Hold::lease).ifPresent(leases::add));
        return leases;
    }
}
