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

    /** Nothing is delivered, and these are all the reasons, with what to do about them. */
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

    /** What the documents of a request name and only the client has. Nothing was decided yet. */
    record Asked(List<Wanted> variables, List<Wanted> files) implements InjectionResult {
        public Asked {
            variables = List.copyOf(variables);
            files = List.copyOf(files);
        }
    }

    /**
     * Something that the client has.
     *
     * @param document its index in the request
     */
    record Wanted(int document, String name) {}

    /**
     * @param binding its index in the request; absent: the request as a whole
     */
    record BindingFailure(Optional<Integer> binding, Failure failure) {}

    /**
     * What would happen to one binding.
     *
     * @param failure why it would fail
     * @param origin absent: the client knows
     */
    record PlanEntry(
            Optional<Decision> decision,
            Optional<String> version,
            Optional<Integer> size,
            Optional<Duration> age,
            boolean removed,
            Optional<Failure> failure,
            Optional<Origin> origin) {
        /** Of a binding that the client knows. */
        public PlanEntry(
                Optional<Decision> decision,
                Optional<String> version,
                Optional<Integer> size,
                Optional<Duration> age,
                boolean removed,
                Optional<Failure> failure) {
            this(decision, version, size, age, removed, failure, Optional.empty());
        }
    }

    /**
     * What an entry of a plan is about, where a document led to it.
     *
     * @param reference up to its options
     */
    record Origin(String target, boolean file, Optional<String> reference, boolean replaces) {}
}
