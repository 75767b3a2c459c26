package dev.latchkey.agent.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.UnavailableException;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.SecretLocation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GuardTest {
    private static final Limits LIMITS = new Limits(Duration.ofSeconds(20), 3, 100, Duration.ofSeconds(1), 10);

    private final FakeTime time = new FakeTime();
    private final FakeBackend backend = new FakeBackend();
    private final RecordedNews news = new RecordedNews();

    private Guard guard(Limits limits) {
        return new Guard("fake", limits, time.clockwork(), news);
    }

    private Lookup call(Guard guard) {
        return guard.call(within -> backend.fetch(new SecretLocation("fake", "a"), Optional.empty(), within));
    }

    private AgentException refused(Guard guard) {
        return assertThrows(AgentException.class, () -> call(guard));
    }

    @Test
    void asksAgainWithGrowingPauses() {
        backend.answer = FakeBackend.down();

        assertEquals(FailureKind.PROVIDER_UNAVAILABLE, refused(guard(LIMITS)).kind());

        assertEquals(4, backend.asked.get());
        assertEquals(List.of(Duration.ofMillis(200), Duration.ofMillis(400), Duration.ofMillis(800)), time.pauses);
    }

    @Test
    void doesNotAskAgainWhatWasAnswered() {
        backend.answer = FakeBackend.failing(FailureKind.PROVIDER_DENIED);

        assertEquals(FailureKind.PROVIDER_DENIED, refused(guard(LIMITS)).kind());
        assertEquals(1, backend.asked.get());
    }

    @Test
    void givesUpWhenTheTimeIsOver() {
        backend.answer = () -> {
            time.pass(Duration.ofSeconds(11));
            return FakeBackend.down().get();
        };

        refused(guard(LIMITS));

        assertEquals(2, backend.asked.get());
    }

    @Test
    void tellsEachAttemptWhatIsLeft() {
        List<Duration> left = new ArrayList<>();
        assertThrows(
                UnavailableException.class,
                () -> guard(LIMITS).call(within -> {
                    left.add(within);
                    time.pass(Duration.ofSeconds(9));
                    return FakeBackend.down().get();
                }));

        assertEquals(List.of(Duration.ofSeconds(20), Duration.ofMillis(10_800), Duration.ofMillis(1_400)), left);
    }

    @Test
    void takesABackendAtItsWordWhenToComeAgain() {
        Guard guard = guard(LIMITS);
        backend.answer = FakeBackend.down(Optional.of(Duration.ofSeconds(7)));

        refused(guard);
        assertEquals(1, backend.asked.get());
        assertEquals(List.of("resting for PT7S"), news.said);
        refused(guard);
        assertEquals(1, backend.asked.get());

        backend.answer = () -> FakeBackend.value("1", "v");
        time.pass(Duration.ofSeconds(7));
        call(guard);
        assertEquals(List.of("resting for PT7S", "answers again"), news.said);
    }

    @Test
    void tellsWhatTheLastRequestCameTo() {
        Guard guard = guard(new Limits(Duration.ofSeconds(20), 0, 100, Duration.ofSeconds(1), 10));
        assertEquals("ok", guard.state());
        backend.answer = FakeBackend.down();
        refused(guard);
        refused(guard);
        assertEquals("failing (2 in a row, still asked): fake is down", guard.state());

        backend.answer = FakeBackend.failing(FailureKind.PROVIDER_DENIED);
        assertThrows(AgentException.class, () -> call(guard));
        assertEquals("answers, but not what was last asked: fake says provider-denied", guard.state());
        backend.answer = FakeBackend.failing(FailureKind.BAD_ARGUMENT);
        assertThrows(AgentException.class, () -> call(guard));
        assertEquals("ok", guard.state());
        backend.answer = FakeBackend.failing(FailureKind.PROVIDER_MALFORMED);
        assertThrows(AgentException.class, () -> call(guard));
        backend.answer = () -> FakeBackend.value("1", "v");
        call(guard);
        assertEquals("ok", guard.state());
    }

    @Test
    void restsAfterFailuresInARowAndThenTriesOnce() {
        Guard guard = guard(new Limits(Duration.ofSeconds(20), 0, 100, Duration.ofSeconds(1), 10));
        backend.answer = FakeBackend.down();
        for (int i = 0; i < 20; i++) {
            assertEquals("fake is down", refused(guard).getMessage());
        }
        assertEquals(5, backend.asked.get());
        assertEquals("not asked for 5 s after 5 failures: fake is down", guard.state());

        time.pass(Duration.ofSeconds(5));
        assertEquals("asked again by the next request after 5 failures: fake is down", guard.state());
        refused(guard);
        refused(guard);
        assertEquals(6, backend.asked.get());
        assertEquals(List.of("resting for PT5S", "resting for PT10S"), news.said);

        time.pass(Duration.ofSeconds(10));
        backend.answer = () -> FakeBackend.value("1", "v");
        call(guard);
        call(guard);
        assertEquals("ok", guard.state());
        assertEquals("answers again", news.said.getLast());
    }

    @Test
    void aFaultOfOursDoesNotKeepItAsleep() {
        Guard guard = guard(new Limits(Duration.ofSeconds(20), 0, 100, Duration.ofSeconds(1), 10));
        backend.answer = FakeBackend.down();
        for (int i = 0; i < 5; i++) {
            refused(guard);
        }
        time.pass(Duration.ofSeconds(5));
        backend.answer = () -> {
            throw new IllegalStateException("a bug");
        };
        assertThrows(IllegalStateException.class, () -> call(guard));
        backend.answer = () -> FakeBackend.value("1", "v");

        call(guard);
        assertEquals("ok", guard.state());
    }

    @Test
    void neverRestsLongerThanAMinute() {
        Guard guard = guard(new Limits(Duration.ofSeconds(20), 0, 100, Duration.ofSeconds(1), 10));
        backend.answer = FakeBackend.down();
        for (int i = 0; i < 15; i++) {
            refused(guard);
            time.pass(Duration.ofMinutes(1));
        }
        assertEquals("resting for PT1M", news.said.getLast());
    }

    @Test
    void answersInBetweenKeepItAwake() {
        Guard guard = guard(new Limits(Duration.ofSeconds(20), 0, 100, Duration.ofSeconds(1), 10));
        for (int i = 0; i < 20; i++) {
            backend.answer = FakeBackend.down();
            refused(guard);
            backend.answer = FakeBackend.failing(FailureKind.PROVIDER_DENIED);
            refused(guard);
        }
        assertEquals(40, backend.asked.get());
    }

    @Test
    void waitsWhereTheRateIsReachedAndGivesUpWhereThatTakesTooLong() {
        Guard guard = guard(new Limits(Duration.ofSeconds(2), 0, 2, Duration.ofSeconds(2), 10));
        call(guard);
        call(guard);
        assertTrue(time.pauses.isEmpty());
        call(guard);
        assertEquals(List.of(Duration.ofSeconds(1)), time.pauses);
        Guard slow = guard(new Limits(Duration.ofSeconds(1), 0, 1, Duration.ofSeconds(10), 10));
        call(slow);
        assertEquals(FailureKind.BUSY, refused(slow).kind());
    }
}
