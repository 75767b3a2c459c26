package dev.latchkey.agent.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.health.Readiness;
import dev.latchkey.agent.injection.InjectionResult.BindingFailure;
import dev.latchkey.agent.injection.InjectionResult.PlanEntry;
import dev.latchkey.agent.injection.InjectionResult.Planned;
import dev.latchkey.agent.injection.InjectionResult.Refused;
import dev.latchkey.agent.policy.Decision;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.protocol.FrameType;
import dev.latchkey.protocol.Plan;
import dev.latchkey.protocol.Refusal;
import dev.latchkey.protocol.Version;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AnswersTest {
    private static final String LONG = "é".repeat(600);

    @Test
    void everyOfAllFailuresIsToldHoweverLongTheyAre() {
        List<BindingFailure> failures = IntStream.range(0, 1_025)
                .mapToObj(i -> new BindingFailure(
                        i == 1_024 ? Optional.empty() : Optional.of(i), Failure.of(FailureKind.DENIED, LONG)))
                .toList();
        Refusal refusal = Answers.refusal(new Refused(failures, Collections.nCopies(20, LONG)));
        assertEquals(1_025, refusal.failures().size());
        assertTrue(refusal.encode(Version.CURRENT).remaining() <= FrameType.REFUSAL.maxBody() + 12);
    }

    @Test
    void fewFailuresKeepTheirWholeMessages() {
        String message = "x".repeat(512);
        Refusal refusal = Answers.refusal(new Refused(
                List.of(new BindingFailure(Optional.of(0), Failure.of(FailureKind.EXPIRED, message))), List.of()));
        assertEquals(message, refusal.failures().getFirst().message());
    }

    @Test
    void hintsAreThoseOfTheRefusalAndAtMostEight() {
        List<BindingFailure> failures =
                List.of(new BindingFailure(Optional.of(0), Failure.of(FailureKind.SECRET_NOT_FOUND, "no", "hint 0")));
        List<String> hints =
                IntStream.range(0, 20).mapToObj(i -> "A" + i + ": hint " + i).toList();
        assertEquals(
                hints.subList(0, 8),
                Answers.refusal(new Refused(failures, hints)).hints());
    }

    @Test
    void greatestPlanFits() {
        Decision allow = new Decision.Allow(new SecretLocation(LONG, "p/e/x"), LONG, Set.of());
        PlanEntry entry = new PlanEntry(
                Optional.of(allow),
                Optional.of(LONG),
                Optional.of(1 << 20),
                Optional.of(Duration.ofDays(9_999)),
                true,
                Optional.of(Failure.of(FailureKind.NO_VALUE, LONG)));
        Plan plan = Answers.plan(new Planned(Collections.nCopies(1_024, entry), Collections.nCopies(9, LONG)));
        assertTrue(plan.encode(Version.CURRENT).remaining() <= FrameType.PLAN.maxBody() + 12);
    }

    @Test
    void planTellsTheDecision() {
        SecretLocation location = new SecretLocation("store", "p/e/x");
        PlanEntry denied = new PlanEntry(
                Optional.of(new Decision.Deny(location, Optional.of("web"), "for operators")),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.of(Failure.of(FailureKind.DENIED, "denied")));
        Plan.Entry entry =
                Answers.plan(new Planned(List.of(denied), List.of())).entries().getFirst();
        assertEquals(12_101, entry.code());
        assertEquals(Optional.of("web"), entry.rule());
        assertEquals(Optional.of("store"), entry.provider());
        assertTrue(!entry.allowed() && !entry.toString().contains("for operators"));
    }

    @Test
    void greatestStatusFits() {
        Readiness readiness = new Readiness();
        readiness.serving();
        IntStream.range(0, 20).forEach(i -> readiness.failing("part " + i, LONG));
        int bytes = Answers.status(readiness).encode(Version.CURRENT).remaining();
        assertTrue(bytes <= FrameType.STATUS.maxBody() + 12, bytes + " bytes");
    }

    @Test
    void answerIsDueHalfASecondOrHalfTheDeadlineBefore() {
        assertEquals(Duration.ofMillis(29_500), Limits.answerWithin(Duration.ofSeconds(30)));
        assertEquals(Duration.ofMillis(500), Limits.answerWithin(Duration.ofSeconds(1)));
        assertEquals(Duration.ofMillis(100), Limits.answerWithin(Duration.ofMillis(200)));
    }
}
