package dev.latchkey.agent.admin;

import dev.latchkey.agent.admin.view.ConsumerView;
import dev.latchkey.agent.admin.view.SignalledView;
import dev.latchkey.agent.audit.AuditEvent.AdminAction;
import dev.latchkey.agent.consumers.Consumer;
import dev.latchkey.agent.consumers.Consumers;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.secret.Holding;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.workload.Signalled;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The commands about live processes that hold versions. */
public final class ConsumerCommands {
    private static final Comparator<Consumer> OLDEST_FIRST =
            Comparator.comparing(Consumer::since).thenComparingInt(Consumer::pid);

    private final Accountability accountability;
    private final Consumers consumers;
    private final CurrentVersions current;

    public ConsumerCommands(Accountability accountability, Consumers consumers, CurrentVersions current) {
        this.accountability = accountability;
        this.consumers = consumers;
        this.current = current;
    }

    /** Which secrets it is about. */
    public sealed interface Which {
        /** One, by a reference. */
        record Secret(String reference, Namespace defaults) implements Which {}

        /** Those of the store in one place. */
        record Place(Namespace place) implements Which {}

        /** All of them, of all providers. */
        record Any() implements Which {}
    }

    /** Hands over one element for each version that a process holds, of the longest live process first. */
    public void list(
            Operator operator, Which which, boolean older, java.util.function.Consumer<? super ConsumerView> to) {
        accountability.perform(operator, Action.CONSUMERS_LIST, subject(which), () -> {
            Wanted wanted = wanted(which);
            Comparison comparison = new Comparison(current);
            boolean found = false;
            for (Consumer consumer : sorted()) {
                List<Holding> holdings = wanted.of(consumer);
                found |= !holdings.isEmpty();
                holdings.stream()
                        .filter(holding -> !older || comparison.isOlder(holding))
                        .forEach(holding -> to.accept(view(consumer, holding, comparison)));
            }
            if (!found) {
                wanted.requireKnown(current);
            }
            return true;
        });
    }

    /**
     * Sends a signal to each process that holds a version of a secret. SECURITY: to those very processes and to no other ones, whatever has their numbers.
     *
     * @param older only to those whose version is known to be older than the current one
     */
    public List<SignalledView> signal(Operator operator, Which.Secret secret, boolean older, Signal signal) {
        SecretLocation location = current.locate(secret.reference(), secret.defaults());
        return accountability.perform(
                operator,
                Action.CONSUMERS_SIGNAL,
                signal.name() + AdminAction.TO + location,
                () -> signalled(location, older, signal),
                done -> counted(location, signal, done));
    }

    private List<SignalledView> signalled(SecretLocation location, boolean older, Signal signal) {
        Wanted wanted = new Wanted(Optional.of(location), location::equals);
        Comparison comparison = new Comparison(current);
        List<SignalledView> done = new ArrayList<>();
        boolean found = false;
        for (Consumer consumer : sorted()) {
            List<Holding> holdings = wanted.of(consumer);
            found |= !holdings.isEmpty();
            List<String> versions = holdings.stream()
                    .filter(holding -> !older || comparison.isOlder(holding))
                    .map(Holding::version)
                    .toList();
            if (!versions.isEmpty()) {
                done.add(new SignalledView(
                        consumer.workload(),
                        pid(consumer),
                        consumer.uid(),
                        location.toString(),
                        versions,
                        text(consumer.signal(signal.number()))));
            }
        }
        if (!found) {
            wanted.requireKnown(current);
        }
        return done;
    }

    private static String text(Signalled result) {
        return switch (result) {
            case SENT -> SignalledView.SENT;
            case GONE -> SignalledView.GONE;
            case NOT_PERMITTED -> SignalledView.NOT_PERMITTED;
            case OUT_OF_REACH -> SignalledView.OUT_OF_REACH;
        };
    }

    /** For the audit log: of each version how many processes that held it got the signal, and how many did not. */
    private static List<String> counted(SecretLocation location, Signal signal, List<SignalledView> done) {
        Map<String, Map<String, Long>> counts = new TreeMap<>();
        done.forEach(one -> one.versions()
                .forEach(version ->
                        counts.computeIfAbsent(version, _ -> new TreeMap<>()).merge(one.result(), 1L, Long::sum)));
        return counts.entrySet().stream()
                .map(version -> location + "@" + version.getKey() + " (" + signal.name() + ": "
                        + version.getValue().entrySet().stream()
                                .map(result -> result.getValue() + " " + result.getKey())
                                .collect(Collectors.joining(", "))
                        + ")")
                .toList();
    }

    private List<Consumer> sorted() {
        return consumers.all().stream().sorted(OLDEST_FIRST).toList();
    }

    private static ConsumerView view(Consumer consumer, Holding holding, Comparison comparison) {
        return new ConsumerView(
                consumer.workload(),
                pid(consumer),
                consumer.uid(),
                consumer.since(),
                holding.location().toString(),
                holding.version(),
                comparison.current(holding.location()),
                comparison.isOlder(holding));
    }

    private static Optional<Integer> pid(Consumer consumer) {
        return consumer.pid() == 0 ? Optional.empty() : Optional.of(consumer.pid());
    }

    private String subject(Which which) {
        return switch (which) {
            case Which.Secret(String reference, Namespace defaults) ->
                current.locate(reference, defaults).toString();
            case Which.Place(Namespace place) -> place.toString();
            case Which.Any _ -> "";
        };
    }

    private Wanted wanted(Which which) {
        return switch (which) {
            case Which.Secret(String reference, Namespace defaults) -> {
                SecretLocation location = current.locate(reference, defaults);
                yield new Wanted(Optional.of(location), location::equals);
            }
            case Which.Place(Namespace place) -> {
                SecretLocation prefix = current.prefix(place);
                yield new Wanted(
                        Optional.empty(),
                        location -> location.provider().equals(prefix.provider())
                                && location.path().startsWith(prefix.path()));
            }
            case Which.Any _ -> new Wanted(Optional.empty(), _ -> true);
        };
    }

    /**
     * What is looked for.
     *
     * @param one the only secret that fits, if there is only one
     */
    private record Wanted(Optional<SecretLocation> one, Predicate<SecretLocation> fits) {
        List<Holding> of(Consumer consumer) {
            return consumer.holdings().stream()
                    .filter(holding -> fits.test(holding.location()))
                    .toList();
        }

        /** That nobody holds what is not there at all would sound as if it were there. */
        void requireKnown(CurrentVersions versions) {
            one.ifPresent(versions::of);
        }
    }

    /** What launches would get now, each asked for once. */
    private static final class Comparison {
        private final CurrentVersions versions;
        private final Map<SecretLocation, Optional<String>> known = new HashMap<>();

        Comparison(CurrentVersions versions) {
            this.versions = versions;
        }

        Optional<String> current(SecretLocation location) {
            return known.computeIfAbsent(location, this::ask);
        }

        /** A process may hold what is purged by now. */
        private Optional<String> ask(SecretLocation location) {
            try {
                return versions.of(location);
            } catch (AgentException gone) {
                return Optional.empty();
            }
        }

        boolean isOlder(Holding holding) {
            return current(holding.location())
                    .filter(now -> isOlder(holding.version(), now))
                    .isPresent();
        }

        /** Versions that are numbers are compared; of others another one is taken to be older, for what is current comes last. */
        private static boolean isOlder(String held, String now) {
            boolean numbers = isNumber(held) && isNumber(now);
            return numbers ? Long.parseLong(held) < Long.parseLong(now) : !held.equals(now);
        }

        private static boolean isNumber(String version) {
            return version.matches("[0-9]{1,18}");
        }
    }
}
