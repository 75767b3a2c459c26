package dev.latchkey.agent.consumers;

import dev.latchkey.agent.secret.Holding;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.workload.Caller;
import dev.latchkey.agent.workload.PinnedProcess;
import dev.latchkey.agent.workload.Signalled;
import java.time.Instant;
import java.util.List;
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
    private volatile List<Holding> holdings;

    /**
     * @param process is kept for it
     * @param since milliseconds since 1970
     */
    Consumer(PinnedProcess process, Caller caller, String workload, long since, List<Holding> holdings) {
        this.process = process;
        this.pid = caller.pid();
        this.uid = caller.uid();
        this.workload = workload;
        this.since = since;
        this.holdings = holdings;
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

    public List<Holding> holdings() {
        return holdings;
    }

    /** Sends it a signal by its number, and never another process. */
    public Signalled signal(int number) {
        return process.signal(number);
    }

    /**
     * It has got more: of a secret that it had before, it now holds what it got last. SECURITY: what came under another lease it may use still, so that
     * is held on to until it ends. For one thread at a time.
     */
    void got(List<Holding> more, CommonHoldings common) {
        List<Holding> before = holdings;
        if (before.equals(more)) {
            return;
        }
        Set<SecretLocation> again = more.stream().map(Holding::location).collect(Collectors.toUnmodifiableSet());
        Set<String> same = more.stream().map(Holding::toString).collect(Collectors.toUnmodifiableSet());
        Predicate<Holding> staysHeld = holding -> !again.contains(holding.location())
                || (holding.hold().isPresent() && !same.contains(holding.toString()));
        List<Holding> kept = before.stream().filter(staysHeld).toList();
        holdings = kept.isEmpty()
                ? more
                : common.of(Stream.concat(kept.stream(), more.stream()).toList());
        before.stream().filter(staysHeld.negate()).forEach(Holding::end);
    }
}
