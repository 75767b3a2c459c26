package dev.latchkey.agent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.policy.CallerSelector;
import dev.latchkey.agent.policy.CommandSelector;
import dev.latchkey.agent.policy.LocationPattern;
import dev.latchkey.agent.policy.Match;
import dev.latchkey.agent.policy.ProcessSelector;
import dev.latchkey.agent.policy.ProcessSelector.Place;
import dev.latchkey.agent.policy.ProcessSelector.Placed;
import dev.latchkey.agent.policy.Rule;
import dev.latchkey.agent.policy.RuleLimits;
import dev.latchkey.agent.policy.TokenSelector;
import dev.latchkey.agent.workload.BearerToken;
import dev.latchkey.agent.workload.Capability;
import dev.latchkey.agent.workload.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rules beyond users and groups: every other selector, limits, and what {@code --all} means. */
class MatchConfigTest {
    private static final String ID = "0123456789abcdef".repeat(4);
    private static final String POD = "0f8fad5b-d9cb-469f-a165-70867728950e";

    @TempDir
    private Path folder;

    private static final String SOCKETS = """
            sockets: [{name: main, path: /run/m/s, mode: "0660", group: workloads}, {name: open, path: /run/o/s, mode: "0666", group: workloads}]
            """;

    private int tokens;

    @Test
    void everySelectorReachesTheRule() throws IOException {
        Path token = token("rw-------", "s3cret-token\n");
        Rule rule = only(SOCKETS + """
                workloads:
                  - name: r
                    match:
                      unit: [web.service, "worker@1.service"]
                      container: %s
                      pod: %s
                      cgroup: /system.slice/*
                      exe: /usr/bin/app
                      exe-sha256: %s
                      command: [/usr/bin/python3, /usr/bin/../bin/python]
                      command-sha256: %s
                      args: [-I, "", "a b"]
                      token-file: %s
                      pin: strict
                """.formatted(ID, POD, ID, ID, token));

        assertEquals(
                Match.of(
                        new Placed(Place.UNIT, Set.of("web.service", "worker@1.service")),
                        new Placed(Place.CONTAINER, Set.of(ID)),
                        new Placed(Place.POD, Set.of(POD)),
                        new ProcessSelector.Within(Set.of("/system.slice/*")),
                        new ProcessSelector.Runs(Set.of(Path.of("/usr/bin/app"))),
                        new ProcessSelector.RunsContent(Set.of(new Sha256(ID))),
                        new CommandSelector.Found(Set.of(Path.of("/usr/bin/python3"), Path.of("/usr/bin/python"))),
                        new CommandSelector.Content(Set.of(new Sha256(ID))),
                        new CommandSelector.Arguments(Optional.of(List.of("-I", "", "a b"))),
                        new TokenSelector(Map.of(token, bearer("s3cret-token"))),
                        new CallerSelector.StrictPin()),
                rule.match());
    }

