package dev.latchkey.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.latchkey.agent.admin.PolicyExplainer.Question;
import dev.latchkey.agent.config.Accounts;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.workload.Caller;
import java.util.List;
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

        assertEquals(new Caller("main", 0, 1000, 100, List.of(100L, 2000L, 2001L)), supposed.caller());
        assertEquals("denied; supposing gid 100, groups 100 2000 2001", supposed.reason("denied"));
    }

    @Test
    void hasWhatWasAskedAndSaysNothingOfIt() {
        SupposedCaller supposed = ask(1000, Optional.of(5L), Optional.of(List.of(6L)));

        assertEquals(new Caller("main", 0, 1000, 5, List.of(6L)), supposed.caller());
        assertEquals("denied", supposed.reason("denied"));
    }

    @Test
    void hasNoGroupsWhereTheUserIsNotListed() {
        SupposedCaller supposed = ask(77, Optional.empty(), Optional.empty());

        assertEquals(new Caller("main", 0, 77, 77, List.of()), supposed.caller());
        assertEquals("denied; supposing gid 77, no groups", supposed.reason("denied"));
    }

    private static SupposedCaller ask(long uid, Optional<Long> gid, Optional<List<Long>> groups) {
        Question question = new Question(uid, gid, groups, Optional.empty(), Namespace.DEFAULT, List.of("a"));
        return SupposedCaller.of(question, "main", ACCOUNTS);
    }
}
