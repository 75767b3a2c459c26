package dev.latchkey.agent.policy;

import static dev.latchkey.agent.policy.Rules.both;
import static dev.latchkey.agent.policy.Rules.listener;
import static dev.latchkey.agent.policy.Rules.rule;
import static dev.latchkey.agent.policy.Rules.uids;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.policy.CommandSelector.Arguments;
import dev.latchkey.agent.policy.CommandSelector.Content;
import dev.latchkey.agent.policy.CommandSelector.Found;
import dev.latchkey.agent.policy.ProcessSelector.Place;
import dev.latchkey.agent.policy.ProcessSelector.Placed;
import dev.latchkey.agent.policy.ProcessSelector.Runs;
import dev.latchkey.agent.policy.ProcessSelector.RunsContent;
import dev.latchkey.agent.policy.ProcessSelector.Within;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.workload.Attested;
import dev.latchkey.agent.workload.BearerToken;
import dev.latchkey.agent.workload.Caller;
import dev.latchkey.agent.workload.ControlGroup;
import dev.latchkey.agent.workload.LaunchedCommand;
import dev.latchkey.agent.workload.Presented;
import dev.latchkey.agent.workload.ProcessFacts;
import dev.latchkey.agent.workload.Sha256;
import dev.latchkey.agent.workload.Workload;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Selectors that look at the process, and when they look. */
class SelectorTest {
    private static final SecretLocation HERE = new SecretLocation("store", "web/production/db");
    private static final String ID = "0123456789abcdef".repeat(4);
    private static final Sha256 HASH = new Sha256("ab".repeat(32));
    private static final LaunchedCommand COMMAND = new LaunchedCommand(
            "/usr/bin/python3", Optional.of(HASH), LaunchedCommand.hashOf(List.of("-I", "/opt/app.py")));
    private static final Path TOKEN = Path.of("/run/token");

    private final List<String> learnt = new ArrayList<>();
    private final Facts facts = new Facts();

    /** What the process is, and a note of each question about it. */
    private final class Facts implements ProcessFacts {
        private Attested<ControlGroup> group = new Attested.Known<>(new ControlGroup("/system.slice/web.service/sub"));
        private Attested<Long> launcher = new Attested.Known<>(990L);
        private Attested<Boolean> runs = new Attested.Known<>(true);

        @Override
        public Attested<Long> launcher() {
            learnt.add("launcher");
            return launcher;
        }

        @Override
        public Attested<ControlGroup> controlGroup() {
            learnt.add("cgroup");
            return group;
        }

        @Override
        public Attested<Boolean> runs(Path file) {
            learnt.add("exe");
            return runs.part(same -> Optional.of(same && file.equals(Path.of("/bin/app"))), "");
        }

        @Override
        public Attested<Sha256> executableHash() {
            learnt.add("exe-sha256");
            return new Attested.Known<>(HASH);
        }
    }

    @Test
    void learnsNothingOfTheProcessWhereNoRuleAsks() {
        Policy policy = Policy.of(List.of(rule("a", uids(1L), "store:**"), rule("b", uids(1000L), "store:**")));

        assertEquals("b", selected(policy));
        assertEquals(List.of(), learnt);
    }

    @Test
    void learnsNothingForARuleThatIsNotTheCallersAnyway() {
        Policy policy = Policy.of(List.of(
                rule("a", both(uids(1L), unit("web.service")), "store:**"), rule("b", uids(1000L), "store:**")));

        assertEquals("b", selected(policy));
        assertEquals(List.of(), learnt);
    }

    @Test
    void tellsWhetherAnyRuleAsksOfProcesses() {
        assertFalse(Policy.of(List.of(rule("a", uids(1L)), rule("t", token("/t", 1))))
                .asksOfProcesses());
        assertTrue(Policy.of(List.of(rule("a", uids(1L)), rule("b", both(uids(2L), within("/a")))))
                .asksOfProcesses());
    }

    @Test
    void learnsEachPropertyOnceForARequest() {
        Policy policy = Policy.of(List.of(
                rule("a", unit("other.service")),
                rule("b", Match.of(new Placed(Place.CONTAINER, Set.of(ID)))),
                rule("c", unit("web.service"), "store:**")));

        assertEquals("c", selected(policy));
        assertEquals(List.of("cgroup"), learnt);
    }

    @Test
    void knowsUnitContainerPodAndGroup() {
        assertFits(unit("web.service"));
        assertFits(unit("x.service", "web.service"));
        assertFits(within("/system.slice"));
        assertFits(within("/system.slice/*.service"));
        assertFits(within("/system.slice/web.service/sub"));
        assertDiffers("unit web.service is not web.servic", unit("web.servic"));
        assertDiffers(
                "cgroup /system.slice/web.service/sub is not in /system.slice/we, only in /system.slice",
                within("/system.slice/we"));
        assertDiffers("cgroup /system.slice/web.service/sub is not in /sub", within("/sub"));
        assertDiffers("cgroup /system.slice/web.service/sub is not in /*/*/*/*, only in /*/*/*", within("/*/*/*/*"));
        assertDiffers(
                "the caller is in no container that its control group names",
                Match.of(new Placed(Place.CONTAINER, Set.of(ID))));
        assertDiffers(
                "the caller is in no pod that its control group names", Match.of(new Placed(Place.POD, Set.of("x"))));
        facts.group = new Attested.Known<>(new ControlGroup("/docker/" + ID));
        assertFits(Match.of(new Placed(Place.CONTAINER, Set.of(ID.substring(0, 12)))));
        assertDiffers(
                "container " + ID + " is not 1123456789ab",
                Match.of(new Placed(Place.CONTAINER, Set.of("1123456789ab"))));
    }

