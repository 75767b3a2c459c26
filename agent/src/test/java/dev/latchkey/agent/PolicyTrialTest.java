package dev.latchkey.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.cli.Collaborators.PolicyTester.Outcome;
import dev.latchkey.agent.cli.Collaborators.PolicyTester.Tested;
import dev.latchkey.agent.config.Accounts;
import dev.latchkey.agent.config.Host;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyTrialTest {
    private static final Accounts ACCOUNTS = Accounts.parse(
            List.of("alice:x:1000:100:Alice:/home/alice:/bin/sh"), List.of("users:x:100:", "web:x:2000:alice"));

    private static final String CONFIG = """
            project: shop
            environment: live
            sockets:
              - {name: main, path: /run/latchkey/agent.sock}
              - {name: side, path: /run/side/agent.sock, pid: any}
            workloads:
              - {name: unit, match: {uid: alice, unit: web.service}, allow: ["store:db-*"], deny: ["store:db-root"]}
              - {name: side, match: {listener: side}, allow: ["store:side"]}
              - {name: web, match: {groups: [web]}, allow: ["store:shop/live/cache"]}
            """;

    @TempDir
    private Path folder;

    @Test
    void holdsEachReferenceAgainstWhatIsExpected() throws IOException {
        List<Outcome> outcomes = test("""
                tests:
                  - name: the unit has its database
                    caller: {uid: alice, unit: web.service}
                    rule: unit
                    allow: [db-main, "shop/live/db-x#password"]
                    deny: [db-root, cache]
                  - caller: {uid: 1000}
                    allow: [cache]
                  - name: without a pid
                    caller: {uid: 5, pid: none, listener: side}
                    allow: [side]
                    deny: [cache]
                  - name: wrong
                    caller: {uid: 1000, groups: []}
                    rule: web
                    allow: [cache]
                  - name: by another rule
                    caller: {uid: 1000}
                    rule: unit
                    allow: [cache]
                """).outcomes();

        assertEquals(
                List.of(
                        "true the unit has its database:2 db-main allow by unit=allow by unit",
                        "true the unit has its database:2 shop/live/db-x#password allow by unit=allow by unit",
                        "true the unit has its database:2 db-root deny by unit=deny by unit",
                        "true the unit has its database:2 cache deny by unit=deny by unit",
                        "true test 2:7 cache allow=allow by web",
                        "true without a pid:9 side allow=allow by side",
                        "true without a pid:9 cache deny=deny by side",
                        "false wrong:13 cache allow by web=deny",
                        "false by another rule:17 cache allow by unit=allow by web"),
                outcomes.stream()
                        .map(o -> o.passed() + " " + o.test() + ":" + o.line() + " " + o.reference() + " "
                                + o.expected() + "=" + o.actual())
                        .toList());
        assertTrue(outcomes.get(7).reason().contains("passed over unit"), outcomes.get(7)::reason);
    }

    @Test
    void aReferenceThatMeansNothingMeetsNoExpectation() throws IOException {
        List<Outcome> outcomes = test("tests: [{caller: {uid: 1}, allow: ['a@'], deny: ['b@', 'nosuch:c', 'a/b']}]")
                .outcomes();

        assertEquals(4, outcomes.size());
        assertTrue(outcomes.stream().noneMatch(Outcome::passed), outcomes::toString);
        assertTrue(outcomes.stream().allMatch(o -> o.actual().equals("invalid")), outcomes::toString);
    }

    @Test
    void supposesALauncherThatProvesWhatItBecomes() throws IOException {
        Path config = Files.writeString(folder.resolve("proof.yaml"), """
                sockets: [{name: main, path: /run/m, group: 4711}]
                workloads:
                  - {name: app, match: {command: /usr/bin/app, args: [serve]}, allow: ["store:a"]}
                  - {name: any, match: {command: /usr/bin/tool, command-sha256: %1$s, args: any}, allow: ["store:a"]}
                  - {name: exe, match: {exe: /usr/bin/launcher}, allow: ["store:a"]}
                """.formatted("ab".repeat(32)));
        Tested tested = trial().test(write("""
                tests:
                  - {caller: {uid: 1, command: /usr/bin/app, args: [serve]}, rule: app, allow: [a]}
                  - {caller: {uid: 1, command: /usr/bin/app}, deny: [a]}
                  - {caller: {uid: 1, command: /usr/bin/app, args: [serve, ""]}, deny: [a]}
                  - {caller: {uid: 1, command: /usr/bin/tool, command-sha256: %1$s}, rule: any, allow: [a]}
                  - {caller: {uid: 1, command: /usr/bin/tool}, deny: [a]}
                  - {caller: {uid: 1, exe: /usr/bin/launcher}, rule: exe, allow: [a]}
                  - {caller: {uid: 1}, deny: [a]}
                """.formatted("ab".repeat(32))), Optional.of(config));

        assertEquals(7, tested.outcomes().size(), tested::toString);
        assertTrue(tested.outcomes().stream().allMatch(Outcome::passed), tested::toString);
        Tested refused = trial().test(write("tests: [{caller: {uid: 1, args: [a]}, deny: [a]}]"), Optional.of(config));
        assertTrue(refused.toString().contains("args and command-sha256 are of a command"), refused::toString);
    }

    @Test
    void supposesTheTokenOfARule() throws IOException {
        Path token = Files.writeString(folder.resolve("token"), "content");
        Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
        Path config = Files.writeString(
                folder.resolve("token.yaml"),
                "workloads: [{name: t, match: {token-file: " + token + "}, allow: ['store:a']}]");

        Tested tested = trial().test(
                        write("tests: [{caller: {uid: 1, token-file: " + token
                                + "}, allow: [a]}, {caller: {uid: 1}, deny: [a]}]"),
                        Optional.of(config));

        assertTrue(tested.outcomes().stream().allMatch(Outcome::passed), tested::toString);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tests: [] | 1:8: tests is an empty list",
                "{} | 1:1: tests is missing",
                "'' | 0:0: the file is empty",
                "tests: [{caller: {uid: 1}}] | 1:9: this test expects nothing",
                "tests: [{allow: [a]}] | 1:9: tests[0].caller is missing",
                "tests: [{caller: {}, allow: [a]}] | 1:18: tests[0].caller.uid is missing",
                "tests: [{caller: {uid: 1, ui: 2}, allow: [a]}] | 1:27: unknown key 'ui' in tests[0].caller",
                "tests: [{caller: {uid: 1, unit: a.service, pod: 0f8fad5b-d9cb-469f-a165-70867728950e}, allow: [a]}] | 1:18: a caller is supposed in one of",
                "tests: [{caller: {uid: nobody-here}, allow: [a]}] | 1:24: tests[0].caller.uid is not a user",
                "{accounts: {users: {web: www}}, tests: [{caller: {uid: 1}, allow: [a]}]} | 1:26: accounts.users.web is not a number of a user",
                "{accounts: {user: {web: 1}}, tests: [{caller: {uid: 1}, allow: [a]}]} | 1:13: unknown key 'user' in accounts"
            })
    void refusesATableThatCannotBeMeant(String yaml, String problem) throws IOException {
        Tested tested = test(yaml);

        assertEquals(List.of(), tested.outcomes());
        assertEquals(1, tested.refused().size());
        var first = tested.refused().getFirst().problems().getFirst();
        String said = first.line() + ":" + first.column() + ": " + first.message();
        assertTrue(said.startsWith(problem), said);
    }

    @Test
    void tellsTheProblemsOfBothFilesAtOnce() throws IOException {
        Path config = Files.writeString(folder.resolve("bad.yaml"), "workloads: 1");

        Tested tested = trial().test(write("tests: 1"), Optional.of(config));

        assertEquals(
                List.of("tests.yaml", "bad.yaml"),
                tested.refused().stream()
                        .map(file -> String.valueOf(file.file().getFileName()))
                        .toList());
    }

    @Test
    void triesTheConfigurationOfAnotherMachine() throws IOException {
        Path config = Files.writeString(folder.resolve("there.yaml"), """
                sockets: [{name: main, path: /run/m, group: workloads}, {name: proof, path: /run/p/m, group: launchers}]
                providers: {store: {type: store}, files: {type: file, root: "/${NOT_SET}"}}
                admin: {roles: [{group: ops, role: editor}]}
                workloads:
                  - {name: backup, match: {uid: backup, unit: backup.service}, allow: ["store:a"]}
                  - {name: web, match: {uid: web}, allow: ["store:a"]}
                  - {name: token, match: {uid: 1001, token-file: /nonexistent/token}, allow: ["store:a"]}
                  - {name: job, match: {uid: 1002, command: /usr/bin/job, args: any, listener: proof}, allow: ["store:a"]}
                """);
        Files.setPosixFilePermissions(config, PosixFilePermissions.fromString("rw-rw-rw-"));

        Tested tested = trial().test(write("""
                accounts: {users: {backup: 990, alice: 1000}, groups: {ops: 995}}
                tests:
                  - {caller: {uid: backup, unit: backup.service}, rule: backup, allow: [a]}
                  - {caller: {uid: 990, unit: backup.service}, rule: backup, allow: [a]}
                  - {caller: {uid: alice, unit: backup.service}, deny: [a]}
                  - {caller: {uid: 1001, token-file: /nonexistent/token}, rule: token, allow: [a]}
                  - {caller: {uid: 1001}, deny: [a]}
                  - {caller: {uid: 1002, listener: proof, command: /usr/bin/job}, rule: job, allow: [a]}
                """), Optional.of(config));

        assertEquals(List.of(), tested.refused());
        assertEquals(6, tested.outcomes().size());
        assertTrue(tested.outcomes().stream().allMatch(Outcome::passed), tested::toString);
        assertTrue(tested.outcomes().get(2).reason().contains("gid 1000"), tested::toString);
        String nobody = "is not known here, and stands as number 429496729";
        assertEquals(4, tested.assumed().size(), tested::toString);
        assertTrue(tested.assumed().get(0).startsWith("the group workloads " + nobody), tested::toString);
        assertTrue(tested.assumed().get(1).startsWith("the group launchers " + nobody), tested::toString);
        assertEquals(
                "the variable NOT_SET is not here, and 'unknown' stands in for it",
                tested.assumed().get(2));
        assertTrue(tested.assumed().get(3).startsWith("the user web " + nobody), tested::toString);
    }

    @Test
    void theGuidesTableFitsTheGuidesRulesOnAnyMachine() throws IOException {
        String guide = Files.readString(Path.of("../docs/guide/policy.md"));
        Path config = Files.writeString(folder.resolve("guide.yaml"), block(guide, "sockets:"));

        Tested tested = trial().test(write(block(guide, "accounts:")), Optional.of(config));

        assertEquals(List.of(), tested.refused());
        assertEquals(4, tested.outcomes().size(), tested::toString);
        assertTrue(tested.outcomes().stream().allMatch(Outcome::passed), tested::toString);
        assertEquals(List.of(), tested.assumed());
    }

    private static String block(String guide, String beginning) {
        int from = guide.indexOf("```yaml\n" + beginning) + "```yaml\n".length();
        return guide.substring(from, guide.indexOf("```", from));
    }

    @Test
    void refusesASocketThatIsNotThereAndAFileThatIsNotThere() {
        AgentException socket = assertThrows(
                AgentException.class, () -> test("tests: [{name: t, caller: {uid: 1, listener: no}, allow: [a]}]"));
        assertEquals("t: there is no such socket", socket.failure().message());
        AgentException file =
                assertThrows(AgentException.class, () -> trial().test(folder.resolve("none"), Optional.of(config())));
        assertEquals(FailureKind.BAD_ARGUMENT, file.kind());
    }

    private Tested test(String yaml) throws IOException {
        return trial().test(write(yaml), Optional.of(config()));
    }

    private Path write(String yaml) throws IOException {
        return Files.writeString(folder.resolve("tests.yaml"), yaml);
    }

    private Path config() throws IOException {
        return Files.writeString(folder.resolve("agent.yaml"), CONFIG);
    }

    private static PolicyTrial trial() {
        return new PolicyTrial(new Host(1000, Map.of("HOME", "/home/alice"), ACCOUNTS, Files::exists, Map.of()));
    }
}
