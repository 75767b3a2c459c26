package dev.latchkey.agent.cache;

import static dev.latchkey.agent.provider.Looked.absent;
import static dev.latchkey.agent.provider.Looked.found;
import static dev.latchkey.agent.provider.Looked.up;
import static dev.latchkey.agent.provider.Looked.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.latchkey.agent.crypto.KeyMemory;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.UnavailableException;
import dev.latchkey.agent.json.JsonDocument;
import dev.latchkey.agent.memory.LockedMemory;
import dev.latchkey.agent.secret.FoundSecret;
import dev.latchkey.agent.secret.Freshness;
import dev.latchkey.agent.secret.HeldSecret;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.RemoteDocument;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretReference;
import dev.latchkey.agent.secret.SecretValue;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Many secrets that come in one answer. */
class KeptDocumentTest {
    private final FakeTime time = new FakeTime();
    private final Whole backend = new Whole();
    private final KeptAnswers answers = new KeptAnswers(new KeyMemory(new LockedMemory(_ -> {})), new SecureRandom());
    private final RecordedNews news = new RecordedNews();
    private final CachingProvider provider = provider();

    private CachingProvider provider() {
        Limits limits = new Limits(Duration.ofSeconds(20), 0, 1_000, Duration.ofSeconds(1), 50);
        CacheSettings settings = new CacheSettings(Duration.ofMinutes(5), Duration.ofHours(1), Duration.ofSeconds(10));
        return new CachingProvider(
                backend,
                new Guard("fake", limits, time.clockwork(), news),
                new CachingProvider.Shared(settings, answers, time.clockwork(), news));
    }

    /** Answers with an object, and knows whether it changed. */
    private static final class Whole implements RemoteDocument {
        final List<String> asked = new ArrayList<>();
        String tag = "1";
        Supplier<String> json = () -> "{\"A\":\"first\",\"B\":\"second\"}";

        @Override
        public String name() {
            return "fake";
        }

        @Override
        public SecretLocation locate(SecretReference reference, Namespace defaults) {
            return new SecretLocation("fake", reference.path());
        }

        @Override
        public Optional<Lookup> fetchDocument(Optional<String> known, Duration within) {
            asked.add(known.orElse("all"));
            byte[] all = json.get().getBytes(StandardCharsets.UTF_8);
            return known.filter(tag::equals).isPresent()
                    ? Optional.empty()
                    : Optional.of(new Lookup.Found(HeldSecret.of(HeldSecret.Facts.of(tag), SecretValue.owning(all))));
        }

        @Override
        public Lookup pick(SecretValue document, SecretLocation location) {
            try {
                SecretValue value = document.leak(all -> JsonDocument.pick(all, List.of(location.path())));
                return new Lookup.Found(HeldSecret.of(HeldSecret.Facts.of("current"), value));
            } catch (AgentException e) {
                return new Lookup.Absent(Failure.of(FailureKind.SECRET_NOT_FOUND, "not found in fake"));
            }
        }
    }

    private static String down() {
        throw new UnavailableException(Failure.of(FailureKind.PROVIDER_UNAVAILABLE, "fake is down"));
    }

    @Test
    void isFetchedOnceForAllNames() {
        assertEquals("first", value(provider, "fake:A"));
        assertEquals("second", value(provider, "fake:B"));
        assertEquals(List.of("all"), backend.asked);
        assertEquals(1, answers.counts().entries());
    }

    @Test
    void isAskedAboutAndCountsAnewWhereItDidNotChange() {
        value(provider, "fake:A");
        time.pass(Duration.ofMinutes(6));
        assertEquals("second", value(provider, "fake:B"));
        time.pass(Duration.ofMinutes(3));
        assertEquals("first", value(provider, "fake:A"));

        assertEquals(List.of("all", "1"), backend.asked);
    }

    @Test
    void aChangeReplacesAllOfIt() {
        value(provider, "fake:A");
        time.pass(Duration.ofMinutes(6));
        backend.tag = "2";
        backend.json = () -> "{\"A\":\"third\"}";

        assertEquals("third", value(provider, "fake:A"));
        assertEquals("not found in fake", absent(provider, "fake:B").message());
    }

    @Test
    void whatHasNoTagIsFetchedWhole() {
        backend.tag = "";
        value(provider, "fake:A");
        time.pass(Duration.ofMinutes(6));
        value(provider, "fake:A");

        assertEquals(List.of("all", "all"), backend.asked);
    }

    @Test
    void aNameThatItLacksIsAskedAboutAgainAfterTheNegativeTtl() {
        assertEquals("not found in fake", absent(provider, "fake:C").message());
        absent(provider, "fake:C");
        assertEquals(List.of("all"), backend.asked);

        time.pass(Duration.ofSeconds(11));
        backend.tag = "2";
        backend.json = () -> "{\"C\":\"new\"}";
        assertEquals("new", value(provider, "fake:C"));
        assertEquals(List.of("all", "1"), backend.asked);
    }

    @Test
    void isServedStaleAndMarkedWhileItsBackendIsAway() {
        value(provider, "fake:A");
        time.pass(Duration.ofMinutes(6));
        backend.json = KeptDocumentTest::down;

        try (FoundSecret found = found(provider, "fake:B")) {
            assertEquals(Optional.of(Duration.ofMinutes(6)), found.stale());
        }
        assertEquals(List.of("stale fake:B PT6M"), news.said);
    }

    /** Or a default would take the place of a secret that was added meanwhile. */
    @Test
    void thatANameIsMissingIsNeverSaidOfAStaleOne() {
        value(provider, "fake:A");
        time.pass(Duration.ofMinutes(6));
        backend.json = KeptDocumentTest::down;

        assertThrows(UnavailableException.class, () -> up(provider, "fake:C"));
        Freshness offline = new Freshness(Optional.empty(), true);
        SecretLocation missing = new SecretLocation("fake", "C");
        assertThrows(AgentException.class, () -> provider.find(missing, Optional.empty(), offline));
        assertInstanceOf(Lookup.Found.class, provider.find(new SecretLocation("fake", "A"), Optional.empty(), offline));
    }

    @Test
    void aRefreshAsksWhateverIsKept() {
        value(provider, "fake:A");
        backend.tag = "2";
        backend.json = () -> "{\"A\":\"third\"}";

        assertInstanceOf(Lookup.Found.class, provider.refresh(new SecretLocation("fake", "A")));
        assertEquals("third", value(provider, "fake:A"));
        assertEquals(List.of("all", "1"), backend.asked);
    }
}
