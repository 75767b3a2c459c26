package dev.latchkey.agent.cache;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.UnavailableException;
import dev.latchkey.agent.secret.Lender;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Renews as told, and counts. */
final class FakeLender implements Lender {
    final List<Long> renewals = new ArrayList<>();
    final List<Long> returns = new ArrayList<>();
    boolean renews = true;
    Supplier<Optional<Term>> term;
    Runnable giveBack = () -> {};
    Optional<Duration> most = Optional.empty();
    private final FakeTime time;

    FakeLender(FakeTime time, Duration first) {
        this.time = time;
        this.term = () -> Optional.of(new Term(first, true));
    }

    static UnavailableException down() {
        return new UnavailableException(Failure.of(FailureKind.PROVIDER_UNAVAILABLE, "fake is down"));
    }

    static AgentException denied() {
        return new AgentException(FailureKind.PROVIDER_DENIED, "fake does not let the agent do this");
    }

    @Override
    public boolean renews() {
        return renews;
    }

    @Override
    public synchronized Optional<Term> renew(Duration wanted, Duration within) {
        renewals.add(time.now());
        return term.get();
    }

    @Override
    public synchronized void giveBack(Duration within) {
        returns.add(time.now());
        giveBack.run();
    }

    @Override
    public Optional<Duration> most() {
        return most;
    }
}