    @Test
    void anyArgumentsAreAWordAndAListOfThatWordIsOneArgument() {
        assertEquals(
                Match.of(
                        new CommandSelector.Found(Set.of(Path.of("/a"))),
                        new CommandSelector.Arguments(Optional.empty())),
                only(SOCKETS + "workloads: [{name: r, match: {command: /a, args: any}}]")
                        .match());
        assertEquals(
                Match.of(
                        new CommandSelector.Found(Set.of(Path.of("/a"))),
                        new CommandSelector.Arguments(Optional.of(List.of("any")))),
                only(SOCKETS + "workloads: [{name: r, match: {command: /a, args: [any]}}]")
                        .match());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "command: /a | names a command without its args",
                "command-sha256: %s | names a command without its args",
                "args: [a] | has args without a command",
                "listener: open, command: /a, args: any | asks for command, args on a socket where no launcher can prove to be one: it is not for a group alone",
                "listener: [main, open], exe: /a | asks for exe on a socket where no launcher can prove to be one: it is not for a group alone",
            })
    void refusesACommandThatMeansNothing(String selectors, String what) {
        String yaml =
                SOCKETS + "workloads: [{name: r, match: {" + selectors.strip().formatted(ID) + "}}]\n";
        List<String> problems = Fixture.problems(yaml);

        assertEquals(1, problems.size(), problems::toString);
        assertTrue(problems.getFirst().contains("workload 'r' " + what), problems::toString);
    }

    @ParameterizedTest
    @CsvSource({"args: all", "args: {a: b}", "args: [[a]]"})
    void refusesArgumentsThatAreNone(String args) {
        List<String> problems =
                Fixture.problems(SOCKETS + "workloads: [{name: r, match: {command: /a, " + args + "}}]\n");

        assertEquals(1, problems.size(), problems::toString);
        assertTrue(problems.getFirst().contains("workloads[0].match.args"), problems::toString);
    }

    /** Whoever is in the group could connect without the launcher. */
    @Test
    void aGroupWithMembersProvesNothing() {
        String rules = "workloads: [{name: r, match: {uid: 1, command: /a, args: any}}]\n";
        for (String group : new String[] {"workers", "1000", "990"}) {
            List<String> problems = Fixture.problems(
                    "sockets: [{name: main, path: /run/m, mode: \"0660\", group: " + group + "}]\n" + rules);
            assertEquals(1, problems.size(), problems::toString);
            assertTrue(
                    problems.getFirst().contains("its group has members, who could pretend to be the launcher"),
                    problems::toString);
        }
        assertEquals(List.of(), Fixture.problems("sockets: [{name: main, path: /run/m, group: 4711}]\n" + rules));
        for (String socket : new String[] {"mode: \"0600\"", "mode: \"0666\"", "mode: \"0640\"", "pid: any"}) {
            assertEquals(
                    1,
                    Fixture.problems("sockets: [{name: main, path: /run/m, group: 4711, " + socket + "}]\n" + rules)
                            .stream()
                            .filter(problem -> problem.contains("no launcher can prove"))
                            .count(),
                    socket);
        }
    }

    @Test
    void aRuleThatNamesNoSocketNeedsOneWhereALauncherCanProve() {
        assertEquals(
                List.of(),
                Fixture.problems(SOCKETS + "workloads: [{name: r, match: {uid: 1, command: /a, args: any}}]\n"));
    }

    @Test
    void aWeakPinAsksForNothing() {
        assertEquals(
                Match.of(new CallerSelector.Uid(Set.of(1L))),
                only("workloads: [{name: r, match: {uid: 1, pin: weak}}]").match());
    }

    @Test
    void limitsAndWhatAllMeansReachTheRule() {
        Rule rule = only("""
                project: web
                environment: live
                workloads:
                  - name: r
                    match: {uid: 1}
                    inject-all: [db-*, "other/live/*"]
                    limits: {rate: 100/m, concurrent: 50}
                """);

        assertEquals(
                List.of(new LocationPattern("store", "web/live/db-*"), new LocationPattern("store", "other/live/*")),
                rule.grants().injectAll().list());
        assertEquals(
                new RuleLimits(Optional.of(new RuleLimits.Rate(100, Duration.ofMinutes(1))), Optional.of(50)),
                rule.limits());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "unit: web | not a unit of the service manager",
                "unit: a/b.service | not a unit of the service manager",
                "unit: user.slice | not a unit of the service manager",
                "container: 0123456789a | not a container's id",
                "container: 0123456789AB | not a container's id",
                "pod: x | not a pod's uid",
                "cgroup: system.slice | not the path of a control group",
                "cgroup: / | not the path of a control group",
                "cgroup: /a/ | not the path of a control group",
                "cgroup: /a//b | not the path of a control group",
                "cgroup: /a/../b | not the path of a control group",
                "cgroup: /a/** | not the path of a control group",
                "exe: bin/app | not an absolute path",
                "exe-sha256: abc | not a SHA-256",
                "command: bin/app | not an absolute path",
                "command-sha256: abc | not a SHA-256",
                "token-file: token | not an absolute path",
                "pin: sure | not one of strict, weak"
            })
    void refusesWhatIsNoSuchThing(String selector, String what) {
        String key = selector.substring(0, selector.indexOf(':'));
        List<String> problems = Fixture.problems("workloads: [{name: r, match: {uid: 1, " + selector.strip() + "}}]\n");

        assertEquals(1, problems.size(), problems::toString);
        assertEquals(
                "workloads[0].match." + key + " is " + what,
                problems.getFirst().replaceFirst("^[0-9]+:[0-9]+: ", "").replaceFirst(": '.*", ""));
    }

    @ParameterizedTest
    @CsvSource({"rate: 0/s", "rate: 1/d", "rate: 100", "rate: 1000000000/s", "concurrent: 0", "concurrent: -1"})
    void refusesLimitsThatAreNone(String limit) {
        assertEquals(
                1,
                Fixture.problems("workloads: [{name: r, match: {uid: 1}, limits: {" + limit + "}}]\n")
                        .size());
    }

    @ParameterizedTest
    @CsvSource({"'store:a'", "'a/b'", "'a b'", "''"})
    void refusesPatternsForAllThatMatchNoName(String pattern) {
        assertEquals(
                1,
                Fixture.problems("workloads: [{name: r, match: {uid: 1}, inject-all: ['" + pattern + "']}]\n")
                        .size());
    }

    @Test
    void refusesATokenThatIsNoneOrThatOthersCanRead() throws IOException {
        Path open = token("rw-r--r--", "token");
        Path writable = token("rw--w----", "token");
        Path empty = token("rw-------", "\n");
        Path large = token("rw-------", "x".repeat(TokenFiles.MAX_BYTES + 1));
        String hint = " (chmod 0600 it, or 0640 with the agent's group)";

        assertEquals(
                List.of(
                        "1:46: others can read or write the token file '" + open + "'" + hint,
                        problem(1, open, writable, " others can read or write the token file '", "'" + hint),
                        problem(
                                2,
                                open,
                                empty,
                                " the token file '",
                                "' does not hold 1 to 4096 bytes (one final newline does not count)"),
                        problem(
                                3,
                                open,
                                large,
                                " the token file '",
                                "' does not hold 1 to 4096 bytes (one final newline does not count)"),
                        problem(
                                4,
                                open,
                                folder,
                                " there is no token file '",
                                "' (token-file names a regular file with the token)")),
                Fixture.problems("workloads: [{name: r, match: {token-file: [  %s, %s, %s, %s, %s]}}]\n"
                        .formatted(open, writable, empty, large, folder)));
    }

    /** All paths but the last are of one length. */
    private static String problem(int index, Path first, Path file, String before, String after) {
        int column = 46 + index * (first.toString().length() + 2);
        return "1:" + column + ":" + before + file + after;
    }

    @Test
    void aTokenThatCannotBeReadHidesNoRule() {
        assertEquals(
                2,
                Fixture.problems(
                                "workloads: [{name: a, match: {token-file: /no/a}}, {name: b, match: {token-file: /no/b}}]\n")
                        .size());
    }

    @Test
    void keepsTheLongestTokenAndDropsOneNewlineOnly() throws IOException {
        Path longest = token("rw-r-----", "x".repeat(TokenFiles.MAX_BYTES) + "\n");
        Path two = token("rw-------", "a\n\n");

        Rule rule = only("workloads: [{name: r, match: {token-file: [%s, %s]}}]".formatted(longest, two));

        assertEquals(
                Match.of(new TokenSelector(
                        Map.of(longest, bearer("x".repeat(TokenFiles.MAX_BYTES)), two, bearer("a\n")))),
                rule.match());
    }

    @Test
    void refusesWhatTheMachineLacksWithEveryRuleAtOnce() {
        Host host = Fixture.host(Map.of())
                .lacking(Map.of(
                        Capability.STRICT_PIN, "the kernel is older than 6.5",
                        Capability.LAUNCHER_PROOF, "not yet"));
        String yaml = SOCKETS + """
                workloads:
                  - {name: a, match: {uid: 1, pin: strict}}
                  - {name: b, match: {unit: a.service}}
                  - {name: c, match: {uid: 2, exe: /bin/c, pin: strict}}
                """;
        List<String> problems = Fixture.lines(new ConfigLoader(host)
                .parse(yaml.getBytes(StandardCharsets.UTF_8), Fixture.FILE)
                .problems());

        String hint = " (remove the selector, or give the agent what it needs; 'agent status' shows what it has)";
        assertEquals(
                List.of(
                        "3:22: workload 'a' asks for pin, which needs a strict pin of the caller: the kernel is older than 6.5"
                                + hint,
                        "5:22: workload 'c' asks for pin, which needs a strict pin of the caller: the kernel is older than 6.5"
                                + hint,
                        "5:22: workload 'c' asks for exe, which needs the launcher's proof of what it runs: not yet"
                                + hint),
                problems);
        assertEquals(List.of(), Fixture.problems(yaml));
    }

    @Test
    void refusesASelectorOfAProcessOnASocketWithoutPids() {
        String yaml = """
                sockets: [{name: web, path: /run/a/agent.sock, pid: any}]
                workloads: [{name: a, match: {listener: web, unit: a.service}}]
                """;

        assertEquals(
                List.of(
                        "2:30: workload 'a' asks for unit on a socket with 'pid: any', where a caller may have no pid to learn it by"
                                + " (name a listener with 'pid: required', or match by listener, uid, gid, groups and token-file)"),
                Fixture.problems(yaml));
    }

    private static Rule only(String yaml) {
        return Fixture.config(yaml).workloads().getFirst();
    }

    private Path token(String mode, String content) throws IOException {
        Path file = folder.resolve("token" + tokens++);
        Files.writeString(file, content);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    private static BearerToken bearer(String text) {
        return BearerToken.of(text.getBytes(StandardCharsets.UTF_8));
    }
}
