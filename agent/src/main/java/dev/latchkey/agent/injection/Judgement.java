package dev.latchkey.agent.injection;

import dev.latchkey.agent.audit.AuditEvent;
import dev.latchkey.agent.audit.AuditEvent.Item;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.injection.LaunchRequest.RequestedBinding;
import dev.latchkey.agent.policy.Decision;
import dev.latchkey.agent.policy.Selection;
import dev.latchkey.agent.workload.Caller;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What names alone tell about a request. Nothing is looked up, so nothing here depends on what exists.
 *
 * @param selection the rule that decides of all of them
 * @param fault what is wrong with the request as a whole; then no binding is cleared
 */
record Judgement(Selection selection, List<Judged> bindings, Optional<Failure> fault) {
    private static final long RECORD_BYTES = 1_024;
    private static final long ITEM_BYTES = 96;

    static Judgement of(LaunchRequest request, Naming naming, Selection selection, Caller caller) {
        if (naming.fault().isPresent()) {
            return unplaced(request, selection, naming.fault().get());
        }
        Judge judge = new Judge(caller, selection);
        List<Judged> judged = new ArrayList<>(naming.bindings().size());
        for (Named binding : naming.bindings()) {
            judged.add(judge.judge(binding));
        }
        return new Judgement(selection, judged, Optional.empty());
    }

    /** Where names would live is unknown, so none of them means anything. */
    private static Judgement unplaced(LaunchRequest request, Selection selection, Failure fault) {
        List<Judged> stopped = request.bindings().stream()
                .<Judged>map(binding -> new Judged.Stopped(binding, Optional.empty(), fault))
                .toList();
        return new Judgement(selection, stopped, Optional.of(fault));
    }

    /** Whether nothing is refused yet. */
    boolean cleared() {
        for (Judged binding : bindings) {
            if (!(binding instanceof Judged.Cleared)) {
                return false;
            }
        }
        return fault.isEmpty();
    }

    /** About what the record of a refusal and its outcome take. */
    long recordBytes() {
        return RECORD_BYTES
                + bindings.stream()
                        .mapToLong(b -> ITEM_BYTES
                                + b.binding().target().length()
                                + b.binding().reference().length())
                        .sum();
    }

    /** The audit record: a grant only if every binding is cleared. */
    AuditEvent event(LaunchRequest request, Caller caller, String policyVersion) {
        List<Item> items = new ArrayList<>(bindings.size());
        for (Judged binding : bindings) {
            items.add(binding.item());
        }
        return cleared()
                ? new AuditEvent.Grant(caller, policyVersion, request.command(), request.dryRun(), items)
                : new AuditEvent.Refusal(caller, policyVersion, request.command(), request.dryRun(), items);
    }

    private record Judge(Caller caller, Selection selection) {
        Judged judge(Named named) {
            return switch (named) {
                case Named.Meaningless(RequestedBinding binding, Failure failure) ->
                    new Judged.Stopped(binding, Optional.empty(), failure);
                case Named.Meant meant -> decided(meant, selection.decide(meant.location()));
            };
        }

        private Judged decided(Named.Meant meant, Decision decision) {
            return switch (decision) {
                case Decision.Deny deny -> new Judged.Stopped(meant.binding(), Optional.of(deny), denied());
                case Decision.Allow allow ->
                    meant.badTarget()
                            .<Judged>map(bad -> new Judged.Stopped(meant.binding(), Optional.of(allow), bad))
                            .orElseGet(() ->
                                    new Judged.Cleared(meant.binding(), meant.reference(), meant.provider(), allow));
            };
        }

        /** SECURITY: says nothing of rules, and nothing of whether the secret exists. */
        private Failure denied() {
            if (selection instanceof Selection.Unattested) {
                return Failure.of(
                        FailureKind.CALLER_UNKNOWN,
                        "the caller could not be attested",
                        "the audit log says what could not be learnt; try again");
            }
            return Failure.of(
                    FailureKind.DENIED,
                    "denied by policy",
                    "the agent's operator decides this; `agent explain --uid " + caller.uid()
                            + "` with the reference says why");
        }
    }
}
