package dev.latchkey.agent.injection;

import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.injection.InjectionResult.PlanEntry;
import dev.latchkey.agent.injection.InjectionResult.Planned;
import dev.latchkey.agent.injection.Judged.Cleared;
import dev.latchkey.agent.injection.Trial.Tried;
import dev.latchkey.agent.memory.WipedSegment;
import dev.latchkey.agent.policy.Decision;
import dev.latchkey.agent.secret.FoundSecret;
import dev.latchkey.agent.secret.SecretReference;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Answers a dry run.
 *
 * <p>A value is opened only where nothing else can tell whether its field is there and can be decoded and encoded, and only if nothing is denied, as in
 * a launch; it is wiped at once. So a plan does not see a NUL in a value that is bound as it is stored, nor that such a version cannot be decrypted.
 */
final class Planning {
    private final Trial trial;
    private final InstantSource clock;

    Planning(WipedSegment.Source memory, InstantSource clock) {
        this.trial = new Trial(memory);
        this.clock = clock;
    }

    InjectionResult plan(List<Resolved> bindings) {
        boolean denied = Refusals.anyDenied(bindings);
        List<Tried> tried = bindings.stream()
                .map(binding -> denied ? Tried.not(binding) : tried(binding))
                .toList();
        List<Resolved> outcomes = tried.stream().map(Tried::binding).toList();
        if (Sizes.exceedBlock(outcomes)) {
            return Refusals.ofRequest(Sizes.bundleTooLarge());
        }
        List<PlanEntry> entries = tried.stream().map(this::entry).toList();
        return new Planned(
                entries,
                Stream.concat(stale(outcomes), Refusals.hints(outcomes).stream())
                        .toList());
    }

    /** What its backend could not confirm is said beside the plan. */
    private static Stream<String> stale(List<Resolved> outcomes) {
        return outcomes.stream()
                .filter(Resolved.Found.class::isInstance)
                .map(Resolved.Found.class::cast)
                .flatMap(found -> found.secret().stale().stream()
                        .map(age -> found.cleared().location() + " is stale: its backend last confirmed it "
                                + age.toSeconds() + " s ago"))
                .distinct();
    }

    private Tried tried(Resolved binding) {
        boolean tellsNothing =
                binding instanceof Resolved.Found(Cleared cleared, FoundSecret _) && isAsStored(cleared.reference());
        return tellsNothing ? Tried.not(binding) : trial.of(binding);
    }

    private static boolean isAsStored(SecretReference reference) {
        return reference.field().isEmpty()
                && reference.decode().isEmpty()
                && reference.encode().isEmpty();
    }

    private PlanEntry entry(Tried tried) {
        return switch (tried.binding()) {
            case Resolved.Found(Cleared cleared, FoundSecret secret) ->
                entry(cleared, Optional.of(secret.version()), size(tried, cleared, secret), age(secret), false);
            case Resolved.Removed(Cleared cleared) ->
                entry(cleared, Optional.empty(), Optional.empty(), Optional.empty(), true);
            case Resolved.Defaulted(Cleared cleared, String text) ->
                entry(
                        cleared,
                        Optional.empty(),
                        Optional.of(text.getBytes(StandardCharsets.UTF_8).length),
                        Optional.empty(),
                        false);
            case Resolved.Failed(Judged judged, Failure failure) ->
                new PlanEntry(
                        decision(judged),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        false,
                        Optional.of(failure));
        };
    }

    /** The size of the document that a field is in would tell nothing of what is delivered. */
    private static Optional<Integer> size(Tried tried, Cleared cleared, FoundSecret secret) {
        return cleared.reference().field().isEmpty() ? secret.size() : tried.size();
    }

    private static PlanEntry entry(
            Cleared cleared,
            Optional<String> version,
            Optional<Integer> size,
            Optional<Duration> age,
            boolean removed) {
        return new PlanEntry(Optional.of(cleared.decision()), version, size, age, removed, Optional.empty());
    }

    private static Optional<Decision> decision(Judged judged) {
        return switch (judged) {
            case Cleared cleared -> Optional.of(cleared.decision());
            case Judged.Stopped stopped -> stopped.decision();
        };
    }

    /** A clock that was set back must not make a version younger than new. */
    private Optional<Duration> age(FoundSecret secret) {
        return secret.created()
                .map(created -> Duration.between(created, clock.instant()))
                .map(age -> age.isNegative() ? Duration.ZERO : age);
    }
}