    @Test
    void knowsTheExecutable() {
        assertFits(Match.of(new Runs(Set.of(Path.of("/bin/x"), Path.of("/bin/app")))));
        assertFits(Match.of(new RunsContent(Set.of(HASH))));
        assertDiffers("exe is not /bin/x", Match.of(new Runs(Set.of(Path.of("/bin/x")))));
        assertDiffers(
                "exe-sha256 " + HASH + " is not " + "cd".repeat(32),
                Match.of(new RunsContent(Set.of(new Sha256("cd".repeat(32))))));
    }

    @Test
    void knowsTheCommandOfALauncher() {
        assertFits(commands("/bin/sh", "/usr/bin/python3"));
        assertFits(Match.of(new Content(Set.of(HASH))));
        assertFits(arguments("-I", "/opt/app.py"));
        assertFits(Match.of(new Arguments(Optional.empty())));
        assertDiffers("command /usr/bin/python3 is not /usr/bin/python", commands("/usr/bin/python"));
        Sha256 other = new Sha256("cd".repeat(32));
        assertDiffers("command-sha256 " + HASH + " is not " + other, Match.of(new Content(Set.of(other))));
        String wrong = "the arguments of the command are not those of the rule";
        assertDiffers(wrong, arguments());
        assertDiffers(wrong, arguments("-I"));
        assertDiffers(wrong, arguments("-I/opt/app.py"));
        assertDiffers(wrong, arguments("-I", "/opt/app.py", ""));
    }

    @Test
    void believesNobodyButALauncher() {
        List<Match> matches = List.of(
                commands("/usr/bin/python3"),
                Match.of(new Content(Set.of(HASH))),
                arguments("-I", "/opt/app.py"),
                Match.of(new Arguments(Optional.empty())),
                Match.of(new Runs(Set.of(Path.of("/bin/app")))),
                Match.of(new RunsContent(Set.of(HASH))));

        facts.launcher = new Attested.Absent<>("somebody else");
        matches.forEach(match -> assertDiffers("somebody else", match));
        facts.launcher = new Attested.Unknown<>("unknown");
        matches.forEach(
                match -> assertEquals(Verdict.UNKNOWN, match.test(workload(1, Optional.empty())), match::toString));
    }

    @Test
    void aLauncherThatSaysNothingOfItsCommandFitsNoRuleOnOne() {
        Workload silent = new Workload(caller(1), true, facts, Presented.NOTHING);
        for (Match match : List.of(commands("/a"), Match.of(new Arguments(Optional.empty())))) {
            assertEquals(Verdict.DIFFERS, match.test(silent));
            assertEquals(List.of("the launcher says nothing of a command"), match.mismatches(silent));
        }
    }

    @Test
    void asksOnceForARequestWhetherItIsTheLauncher() {
        Policy policy = Policy.of(List.of(
                rule("a", both(commands("/a"), arguments("x"))), rule("b", commands("/usr/bin/python3"), "store:**")));

        assertEquals("b", selected(policy));
        assertEquals(List.of("launcher"), learnt);
    }

    @Test
    void knowsTheTokenWithoutShowingIt() {
        BearerToken right = BearerToken.of(new byte[] {1});
        Match match = Match.of(new TokenSelector(Map.of(TOKEN, right, Path.of("/b"), BearerToken.of(new byte[] {2}))));

        assertEquals(Verdict.FITS, match.test(workload(1, Optional.of(right))));
        assertEquals(Verdict.FITS, match.test(workload(1, Optional.of(BearerToken.of(new byte[] {2})))));
        assertEquals(Verdict.DIFFERS, match.test(workload(1, Optional.of(BearerToken.of(new byte[] {3})))));
        assertEquals(Verdict.DIFFERS, match.test(workload(1, Optional.empty())));
        assertEquals(
                List.of("the caller's token is not that of /b, /run/token"),
                match.mismatches(workload(1, Optional.of(BearerToken.of(new byte[] {3})))));
        assertEquals(List.of("the caller has no token"), match.mismatches(workload(1, Optional.empty())));
    }

    @Test
    void tellsAWeakPinFromAStrictOne() {
        Match match = Match.of(new CallerSelector.StrictPin(), new CallerSelector.Uid(Set.of(1000L)));
        Workload weak = new Workload(caller(1), false, facts, Presented.NOTHING);

        assertEquals(Verdict.DIFFERS, match.test(weak));
        assertEquals(List.of("pin weak is not strict"), match.mismatches(weak));
        assertFits(match);
    }

