package dev.latchkey.agent.cache;

import dev.latchkey.agent.crypto.AesKey;
import dev.latchkey.agent.crypto.AssociatedData;
import dev.latchkey.agent.crypto.KeyMemory;
import dev.latchkey.agent.secret.FoundSecret;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretValue;
import java.security.SecureRandom;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What all providers together keep. What was not used for longest goes first, so that it stays bounded whatever is asked for.
 *
 * <p>SECURITY: under a key of this process; nobody else has it, and it is never written anywhere.
 */
public final class KeptAnswers {
    private static final int MOST = 4_096;
    private static final long MOST_BYTES = 16L << 20;

    private final AesKey key;
    private final SecureRandom random;
    private final Map<Question, Kept> answers = new LinkedHashMap<>(64, 0.75f, true);
    private final AtomicLong hits = new AtomicLong();
    private final AtomicLong misses = new AtomicLong();
    private final AtomicLong stale = new AtomicLong();
    private long bytes;

    public KeptAnswers(KeyMemory memory, SecureRandom random) {
        this.key = memory.random(random);
        this.random = random;
    }

    /** What was asked for. */
    record Question(SecretLocation location, Optional<String> version) {}

    /**
     * What there is, and what became of it since the start.
     *
     * @param hits answers from the cache
     * @param misses answers that had to be fetched
     * @param stale answers that the backend could not confirm
     */
    public record Counts(long entries, long hits, long misses, long stale) {}

    public synchronized Counts counts() {
        return new Counts(answers.size(), hits.get(), misses.get(), stale.get());
    }

    void countHit() {
        hits.incrementAndGet();
    }

    void countMiss() {
        misses.incrementAndGet();
    }

    void countStale() {
        stale.incrementAndGet();
    }

    synchronized @Nullable Kept find(Question asked) {
        return answers.get(asked);
    }

    synchronized void keep(Question asked, Kept answer) {
        forget(asked);
        answers.put(asked, answer);
        bytes += answer.bytes();
        Iterator<Kept> eldest = answers.values().iterator();
        while (answers.size() > MOST || bytes > MOST_BYTES) {
            dropped(eldest.next());
            eldest.remove();
        }
    }

    synchronized void forget(Question asked) {
        Kept before = answers.remove(asked);
        if (before != null) {
            dropped(before);
        }
    }

    private void dropped(Kept answer) {
        bytes -= answer.bytes();
        if (answer instanceof Kept.Value value) {
            value.lease().ifPresent(KeptLease::withdraw);
        }
    }

    /** Forgets everything of one provider. */
    synchronized void forgetAll(String provider) {
        answers.keySet().stream()
                .filter(asked -> asked.location().provider().equals(provider))
                .toList()
                .forEach(this::forget);
    }

    /** Seals what was found, and closes it. */
    Kept.Value sealed(Question asked, FoundSecret secret, Optional<KeptLease> lease, long now) {
        try (secret;
                SecretValue whole = secret.open();
                SecretValue object = secret.openObject()) {
            Sealed sealed = Sealed.of(whole, key, context("whole", asked), random);
            Optional<Sealed> other = whole.sameAs(object)
                    ? Optional.empty()
                    : Optional.of(Sealed.of(object, key, context("object", asked), random));
            return new Kept.Value(
                    now,
                    sealed,
                    other,
                    secret.version(),
                    secret.created(),
                    secret.scopes(),
                    secret.connectionType(),
                    lease);
        }
    }

    private static AssociatedData context(String part, Question asked) {
        return AssociatedData.of("cache")
                .with(part)
                .with(asked.location().toString())
                .with(asked.version().orElse(""));
    }
}
