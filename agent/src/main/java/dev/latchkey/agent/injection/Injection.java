package dev.latchkey.agent.injection;

import dev.latchkey.agent.audit.AuditEvent;
import dev.latchkey.agent.audit.AuditEvent.Outcome;
import dev.latchkey.agent.audit.AuditLog;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.injection.InjectionResult.BindingFailure;
import dev.latchkey.agent.injection.InjectionResult.PlanEntry;
import dev.latchkey.agent.memory.WipedSegment;
import dev.latchkey.agent.policy.Selection;
import dev.latchkey.agent.workload.PinnedCaller;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/** The use case in a straight line: decide on names, record it, look up, open, lay out. */
public final class Injection implements Injector {
    private static final String DELIVERED = "delivered";
    private static final String PLANNED = "planned";

    /** Bindings of a request that is done at once. */
    private static final int FEW = 16;

    /** Characters of what a record says of a document. */
    private static final int LONGEST_DETAIL = 256;

    private final Supplier<Settings> settings;
    private final AuditLog audit;
    private final Assembly assembly;
    private final Planning planning;
    private final WipedSegment.Source memory;
    private final InstantSource clock;
    private final RecentNamings namings = new RecentNamings();
    private final Throttles throttles = new Throttles(System::nanoTime);
    private final RefusalBudget refusals = new RefusalBudget(16 << 20, 16 << 10, System::nanoTime);

    /**
     * @param settings gives the snapshot in force
     */
    public Injection(Supplier<Settings> settings, AuditLog audit, WipedSegment.Source memory, InstantSource clock) {
        this.settings = settings;
        this.audit = audit;
        this.assembly = new Assembly(memory);
        this.planning = new Planning(memory, clock);
        this.memory = memory;
        this.clock = clock;
    }

    @Override
    public boolean injectsAtOnce(LaunchRequest request, PinnedCaller caller) {
        Settings inForce = settings.get();
        return request.bindings().size() <= FEW
                && audit.appendsAtOnce()
                && !inForce.policy().asksOfProcesses()
                && namings.of(request, inForce).isAtHand(inForce.policy().select(caller.workload(request.presented())));
    }

    @Override
    public boolean concludesAtOnce() {
        return audit.appendsAtOnce();
    }

    @Override
    public InjectionResult inject(LaunchRequest request, PinnedCaller caller) {
        Settings inForce = settings.get();
        Selection selection = inForce.policy().select(caller.workload(request.presented()));
        return throttles
                .enter(selection)
                .map(place -> injected(place, () -> judged(request, caller, selection, inForce)))
                .orElseGet(() -> Refusals.ofRequest(tooManyRequests()));
    }

    @Override
    public InjectionResult inject(ComposedRequest request, PinnedCaller caller) {
        try {
            Settings inForce = settings.get();
            Selection selection =
                    inForce.policy().select(caller.workload(request.launch().presented()));
            return throttles
                    .enter(selection)
                    .map(place -> injected(place, () -> composed(request, caller, selection, inForce)))
                    .orElseGet(() -> Refusals.ofRequest(tooManyRequests()));
        } finally {
            request.given().wipe();
        }
    }

    private InjectionResult composed(
            ComposedRequest request, PinnedCaller caller, Selection selection, Settings inForce) {
        return switch (composition(request, selection, inForce)) {
            case Composition.Incomplete(var variables, var files) -> new InjectionResult.Asked(variables, files);
            case Composition.Refused(List<Failure> failures) -> rejected(failures, caller);
            case Composition.Complete complete ->
                complete.problems().isEmpty() || complete.namesSecrets()
                        ? judged(request, complete, caller, selection, inForce)
                        : rejected(complete.problems().list(), caller);
        };
    }

    private static Composition composition(ComposedRequest request, Selection selection, Settings inForce) {
        try {
            return Composer.compose(request, inForce, selection);
        } catch (AgentException refused) {
            return new Composition.Refused(List.of(refused.failure()));
        }
    }

    /** Nothing was decided, so the record names no secret. */
    private InjectionResult rejected(List<Failure> failures, PinnedCaller caller) {
        Failure first = failures.getFirst();
        if (!refusals.take(caller.caller().uid(), LONGEST_DETAIL)) {
            return Refusals.ofRequest(tooManyRefusals(caller.caller().uid()));
        }
        String detail = first.message();
        audit.append(new AuditEvent.Rejected(
                Optional.of(caller.caller()),
                first.kind().text(),
                detail.length() > LONGEST_DETAIL ? detail.substring(0, LONGEST_DETAIL) : detail));
        return Refusals.ofRequest(failures);
    }

    private InjectionResult judged(
            ComposedRequest request,
            Composition.Complete complete,
            PinnedCaller caller,
            Selection selection,
            Settings inForce) {
        Providers providers =
                request.backend().map(inForce.providers()::withStandard).orElse(inForce.providers());
        List<Named> named = complete.outputs().stream()
                .flatMap(output -> output.secrets().stream())
                .map(secret -> Named.of(secret.binding(), Optional.empty(), secret.namespace(), providers))
                .toList();
        Judgement judgement =
                Judgement.of(request.launch(), new Naming(named, Optional.empty()), selection, caller.caller());
        return recorded(request.launch(), caller, judgement, inForce, grant -> {
            try (Resolution resolution = new Resolution(request.freshness(), false)) {
                Suggestions suggestions = new Suggestions(judgement.selection());
                List<Resolved> uses = resolution.lookUp(judgement.bindings(), suggestions);
                try (Packing packing = new Packing(request, complete, uses, clock, memory)) {
                    boolean plan =
                            request.launch().dryRun() && complete.problems().isEmpty();
                    return plan ? packing.planned(caller::alive) : packed(packing, uses, grant, caller);
                }
            }
        });
    }