    @Test
    void deniesEverythingWhereItCannotBeLearntWhetherARuleMatches() {
        facts.group = new Attested.Unknown<>("the caller's control group cannot be read");
        Policy policy = Policy.of(List.of(rule("blocked", unit("web.service")), rule("open", uids(1000L), "store:**")));
        Workload workload = workload(1, Optional.empty());

        assertInstanceOf(Selection.Unattested.class, policy.select(workload));
        assertEquals(
                "undecided at rule blocked: the caller's control group cannot be read",
                policy.explain(workload, HERE).reason());
        assertInstanceOf(Decision.Deny.class, policy.select(workload).decide(HERE));
    }

    @Test
    void passesOverARuleThatDiffersWhateverElseCannotBeLearnt() {
        facts.group = new Attested.Unknown<>("unknown");
        facts.runs = new Attested.Unknown<>("unknown");
        Match other = Match.of(
                new Placed(Place.UNIT, Set.of("a.service")),
                new Runs(Set.of(Path.of("/bin/app"))),
                new RunsContent(Set.of(new Sha256("cd".repeat(32)))));

        assertEquals("open", selected(Policy.of(List.of(rule("other", other), rule("open", uids(1000L))))));
    }

    @Test
    void servesACallerWithoutAPidOnlyWhereItsListenerIsNamed() {
        Match byUid = uids(1000L);
        Match byListener = both(listener("main"), uids(1000L));

        assertEquals(Verdict.DIFFERS, byUid.test(workload(0, Optional.empty())));
        assertEquals(Verdict.FITS, byUid.test(workload(1, Optional.empty())));
        assertEquals(Verdict.FITS, byListener.test(workload(0, Optional.empty())));
        assertEquals(
                List.of("a caller without a pid is matched only where its listener is named"),
                byUid.mismatches(workload(0, Optional.empty())));
    }

    @Test
    void hasOneSelectorOfAKind() {
        assertThrows(
                IllegalStateException.class,
                () -> Match.of(new CallerSelector.Uid(Set.of(1L)), new CallerSelector.Uid(Set.of(2L))));
        assertThrows(IllegalStateException.class, () -> both(unit("a.service"), unit("b.service")));
    }

    @Test
    void explainsHowNearARuleWas() {
        Policy policy = Policy.of(List.of(rule("a", both(uids(1000L), unit("x.service")), "store:**")));

        assertEquals(
                "no rule matches the caller; passed over a (1 of 2 failed): unit web.service is not x.service",
                policy.explain(workload(1, Optional.empty()), HERE).reason());
    }

    @Test
    void versionFollowsEachSelectorAndNeverATokensContent() {
        List<Match> matches = List.of(
                unit("a.service"),
                Match.of(new Placed(Place.POD, Set.of("a.service"))),
                within("/a"),
                Match.of(new Runs(Set.of(Path.of("/a")))),
                Match.of(new RunsContent(Set.of(HASH))),
                commands("/a"),
                Match.of(new Content(Set.of(HASH))),
                arguments(),
                arguments("/a"),
                arguments("/", "a"),
                Match.of(new Arguments(Optional.empty())),
                token("/a", 1),
                both(uids(1L), Match.of(new CallerSelector.StrictPin())),
                uids(1L));
        long versions = matches.stream()
                .map(match -> Policy.of(List.of(rule("a", match))).version())
                .distinct()
                .count();

        assertEquals(matches.size(), versions);
        assertEquals(
                Policy.of(List.of(rule("a", token("/a", 1)))).version(),
                Policy.of(List.of(rule("a", token("/a", 2)))).version());
    }

    private void assertFits(Match match) {
        assertEquals(Verdict.FITS, match.test(workload(1, Optional.empty())), match::toString);
        assertEquals(List.of(), match.mismatches(workload(1, Optional.empty())));
    }

    private void assertDiffers(String reason, Match match) {
        assertEquals(Verdict.DIFFERS, match.test(workload(1, Optional.empty())), match::toString);
        assertEquals(List.of(reason), match.mismatches(workload(1, Optional.empty())));
    }

    private String selected(Policy policy) {
        Selection selection = policy.select(workload(1, Optional.empty()));
        assertTrue(selection instanceof Selection.Selected, selection::toString);
        return selection.decide(HERE).decidedBy().orElseThrow();
    }

    private Workload workload(int pid, Optional<BearerToken> token) {
        return new Workload(caller(pid), true, facts, new Presented(token, Optional.of(COMMAND)));
    }

    private static Caller caller(int pid) {
        return new Caller("main", pid, 1000, 100, List.of());
    }

    private static Match commands(String... paths) {
        return Match.of(new Found(Arrays.stream(paths).map(Path::of).collect(Collectors.toSet())));
    }

    private static Match arguments(String... words) {
        return Match.of(new Arguments(Optional.of(List.of(words))));
    }

    private static Match unit(String... names) {
        return Match.of(new Placed(Place.UNIT, Set.of(names)));
    }

    private static Match within(String pattern) {
        return Match.of(new Within(Set.of(pattern)));
    }

    private static Match token(String file, int content) {
        return Match.of(new TokenSelector(Map.of(Path.of(file), BearerToken.of(new byte[] {(byte) content}))));
    }
}
