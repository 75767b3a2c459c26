package dev.latchkey.agent.injection;

import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.policy.Decision;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** How an injection ended. */
public sealed interface InjectionResult {
    /** The bundle, complete. Whoever gets it must close it, and tell how the hand-over went. */
    record Delivered(Bundle bundle) implements InjectionResult {}

    /** Nothing is delivered, and these are all the reasons. */
    record Refused(List<BindingFailure> failures, List<String> hints) implements InjectionResult {
        public Refused {
            failures = List.copyOf(failures);
            hints = List.copyOf(hints);
        }
    }

    /** The answer to a dry run: one entry for each binding, in order. */
    record Planned(List<PlanEntry> entries, List<String> hints) implements InjectionResult {
        public Planned {
            entries = List.copyOf(entries);
            hints = List.copyOf(hints);
        }
    }

    /**
     * @param binding its index in the request; absent: the request as a whole
     */
    record BindingFailure(Optional<Integer> binding, Failure failure) {}

    /**
     * What would happen to one binding.
     *
     * @param failure why it would fail
     */
    record PlanEntry(
            Optional<Decision> decision,
            Optional<String> version,
            Optional<Integer> size,
            Optional<Duration> age,
            boolean removed,
            Optional<Failure> failure) {}
}
