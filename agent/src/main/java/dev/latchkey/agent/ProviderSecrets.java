package dev.latchkey.agent;

import dev.latchkey.agent.admin.OutsideSecrets;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.injection.Providers;
import dev.latchkey.agent.secret.Freshness;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.SecretListing;
import dev.latchkey.agent.secret.SecretListing.Listed;
import dev.latchkey.agent.secret.SecretListing.Page;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretProvider;
import dev.latchkey.agent.secret.SecretReference;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What the configured providers have, for operators who import it.
 *
 * @param inForce is asked for each time, since a reload can change it
 * @param nanoTime of the monotonic clock
 */
record ProviderSecrets(Supplier<Providers> inForce, LongSupplier nanoTime) implements OutsideSecrets {
    private static final int MOST = 10_000;
    /** For one page. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** For all of them. */
    private static final Duration LONGEST = Duration.ofMinutes(10);

    private static final Freshness RECENT = new Freshness(Optional.of(Duration.ofMinutes(1)), false);

    @Override
    public List<Listed> list(String name, String prefix) {
        if (!(named(name) instanceof SecretListing listing)) {
            throw SecretListing.missing(name);
        }
        requirePlain(listing.mayBeRooted() && prefix.startsWith("/") ? prefix.substring(1) : prefix);
        return new Walk(name, listing, nanoTime.getAsLong() + LONGEST.toNanos()).from(prefix);
    }

    /** Nothing else says here which one was asked for. */
    private SecretProvider named(String name) {
        try {
            return inForce.get().named(name);
        } catch (AgentException e) {
            throw e.kind() == FailureKind.UNKNOWN_PROVIDER
                    ? new AgentException(new Failure(
                            e.kind(), "unknown provider " + name, e.failure().hint()))
                    : e;
        }
    }

    /** One list on its way through the pages and folders of a provider, which may be a backend that makes them up without end. */
    private final class Walk {
        private final String name;
        private final SecretListing listing;
        private final long deadline;
        private final Map<String, Listed> found = new LinkedHashMap<>();
        private final Deque<Step> waiting = new ArrayDeque<>();
        private final Set<Step> asked = new HashSet<>();

        Walk(String name, SecretListing listing, long deadline) {
            this.name = name;
            this.listing = listing;
            this.deadline = deadline;
        }

        List<Listed> from(String prefix) {
            waiting.add(new Step(prefix, Optional.empty()));
            while (!waiting.isEmpty()) {
                take(waiting.removeFirst());
                requireBounded();
            }
            return List.copyOf(found.values());
        }

        private void take(Step step) {
            if (!asked.add(step)) {
                throw new AgentException(
                        FailureKind.PROVIDER_MALFORMED, name + " lists the same again and again, and comes to no end");
            }
            Page page = listing.list(step.prefix(), step.from(), PATIENCE);
            page.secrets().forEach(secret -> found.putIfAbsent(secret.path(), secret));
            page.next().ifPresent(next -> waiting.addFirst(new Step(step.prefix(), Optional.of(next))));
            page.folders().forEach(folder -> waiting.add(new Step(folder, Optional.empty())));
        }

        private void requireBounded() {
            if (found.size() > MOST || asked.size() + waiting.size() > MOST) {
                throw new AgentException(
                        FailureKind.BAD_ARGUMENT,
                        "more than " + MOST + " secrets or folders are below that prefix",
                        "import a part of them, with a longer prefix");
            }
            if (!waiting.isEmpty() && nanoTime.getAsLong() - deadline > 0) {
                throw new AgentException(
                        FailureKind.TIMED_OUT,
                        name + " did not list everything within " + LONGEST.toMinutes() + " minutes",
                        "import a part of it, with a longer prefix");
            }
        }
    }

    /** A page that is to be asked for. */
    private record Step(String prefix, Optional<String> from) {}

    /** SECURITY: the prefix becomes a part of what backends are asked for. */
    private static void requirePlain(String prefix) {
        List<String> parts = List.of(prefix.split("/", -1));
        boolean plain = parts.getLast().isEmpty()
                && parts.subList(0, parts.size() - 1).stream()
                        .noneMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."));
        if (!plain) {
            throw new AgentException(
                    FailureKind.BAD_ARGUMENT,
                    "a prefix ends with '/' and has no empty part, '.' or '..'",
                    "write it as in vault:apps/, or vault: for everything");
        }
    }

    @Override
    public Lookup find(Source source) {
        SecretProvider provider = named(source.provider());
        SecretReference reference = new SecretReference(
                Optional.of(source.provider()),
                source.path(),
                List.of(),
                Optional.empty(),
                new SecretReference.Absence.Fails(),
                Optional.empty(),
                Optional.empty());
        SecretLocation location = provider.locate(reference, Namespace.DEFAULT);
        return provider.find(location, Optional.empty(), RECENT);
    }
}
