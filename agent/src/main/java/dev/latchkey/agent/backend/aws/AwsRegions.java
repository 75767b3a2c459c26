package dev.latchkey.agent.backend.aws;

import dev.latchkey.agent.backend.aws.AwsSdk.Place;
import dev.latchkey.agent.backend.aws.AwsSdk.Service;
import dev.latchkey.agent.config.AwsConfig;
import dev.latchkey.agent.config.NetworkConfig;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.UnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The regions of one configuration, asked in order until one answers. A region that was silent is asked last for a while, and after that first again, by
 * one question at a time.
 */
public final class AwsRegions {
    /** How long a region is asked for an answer while another could still be asked. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** How long a region that was silent is asked after the others. */
    private static final Duration REST = Duration.ofSeconds(30);

    private final String name;
    private final LongSupplier nanoTime;
    private final List<Region> regions;
    private final Supplier<AwsSdk> sdk;
    private final Function<String, Place> place;

    /**
     * Loads nothing and asks nothing.
     *
     * @param name the provider's or the key's, for messages
     * @param sdk loaded when the first question is asked
     */
    public AwsRegions(
            String name,
            Service service,
            AwsConfig config,
            NetworkConfig network,
            Supplier<AwsSdk> sdk,
            LongSupplier nanoTime) {
        if (config.regions().isEmpty()) {
            throw new IllegalStateException(name + " without a region");
        }
        this.name = name;
        this.nanoTime = nanoTime;
        this.sdk = sdk;
        this.regions = config.regions().stream().map(Region::new).toList();
        this.place = region -> new Place(name + " in " + region, config, region, service, network);
    }

    /** One region with what is known of it. */
    private final class Region {
        private final String region;
        private @Nullable AwsRegion opened;
        private @Nullable Failure silence;
        private long restsUntil;

        Region(String region) {
            this.region = region;
        }

        synchronized AwsRegion opened() {
            AwsRegion known = opened;
            if (known == null) {
                known = sdk.get().open(place.apply(region));
                opened = known;
            }
            return known;
        }

        /** Whoever finds its rest over tries it; others go on as before until it answers. */
        synchronized boolean isTurn() {
            if (silence == null) {
                return true;
            }
            long now = nanoTime.getAsLong();
            if (now - restsUntil < 0) {
                return false;
            }
            restsUntil = now + REST.toNanos();
            return true;
        }

        synchronized void answers() {
            silence = null;
        }

        synchronized void silent(Failure failure) {
            silence = failure;
            restsUntil = nanoTime.getAsLong() + REST.toNanos();
        }

        synchronized Optional<String> state() {
            return Optional.ofNullable(silence)
                    .map(failure -> region + ": silent when it was last asked: " + failure.message());
        }
    }

    /** Loads the SDK and what the first region needs of it, which takes longer than a request. */
    public void prepare() {
        regions.getFirst().opened();
    }

    /** As {@code status} shows them; absent while all answer, and for the only one, which is the backend. */
    public Optional<String> trouble() {
        boolean all = regions.stream().allMatch(region -> region.state().isEmpty());
        if (all || regions.size() == 1) {
            return Optional.empty();
        }
        return Optional.of(regions.stream()
                .map(region -> region.state().orElse(region.region + ": ok"))
                .collect(Collectors.joining("; ")));
    }

    /**
     * Asks until a region answers.
     *
     * @param first the region that is asked before the others; absent: the first of the configuration
     * @param question for a region, whose name may be part of it
     * @throws UnavailableException if none answers, or one was silent and those after it cannot help
     * @throws AgentException as a region
     */
    public AwsAnswer ask(Optional<String> first, Function<String, AwsQuestion> question, Duration within) {
        return new Asking(ordered(first), question, nanoTime.getAsLong() + within.toNanos()).run();
    }

    private List<Region> ordered(Optional<String> first) {
        return Stream.concat(
                        regions.stream()
                                .filter(r -> first.filter(r.region::equals).isPresent()),
                        regions.stream()
                                .filter(r -> first.filter(r.region::equals).isEmpty()))
                .toList();
    }

    /** One question on its way through the regions. */
    private final class Asking {
        private final List<Region> ordered;
        private final Function<String, AwsQuestion> question;
        private final long deadline;
        private final Set<Region> answered = new HashSet<>();
        private @Nullable UnavailableException silence;
        private Optional<String> doubtful = Optional.empty();

        Asking(List<Region> ordered, Function<String, AwsQuestion> question, long deadline) {
            this.ordered = ordered;
            this.question = question;
            this.deadline = deadline;
        }

        AwsAnswer run() {
            List<Region> left = new ArrayList<>(turns());
            while (!left.isEmpty() && time().isPositive()) {
                Optional<AwsAnswer> answer = tried(left.removeFirst(), left.size());
                if (answer.isPresent()) {
                    return answer.get();
                }
            }
            throw unanswered();
        }

        /** Absent if another region has to be asked. */
        private Optional<AwsAnswer> tried(Region region, int others) {
            try {
                AwsAnswer answer = answered(region, patience(others));
                if (answer instanceof AwsAnswer.Found || isSettled(region)) {
                    return Optional.of(answer);
                }
                doubtful = Optional.of(region.region + " does not have it");
            } catch (UnavailableException e) {
                region.silent(e.failure());
                silence = silence == null ? e : silence;
            } catch (AgentException e) {
                if (isSettled(region)) {
                    throw e;
                }
                doubtful = Optional.of(region.region + " refuses");
            }
            return Optional.empty();
        }

        private AwsAnswer answered(Region region, Duration within) {
            try {
                AwsAnswer answer = region.opened().ask(question.apply(region.region), within);
                answered.add(region);
                region.answers();
                return answer;
            } catch (UnavailableException e) {
                throw e;
            } catch (AgentException e) {
                answered.add(region);
                region.answers();
                throw e;
            }
        }

        private Duration time() {
            return Duration.ofNanos(deadline - nanoTime.getAsLong());
        }

        private Duration patience(int others) {
            Duration share = time().dividedBy(others + 1L);
            return others > 0 && share.compareTo(PATIENCE) > 0 ? PATIENCE : share;
        }

        /** Whether all before it have answered: that something is not in a replica, or not allowed there, tells nothing while they are silent. */
        private boolean isSettled(Region region) {
            return answered.containsAll(ordered.subList(0, ordered.indexOf(region)));
        }

        /** Those whose turn it is in their order, and then the others. */
        private List<Region> turns() {
            if (ordered.size() == 1) {
                return ordered;
            }
            List<Region> now = ordered.stream().filter(Region::isTurn).toList();
            return Stream.concat(now.stream(), ordered.stream().filter(r -> !now.contains(r)))
                    .toList();
        }

        private UnavailableException unanswered() {
            UnavailableException first = silence;
            if (first == null) {
                return new UnavailableException(Failure.of(FailureKind.TIMED_OUT, name + " was not asked in time"));
            }
            if (doubtful.isEmpty()) {
                return first;
            }
            Failure failure = first.failure();
            return new UnavailableException(
                    new Failure(failure.kind(), failure.message() + ", and " + doubtful.get(), failure.hint()),
                    first.retryAfter(),
                    first);
        }
    }
}
