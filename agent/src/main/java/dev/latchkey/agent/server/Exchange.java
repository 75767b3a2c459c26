package dev.latchkey.agent.server;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.injection.Bundle;
import dev.latchkey.agent.injection.ComposedRequest;
import dev.latchkey.agent.injection.InjectionResult;
import dev.latchkey.agent.injection.InjectionResult.BindingFailure;
import dev.latchkey.agent.injection.InjectionResult.Refused;
import dev.latchkey.agent.injection.Injector;
import dev.latchkey.agent.injection.Injector.HandOver;
import dev.latchkey.agent.injection.LaunchRequest;
import dev.latchkey.agent.secret.Holding;
import dev.latchkey.agent.telemetry.Event;
import dev.latchkey.agent.telemetry.Key;
import dev.latchkey.agent.workload.PinnedCaller;
import io.netty.util.concurrent.EventExecutor;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * One request from hand-over to conclusion. It holds the caller's admission until it has ended, by {@link #end} or by {@link #conclude}, of which
 * the first counts: whoever meets a fault may end it without asking how far it came.
 */
final class Exchange {
    /** Nothing was decided, so nothing has to be recorded. */
    private static final InjectionResult TOO_LATE =
            refused(Failure.of(FailureKind.TIMED_OUT, "nobody waits for the answer any more"));

    private final Shared shared;
    private final Admission admission;
    private final PinnedCaller caller;
    private final AtomicBoolean over = new AtomicBoolean();

    Exchange(Shared shared, Admission admission, PinnedCaller caller) {
        this.shared = shared;
        this.admission = admission;
        this.caller = caller;
    }

    PinnedCaller caller() {
        return caller;
    }

    /**
     * Runs the request and gives the result back on the event loop: at once where it waits for nothing, otherwise on a virtual thread when it is
     * its caller's turn.
     *
     * @param wanted whether anybody still waits for the answer
     */
    void start(LaunchRequest request, EventExecutor loop, BooleanSupplier wanted, Consumer<InjectionResult> back) {
        begin(() -> {
            if (shared.services().injector().injectsAtOnce(request, caller)) {
                back.accept(result(injector -> injector.inject(request, caller)));
            } else {
                queue(injector -> injector.inject(request, caller), loop, wanted, back);
            }
        });
    }

    /** As the other, for a request with documents, which is never done at once. */
    void start(ComposedRequest request, EventExecutor loop, BooleanSupplier wanted, Consumer<InjectionResult> back) {
        begin(() -> queue(injector -> injector.inject(request, caller), loop, wanted, back));
    }

    private void begin(Runnable work) {
        admission.retain();
        shared.running().begin();
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            end();
            throw e;
        }
    }

    private void queue(
            Function<Injector, InjectionResult> work,
            EventExecutor loop,
            BooleanSupplier wanted,
            Consumer<InjectionResult> back) {
        long uid = caller.caller().uid();
        try {
            shared.workers()
                    .execute(() -> shared.turns()
                            .run(uid, () -> handBack(wanted.getAsBoolean() ? result(work) : TOO_LATE, loop, back)));
        } catch (RejectedExecutionException e) {
            back.accept(refused(Failure.of(FailureKind.BUSY, "the agent has no thread left for the request")));
        }
    }

    private InjectionResult result(Function<Injector, InjectionResult> work) {
        try {
            return work.apply(shared.services().injector());
        } catch (AgentException e) {
            return refused(e.failure());
        } catch (RuntimeException | Error e) {
            shared.logFault(e);
            return refused(Failure.of(FailureKind.INTERNAL, "a fault of the agent", "the agent's log says which"));
        }
    }

    private static Refused refused(Failure failure) {
        return new Refused(
                List.of(new BindingFailure(Optional.empty(), failure)),
                failure.hint().stream().toList());
    }

    private void handBack(InjectionResult result, EventExecutor loop, Consumer<InjectionResult> back) {
        try {
            loop.execute(() -> back.accept(result));
        } catch (RejectedExecutionException e) {
            // The server was closed before the request was done.
            discard(result);
        } catch (RuntimeException | Error e) {
            shared.logFault(e);
            discard(result);
        }
    }

    /** The result comes too late for anybody to have it. */
    void discard(InjectionResult result) {
        switch (result) {
            case InjectionResult.Delivered delivered -> conclude(delivered.bundle(), HandOver.CONNECTION_LOST);
            case Refused _, InjectionResult.Planned _, InjectionResult.Asked _ -> end();
        }
    }

    /** Wipes the bundle, at once, says who holds it now, and records how it went. */
    void conclude(Bundle bundle, HandOver handOver) {
        if (!over.compareAndSet(false, true)) {
            return;
        }
        bundle.close();
        tellHolder(bundle.contents(), handOver);
        if (shared.services().injector().concludesAtOnce()) {
            record(bundle, handOver);
        } else {
            shared.workers().executeAnyway(() -> record(bundle, handOver));
        }
    }

    /** Here the caller is still pinned. What it got only a part of it cannot use, so nobody holds it. */
    private void tellHolder(Bundle.Contents contents, HandOver handOver) {
        try {
            switch (handOver) {
                case DELIVERED ->
                    shared.services().deliveries().delivered(caller, contents.workload(), contents.holdings());
                case CALLER_GONE, CONNECTION_LOST -> contents.holdings().forEach(Holding::end);
            }
        } catch (RuntimeException | Error e) {
            shared.logFault(e);
        }
    }

    private void record(Bundle bundle, HandOver handOver) {
        try {
            shared.services().injector().conclude(bundle, handOver);
        } catch (AgentException e) {
            shared.services()
                    .log()
                    .error(Event.AUDIT_UNAVAILABLE, Key.MESSAGE.of(e.failure().message()));
        } catch (RuntimeException | Error e) {
            shared.logFault(e);
        } finally {
            letGo();
        }
    }

    /** There is no bundle. */
    void end() {
        if (over.compareAndSet(false, true)) {
            letGo();
        }
    }

    private void letGo() {
        admission.release();
        shared.running().end();
    }
}