    private static InjectionResult packed(Packing packing, List<Resolved> uses, long grant, PinnedCaller caller) {
        // SECURITY: where anything is denied nothing is opened, not even to say more.
        if (Refusals.anyDenied(uses)) {
            return packing.refused();
        }
        return caller.alive() ? packing.delivered(grant, caller::alive) : Refusals.ofRequest(callerGone());
    }

    /** Gives the place back, or leaves that to the end of the grant. */
    private InjectionResult injected(Runnable place, Supplier<InjectionResult> injection) {
        boolean kept = false;
        try {
            InjectionResult result = injection.get();
            if (result instanceof InjectionResult.Delivered(Bundle bundle)) {
                throttles.keepUntilConcluded(bundle.grant(), place);
                kept = true;
            }
            return result;
        } finally {
            if (!kept) {
                place.run();
            }
        }
    }

    private InjectionResult judged(LaunchRequest request, PinnedCaller caller, Selection selection, Settings inForce) {
        Judgement judgement = Judgement.of(request, namings.of(request, inForce), selection, caller.caller());
        return recorded(request, caller, judgement, inForce, grant -> resolved(grant, request, caller, judgement));
    }

    /** Carries out what is judged between its two records. */
    private InjectionResult recorded(
            LaunchRequest request,
            PinnedCaller caller,
            Judgement judgement,
            Settings inForce,
            LongFunction<InjectionResult> work) {
        if (!judgement.cleared() && !refusals.take(caller.caller().uid(), judgement.recordBytes())) {
            return Refusals.ofRequest(tooManyRefusals(caller.caller().uid()));
        }
        // SECURITY: nothing is looked up before this returns; if it throws, nothing is.
        long grant = audit.append(
                judgement.event(request, caller.caller(), inForce.policy().version()));
        InjectionResult result = carriedOut(grant, judgement, work);
        if (!(result instanceof InjectionResult.Delivered)) {
            audit.append(new Outcome(grant, ending(result), List.of()));
        }
        return result;
    }

    @Override
    public void conclude(Bundle bundle, HandOver result) {
        throttles.concluded(bundle.grant());
        audit.append(
                switch (result) {
                    case DELIVERED ->
                        new Outcome(bundle.grant(), DELIVERED, bundle.contents().versions());
                    case CALLER_GONE -> new Outcome(bundle.grant(), FailureKind.CALLER_UNKNOWN.text(), List.of());
                    // The caller may have read part of it, so what it held is named.
                    case CONNECTION_LOST ->
                        new Outcome(
                                bundle.grant(),
                                "connection-lost",
                                bundle.contents().versions());
                });
    }

    /** Every grant has an end in the log, also one that a fault of ours ended. */
    private InjectionResult carriedOut(long grant, Judgement judgement, LongFunction<InjectionResult> work) {
        try {
            return judgement.fault().<InjectionResult>map(Refusals::ofRequest).orElseGet(() -> work.apply(grant));
        } catch (RuntimeException fault) {
            recordFault(grant, fault);
            throw fault;
        }
    }

    private void recordFault(long grant, RuntimeException fault) {
        try {
            audit.append(new Outcome(grant, FailureKind.INTERNAL.text(), List.of()));
        } catch (AgentException unavailable) {
            fault.addSuppressed(unavailable);
        }
    }

    private InjectionResult resolved(long grant, LaunchRequest request, PinnedCaller caller, Judgement judgement) {
        try (Resolution resolution = new Resolution()) {
            Suggestions suggestions = new Suggestions(judgement.selection());
            List<Resolved> bindings = resolution.lookUp(judgement.bindings(), suggestions);
            if (request.dryRun()) {
                return planning.plan(bindings);
            }
            // SECURITY: where anything is denied nothing is opened, not even to say more.
            if (Refusals.anyDenied(bindings)) {
                return Refusals.of(bindings);
            }
            return caller.alive() ? assembly.assemble(grant, bindings) : Refusals.ofRequest(callerGone());
        }
    }

    private static Failure tooManyRefusals(long uid) {
        return Failure.of(
                FailureKind.BUSY, "too many refused requests of uid " + uid, "what is allowed is still served");
    }

    private static Failure tooManyRequests() {
        return Failure.of(
                FailureKind.BUSY, "too many requests for this workload", "the limits of its rule are the operator's");
    }

    static Failure callerGone() {
        return Failure.of(FailureKind.CALLER_UNKNOWN, "the caller ended before its secrets were opened");
    }

    private static String ending(InjectionResult result) {
        return switch (result) {
            case InjectionResult.Delivered _ -> DELIVERED;
            case InjectionResult.Asked _ -> throw new IllegalStateException("a question after a decision");
            case InjectionResult.Refused refused ->
                firstOf(refused.failures().stream().map(BindingFailure::failure).toList());
            case InjectionResult.Planned planned ->
                firstOf(planned.entries().stream()
                        .map(PlanEntry::failure)
                        .flatMap(Optional::stream)
                        .toList());
        };
    }

    private static String firstOf(List<Failure> failures) {
        return failures.isEmpty() ? PLANNED : failures.getFirst().kind().text();
    }
}
