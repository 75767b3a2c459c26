package dev.latchkey.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.latchkey.agent.config.Accounts;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.policy.Match;
import dev.latchkey.agent.policy.Policy;
import dev.latchkey.agent.policy.Rules;
import dev.latchkey.agent.policy.TokenSelector;
import dev.latchkey.agent.workload.BearerToken;
import dev.latchkey.agent.workload.Caller;
import dev.latchkey.agent.workload.Supposed;
import dev.latchkey.agent.workload.Workload;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SupposedCallerTest {
    private static final Accounts ACCOUNTS = Accounts.parse(
            List.of("alice:x:1000:100:Alice:/home/alice:/bin/sh", "bob:x:1001:1001::/home/bob:/bin/sh"),
            List.of(
                    "users:x:100:",
                    "bob:x:1001:",
                    "workers:x:2001:bob,alice",
                    "web:x:2000:alice",
                    "malice:x:3000:malice"));

    @Test
    void hasTheGroupsThatALoginGives() {
        SupposedCaller supposed = ask(1000, Optional.empty(), Optional.empty());

        assertEquals(
                new Caller("main", 1, 1000, 100, List.of(100L, 2000L, 2001L)),
                supposed.workload().caller());
        assertEquals("denied; supposing gid 100, groups 100 2000 2001", supposed.reason("denied"));
    }

    @Test
    void hasWhatWasAskedAndSaysNothingOfIt() {
        SupposedCaller supposed = ask(1000, Optional.of(5L), Optional.of(List.of(6L)));

        assertEquals(
                new Caller("main", 1, 1000, 5, List.of(6L)), supposed.workload().caller());
        assertEquals("denied", supposed.reason("denied"));
    }

    @Test
    void hasNoGroupsWhereTheUserIsNotListed() {
        SupposedCaller supposed = ask(77, Optional.empty(), Optional.empty());

        assertEquals(
                new Caller("main", 1, 77, 77, List.of()), supposed.workload().caller());
        assertEquals("denied; supposing gid 77, no groups", supposed.reason("denied"));
    }

    @Test
    void comesByTheListenerAndWithTheTokenThatWereAsked() {
        BearerToken token = BearerToken.of(new byte[] {1, 2, 3});
        Path file = Path.of("/run/token");
        Policy policy =
                Policy.of(List.of(Rules.rule("t", Match.of(new TokenSelector(Map.of(file, token))), "store:**")));
        Supposed.Arrival arrival = new Supposed.Arrival(Optional.of("web"), false, false, Optional.of(file));

        Workload workload = ask(USER, arrival, policy).workload();

        assertEquals(new Caller("web", 0, 1000, 5, List.of()), workload.caller());
        assertEquals(Optional.of(token), workload.token());
        assertFalse(workload.strictlyPinned());
    }

    @Test
    void comesByNoOtherListenerAndWithNoOtherTokenThanThereAre() {
        Supposed.Arrival elsewhere = new Supposed.Arrival(Optional.of("side"), true, true, Optional.empty());
        Supposed.Arrival tokenless =
                new Supposed.Arrival(Optional.empty(), true, true, Optional.of(Path.of("/run/token")));

        for (Supposed.Arrival arrival : List.of(elsewhere, tokenless)) {
            AgentException e = assertThrows(AgentException.class, () -> ask(USER, arrival, Policy.of(List.of())));
            assertEquals(FailureKind.BAD_ARGUMENT, e.kind());
        }
    }

    private static final Supposed.Credentials USER =
            new Supposed.Credentials(1000, Optional.of(5L), Optional.of(List.of()));

    private static SupposedCaller ask(long uid, Optional<Long> gid, Optional<List<Long>> groups) {
        return ask(new Supposed.Credentials(uid, gid, groups), Supposed.Arrival.USUAL, Policy.of(List.of()));
    }

    private static SupposedCaller ask(Supposed.Credentials who, Supposed.Arrival arrival, Policy policy) {
        return SupposedCaller.of(
                new Supposed(who, arrival, Supposed.Facts.PLAIN),
                new SupposedCaller.Place(List.of("main", "web"), policy, ACCOUNTS));
    }
}
