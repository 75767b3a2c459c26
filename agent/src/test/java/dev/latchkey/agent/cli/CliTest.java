package dev.latchkey.agent.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.admin.Access;
import dev.latchkey.agent.admin.AdminFixture;
import dev.latchkey.agent.admin.Role;
import dev.latchkey.agent.audit.AuditEvent;
import dev.latchkey.agent.consumers.FakeProcess;
import dev.latchkey.agent.imports.Entries;
import dev.latchkey.agent.workload.Signalled;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every command against a real socket: what it prints, whole, and how it exits. */
class CliTest {
    private static final String CANARY = "c4n4ry-value";

    @TempDir
    Path folder = Path.of("");

    private AdminFixture admin;
    private final Deque<char[]> typed = new ArrayDeque<>();
    private boolean terminal;
    private InputStream in = InputStream.nullInputStream();
    private final List<AgentRunner.Options> ran = new ArrayList<>();
    private Collaborators.ConfigTool.Checked checked =
            new Collaborators.ConfigTool.Checked(Path.of("/etc/agent.yaml"), true, List.of());

    CliTest() throws IOException {
        admin = new AdminFixture();
    }

    @BeforeEach
    void aCanaryIsStored() {
        assertEquals("0|created, version 1\n|", put("canary", CANARY));
    }

    @AfterEach
    void stop() {
        admin.close();
    }

    private record Result(int status, ByteArrayOutputStream stdout, String err) {
        byte[] outBytes() {
            return stdout.toByteArray();
        }

        String out() {
            return stdout.toString(StandardCharsets.UTF_8);
        }

        @Override
        public String toString() {
            return status + "|" + out() + "|" + err;
        }
    }

    private Result run(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Surroundings surroundings = new Surroundings(
                in,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                new FakeTerminal(),
                AdminFixture.CLOCK,
                folder,
                "1.2.3");
        Collaborators collaborators = new Collaborators(
                options -> {
                    ran.add(options);
                    return 7;
                },
                option -> option.orElse(admin.socket),
                new FakeConfig(),
                CliTest::testPolicy,
                new FakeVerifier(),
                (group, path) -> new Collaborators.LauncherInstaller.Installed(
                        path.map(Path::toString).orElse("usual"), group.orElse("usual"), 990, "02755", "installed"),
                CliTest::readImport);
        int status = new Cli(surroundings, collaborators).run(arguments);
        Result result = new Result(status, out, err.toString(StandardCharsets.UTF_8));
        assertFalse(result.err().contains(CANARY), "a value on stderr");
        return result;
    }

    @Test
    void installLauncherSaysWhatToWriteInTheConfiguration() {
        Result usual = run("install-launcher");
        assertEquals(0, usual.status(), usual::toString);
        assertTrue(usual.out().startsWith("installed usual: owner root, group usual, mode 02755\n"), usual::toString);
        assertTrue(
                usual.out()
                        .contains(
                                "- {name: proof, path: /run/latchkey/proof/agent.sock, mode: \"0660\", group: usual}"),
                usual::toString);
        assertEquals(
                "{\"path\":\"" + folder.resolve("here")
                        + "\",\"group\":\"g\",\"gid\":990,\"mode\":\"02755\",\"effect\":\"installed\"}\n",
                run("install-launcher", "--group", "g", "here", "--format", "json")
                        .out());
        assertEquals(2, run("install-launcher", "a", "b").status());
    }

    /** A line is a name and a value; another format is none. */
    private static Entries readImport(Collaborators.ImportReader.Input input) {
        Entries entries = new Entries(input.fields());
        for (String line :
                new String(input.octets(), StandardCharsets.UTF_8).lines().toList()) {
            String[] parts = line.split("=", 2);
            entries.add(parts[0], parts[1].getBytes(StandardCharsets.UTF_8));
        }
        return entries;
    }

    private static Collaborators.PolicyTester.Tested testPolicy(Path file, Optional<Path> config) {
        Collaborators.ConfigTool.Checked bad = new Collaborators.ConfigTool.Checked(
                Path.of("bad"),
                true,
                List.of(
                        new Collaborators.ConfigTool.Problem(1, 2, "wrong", Optional.of("mend it")),
                        new Collaborators.ConfigTool.Problem(3, 4, "also wrong", Optional.empty())));
        boolean met = config.isEmpty();
        return file.endsWith("bad")
                ? new Collaborators.PolicyTester.Tested(List.of(bad), List.of(), List.of())
                : new Collaborators.PolicyTester.Tested(
                        List.of(),
                        List.of(new Collaborators.PolicyTester.Outcome(
                                "t", 3, "a", "allow", met ? "allow by r" : "deny", met, "because")),
                        met ? List.of() : List.of("the user 'x' is not known here"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "secret show canry|did you mean canary?",
                "secret delete canry|did you mean canary?",
                "secret purge canry 1|did you mean canary?",
                "secret rotate canry --generate 16|did you mean canary?",
                "secret list --project defualt|did you mean default? Otherwise 'agent project create' makes one",
                "secret show canary --environment defalt|did you mean default? Otherwise 'agent environment create' makes one",
                "environment list --project defualt|did you mean default? Otherwise 'agent project create' makes one",
                "secret purge other|'agent secret list' shows what is there"
            })
    void hintsAtTheNameThatWasMeant(String line, String hint) {
        Result result = run(line.split(" "));
        assertEquals(1, result.status(), result::toString);
        assertTrue(result.err().endsWith("\nhint: " + hint + "\n"), result.err());
    }

    @Test
    void tellsWhereAnOptionOfACommandStands() {
        assertEquals("""
                2||agent: unknown option --admin-socket
                hint: options of a command stand after it, as in: agent secret list --admin-socket PATH
                """, said("--admin-socket", "x", "secret", "list"));
    }

    @Test
    void testsThePolicy() {
        assertEquals("""
                0|RESULT  TEST  LINE  REFERENCE  EXPECTED  ACTUAL      REASON
                ok      t     3     a          allow     allow by r
                |""", said("policy", "test", "f").replaceAll(" +\n", "\n"));
        assertEquals("""
                1|RESULT  TEST  LINE  REFERENCE  EXPECTED  ACTUAL  REASON
                FAILED  t     3     a          allow     deny    because
                |agent: the user 'x' is not known here
                agent: 1 of 1 expectations are not met
                """, said("policy", "test", "f", "--config", "c"));
        assertEquals(
                "0|[{\"test\":\"t\",\"line\":3,\"reference\":\"a\",\"expected\":\"allow\","
                        + "\"actual\":\"allow by r\",\"passed\":true,\"reason\":\"because\"}]\n|",
                said("policy", "test", "f", "--format", "json"));
        assertEquals(
                "1||agent: bad:1:2: wrong\nhint: mend it\nagent: bad:3:4: also wrong\n", said("policy", "test", "bad"));
        assertEquals(
                "1||{\"error\":{\"code\":\"bad-configuration\",\"message\":\"bad:1:2: wrong; bad:3:4: also wrong\","
                        + "\"hint\":\"without --format json each problem has a line and a hint of its own\"}}\n",
                said("policy", "test", "bad", "--format", "json"));
        assertEquals(2, run("policy", "test").status());
    }

    private String said(String... arguments) {
        return run(arguments).toString();
    }

    private String put(String name, String value, String... more) {
        in = new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
        List<String> arguments = new ArrayList<>(List.of("secret", "put", name));
        arguments.addAll(List.of(more));
        return said(arguments.toArray(String[]::new));
    }

    private final class FakeTerminal implements Terminal {
        @Override
        public boolean asksPeople() {
            return terminal;
        }

        @Override
        public boolean showsProgress() {
            return false;
        }

        @Override
        public char @Nullable [] readWithoutEcho(String prompt) {
            return typed.poll();
        }
    }

    private static final class FakeVerifier implements Collaborators.AuditVerifier {
        @Override
        public Verified verify(Optional<Path> file, Kept kept) {
            boolean intact = kept.head().isEmpty();
            return new Verified(
                    intact,
                    intact
                            ? Optional.empty()
                            : Optional.of(new Flaw("removed", Path.of("/l"), 3, 70, 4, "record 4 is gone")),
                    3,
                    Optional.of("3:abc"),
                    Optional.of(2L),
                    List.of(
                            file.map(Path::toString).orElse("default"),
                            kept.head().orElse("no head"),
                            kept.keys().toString()));
        }

        @Override
        public String publicKey() {
            return "PEM\n";
        }
    }

    private final class FakeConfig implements Collaborators.ConfigTool {
        @Override
        public Checked check(Optional<Path> file) {
            return checked;
        }

        @Override
        public String schema() {
            return "{}\n";
        }
    }

    @Test
    void putsAddsAndLeavesUnchanged() {
        assertEquals("0|added, version 2\n|", put("canary", "second"));
        assertEquals("0|unchanged, still version 2\n|", put("canary", "second"));
        assertEquals("0|{\"version\":2,\"effect\":\"unchanged\"}\n|", put("canary", "second", "--format", "json"));
        assertTrue(admin.store.lent.stream().allMatch(CliTest::zeroed), "a value was not wiped");
    }

    private static boolean zeroed(byte[] bytes) {
        for (byte b : bytes) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    @Test
    void dropsOneFinalNewlineOfStdinAndSaysSo() throws IOException {
        assertEquals("0|created, version 1\n|agent: dropped one final newline; --exact keeps it\n", put("a", "x\n\n"));
        assertEquals("x\n", revealed("a"));
        assertEquals("0|created, version 1\n|", put("b", "x\n", "--exact"));
        assertEquals("x\n", revealed("b"));
    }

    @Test
    void storesAFileByteForByte() throws IOException {
        byte[] bytes = {0, (byte) 0xFF, '\r', '\n', '\n'};
        Files.write(folder.resolve("value"), bytes);
        assertEquals("0|created, version 1\n|", said("secret", "put", "f", "--from-file", "value"));
        admin.access = new Access(AdminFixture.AGENT_UID, List.of(), Set.of(Role.ADMIN));
        assertArrayEquals(bytes, run("secret", "reveal", "f").outBytes());
    }

    private String revealed(String name) {
        admin.access = new Access(AdminFixture.AGENT_UID, List.of(), Set.of(Role.ADMIN));
        return run("secret", "reveal", name).out();
    }

    @Test
    void generatesWithoutPrinting() {
        assertEquals("0|created, version 1\n|", said("secret", "put", "g", "--generate", "40"));
        assertTrue(revealed("g").matches("[A-Za-z0-9]{40}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"15", "4097", "-1", "many"})
    void refusesToGenerateOutsideTheRange(String length) {
        assertEquals(2, run("secret", "put", "g", "--generate", length).status());
    }

    @Test
    void refusesEmptyInputUnlessItIsMeant() {
        String refused =
                "1||agent: the value is empty, so nothing was stored\nhint: if an empty value is meant, say --allow-empty\n";
        assertEquals(refused, put("e", ""));
        assertEquals("0|created, version 1\n|", put("e", "", "--allow-empty"));
        assertEquals("", revealed("e"));
    }

    @Test
    void takesOneMebibyteAndNoMore() {
        assertEquals("0|created, version 1\n|", put("big", "x".repeat(1 << 20)));
        assertEquals(
                "1||agent: the value is over 1 MiB\nhint: a secret has at most 1048576 bytes\n",
                put("bigger", "x".repeat((1 << 20) + 1)));
        assertEquals(
                "0|unchanged, still version 1\n|agent: dropped one final newline; --exact keeps it\n",
                put("big", "x".repeat(1 << 20) + "\n"));
    }

    @Test
    void refusesTwoSources() throws IOException {
        Files.writeString(folder.resolve("v"), "v");
        assertEquals("""
                2||agent: --from-file and --generate are two sources for one value
                hint: give one of them, or standard input
                """, said("secret", "put", "t", "--from-file", "v", "--generate", "20"));
    }

    @Test
    void asksATerminalTwice() {
        terminal = true;
        typed.add("pässword".toCharArray());
        typed.add("pässword".toCharArray());
        assertEquals("0|created, version 1\n|", said("secret", "put", "t"));
        assertEquals("pässword", revealed("t"));
        typed.add("one".toCharArray());
        typed.add("two".toCharArray());
        assertEquals(
                "1||agent: the two entries differ, so nothing was stored\nhint: try again\n",
                said("secret", "put", "t"));
    }

    @ParameterizedTest
    @CsvSource({"put", "rotate"})
    void neverTakesAValueFromTheCommandLine(String command) {
        String expected = "2||agent: argument 4 is one too many\nhint: a value never comes from the command line: "
                + "give it on standard input, with --from-file or with --generate\n";
        assertEquals(expected, said("secret", command, "canary", CANARY));
        assertEquals("""
                2||agent: a secret's name has no '='
                hint: a value never comes from the command line: give it on standard input
                """, said("secret", command, "canary=" + CANARY));
        assertEquals(2, run("secret", command, "canary", "--value=" + CANARY).status());
    }

    @Test
    void listsWithoutValues() {
        put("web.token", "v", "--description", "for the web", "--scope", "web", "--scope", "api", "--expires-in", "1d");
        assertEquals("""
                0|NAME       VERSION  UPDATED               EXPIRES               DELETED  SCOPES   DESCRIPTION
                canary     1        2026-01-02T03:04:05Z  -                     -        -        -
                web.token  1        2026-01-02T03:04:05Z  2026-01-03T03:04:05Z  -        api,web  for the web
                |""", said("secret", "list"));
        assertEquals(
                "0|[{\"project\":\"default\",\"environment\":\"default\",\"name\":\"canary\",\"version\":1,"
                        + "\"created\":\"2026-01-02T03:04:05Z\",\"updated\":\"2026-01-02T03:04:05Z\",\"expires\":null,"
                        + "\"deleted\":null,\"scopes\":[],\"description\":null},"
                        + "{\"project\":\"default\",\"environment\":\"default\",\"name\":\"web.token\",\"version\":1,"
                        + "\"created\":\"2026-01-02T03:04:05Z\",\"updated\":\"2026-01-02T03:04:05Z\","
                        + "\"expires\":\"2026-01-03T03:04:05Z\",\"deleted\":null,\"scopes\":[\"api\",\"web\"],"
                        + "\"description\":\"for the web\"}]\n|",
                said("secret", "list", "--format", "json"));
    }

    @Test
    void showsAndSets() {
        assertEquals(
                """
                0|project      default
                environment  default
                name         canary
                version      1
                created      2026-01-02T03:04:05Z
                updated      2026-01-02T03:04:05Z
                expires      2026-01-02T05:04:05Z
                deleted      -
                scopes       x
                description  hello world
                |""",
                said("secret", "set", "canary", "--description", "hello world", "--scope", "x", "--expires-in", "2h"));
        assertTrue(said("secret", "set", "canary", "--scope", "", "--expires-in", "never")
                .contains("scopes       -"));
        assertTrue(said("secret", "show", "canary").contains("expires      -"));
        assertEquals(2, run("secret", "set", "canary").status());
        assertEquals(2, run("secret", "set", "canary", "--expires-in", "soon").status());
    }

    @Test
    void keepsVersions() {
        put("canary", "second");
        assertEquals("0|disabled canary version 2\n|", said("secret", "disable", "canary", "2"));
        assertEquals("""
                0|VERSION  CREATED               EXPIRES  CURRENT  DISABLED
                2        2026-01-02T03:04:05Z  -        yes      yes
                1        2026-01-02T03:04:05Z  -        no       no
                |""", said("secret", "versions", "canary"));
        assertEquals("0|enabled canary version 2\n|", said("secret", "enable", "canary", "2"));
        assertEquals(
                "0|[{\"version\":2,\"created\":\"2026-01-02T03:04:05Z\",\"expires\":null,\"current\":true,\"disabled\":false},"
                        + "{\"version\":1,\"created\":\"2026-01-02T03:04:05Z\",\"expires\":null,\"current\":false,"
                        + "\"disabled\":false}]\n|",
                said("secret", "versions", "canary", "--format=json"));
        assertEquals("0|added, version 3\n|", said("secret", "rollback", "canary", "1"));
        assertEquals(CANARY, revealed("canary"));
    }

    @Test
    void deletesRestoresAndPurges() {
        assertEquals("0|deleted canary\n|", said("secret", "delete", "canary"));
        assertEquals(1, run("secret", "delete", "canary").status());
        assertEquals("0|restored canary\n|", said("secret", "restore", "canary"));
        assertEquals("0|purged canary\n|", said("secret", "purge", "canary"));
        assertEquals(
                "1||agent: canary is not in default/default\nhint: 'agent secret list' shows what is there\n",
                said("secret", "show", "canary"));
        assertEquals(
                "1||{\"error\":{\"code\":\"secret-not-found\",\"message\":\"canary is not in default/default\","
                        + "\"hint\":\"'agent secret list' shows what is there\"}}\n",
                said("secret", "show", "canary", "--format", "json"));
    }

    @Test
    void rotatesOnlyWhatIsThere() {
        in = new ByteArrayInputStream("new".getBytes(StandardCharsets.UTF_8));
        assertEquals("0|added, version 2\n|", said("secret", "rotate", "canary"));
        in = new ByteArrayInputStream("new".getBytes(StandardCharsets.UTF_8));
        assertEquals(1, run("secret", "rotate", "nothing").status());
        assertEquals(
                "2||agent: --command is not available yet\nhint: give the new value on standard input\n",
                said("secret", "rotate", "canary", "--command", "x"));
    }

    @Test
    void revealsOnlyToTheRoleThatIsNamed() {
        String refused = """
                1||agent: values are not shown to the role admin
                hint: the configuration's admin.reveal names who may be shown values
                """;
        assertEquals(refused, said("secret", "reveal", "canary"));
        admin.access = new Access(AdminFixture.AGENT_UID, List.of(), Set.of(Role.EDITOR));
        assertEquals(refused, said("secret", "reveal", "canary"));
        assertEquals(
                new AuditEvent.AdminAction(
                        new AuditEvent.Actor(42, AdminFixture.AGENT_UID, AdminFixture.AGENT_UID, "admin"),
                        "secret reveal",
                        "default/default/canary",
                        false),
                admin.audit.events.getLast());
        assertEquals(CANARY, revealed("canary"));
        assertEquals(
                new AuditEvent.Outcome(admin.audit.events.size() - 1L, "done", List.of("default/default/canary@1")),
                admin.audit.events.getLast());
    }

    @Test
    void managesProjectsAndEnvironments() {
        assertEquals("0|created web\n|", said("project", "create", "web", "--naming", "posix"));
        assertEquals("""
                0|PROJECT  NAMING  CREATED
                default  any     2026-01-02T03:04:05Z
                web      posix   2026-01-02T03:04:05Z
                |""", said("project", "list"));
        assertEquals("0|created web/prod\n|", said("environment", "create", "prod", "--project", "web"));
        assertEquals(
                "0|[{\"project\":\"web\",\"environment\":\"default\",\"created\":\"2026-01-02T03:04:05Z\"},"
                        + "{\"project\":\"web\",\"environment\":\"prod\",\"created\":\"2026-01-02T03:04:05Z\"}]\n|",
                said("environment", "list", "--project", "web", "--format", "json"));
        assertEquals("0|deleted prod\n|", said("environment", "delete", "prod", "--project", "web"));
        assertEquals("0|deleted web\n|", said("project", "delete", "web"));
        assertEquals(
                "1||agent: there is no project web\nhint: 'agent project create' makes one\n",
                said("secret", "list", "--project", "web"));
        assertEquals("1||agent: the project default still has secrets\n", said("project", "delete", "default"));
        assertEquals(1, run("project", "create", "bad name").status());
    }

    @Test
    void saysWhetherItIsReady() {
        assertEquals("0|ready\n|", said("ready"));
        assertEquals("0|{\"ready\":true,\"reasons\":[]}\n|", said("ready", "--format", "json"));
        admin.readiness.failing("audit", "the audit log cannot be written");
        admin.audit.room = 0;
        assertEquals("1||agent: not ready: the audit log cannot be written\n", said("ready"));
        assertEquals(1, run("status").status());
        assertEquals(1, run("secret", "list").status());
    }

    @Test
    void showsTheStatus() {
        assertEquals("""
                0|ready      yes
                version    1.2.3
                uptime     1:02:05
                socket     /run/latchkey/agent.sock
                store      sqlite, /state/store.db
                secrets    2 in 1 project
                provider   store (store): ok
                cache      -
                consumers  -
                probe      key-file: warning, beside the store
                |""", said("status"));
        assertEquals(
                "0|{\"ready\":true,\"version\":\"1.2.3\",\"uptime\":3725,\"socket\":\"/run/latchkey/agent.sock\","
                        + "\"store\":{\"type\":\"sqlite\",\"place\":\"/state/store.db\",\"projects\":1,\"secrets\":2},"
                        + "\"providers\":[{\"name\":\"store\",\"type\":\"store\",\"state\":\"ok\",\"leases\":null}],"
                        + "\"cache\":null,"
                        + "\"consumers\":null,\"probes\":[{\"name\":\"key-file\",\"state\":\"warning\","
                        + "\"detail\":\"beside the store\"}]}\n|",
                said("status", "--format", "json"));
    }

    @Test
    void refreshes() {
        assertEquals("0|vault:web is at version 7\n|", said("refresh", "vault:web"));
        assertEquals("1||agent: store:a: nothing of store is kept in the cache\n", said("refresh", "store:a"));
    }

    @Test
    void listsConsumers() {
        assertEquals("0|created, version 1\n|", put("db", "one"));
        assertEquals("0|added, version 2\n|", put("db", "two"));
        admin.consumer(4711, 1000, "canary@1", "db@1");
        admin.consumer(12, 1001, "db@2", "vault:web@6");
        admin.consumer(0, 1002, "files:token@x");

        assertEquals("""
                0|WORKLOAD  PID   UID   SINCE                 SECRET                        VERSION  CURRENT  OLDER
                flow      -     1002  2026-01-02T03:04:05Z  files:token                   x        -        -
                flow      12    1001  2026-01-02T03:04:05Z  store:default/default/db      2        2        no
                flow      12    1001  2026-01-02T03:04:05Z  vault:web                     6        7        yes
                flow      4711  1000  2026-01-02T03:04:05Z  store:default/default/canary  1        1        no
                flow      4711  1000  2026-01-02T03:04:05Z  store:default/default/db      1        2        yes
                |""", said("consumers"));
        assertEquals("""
                0|WORKLOAD  PID   UID   SINCE                 SECRET                    VERSION  CURRENT  OLDER
                flow      4711  1000  2026-01-02T03:04:05Z  store:default/default/db  1        2        yes
                |""", said("consumers", "db", "--older"));
        assertEquals("""
                0|[{"workload":"flow","pid":4711,"uid":1000,"since":"2026-01-02T03:04:05Z",\
                "location":"store:default/default/canary","version":"1","current":"1","older":false}]
                |""", said("consumers", "canary", "--format", "json"));
        assertEquals("""
                0|[{"workload":"flow","pid":null,"uid":1002,"since":"2026-01-02T03:04:05Z",\
                "location":"files:token","version":"x","current":null,"older":false}]
                |""", said("consumers", "files:token", "--format=json"));
        assertFalse(said("consumers", "--environment", "default").contains("vault:web"), "a place is the store's");
    }

    @Test
    void listsNoConsumersLikeAnyEmptyList() {
        assertEquals("0|WORKLOAD  PID  UID  SINCE  SECRET  VERSION  CURRENT  OLDER\n|", said("consumers", "canary"));
        assertEquals("0|[]\n|", said("consumers", "--older", "--format", "json"));
    }

    @Test
    void tellsOfNoConsumersOfWhatIsNotThere() {
        Result result = run("consumers", "nothing");
        assertEquals(1, result.status(), result::toString);
        assertEquals("", result.out());
        assertTrue(result.err().startsWith("agent: nothing is not in default/default"), result::toString);
        assertEquals(1, run("consumers", "nothing", "--terminate").status());
        assertEquals(1, run("consumers", "--project", "nowhere").status());
        assertEquals(1, run("consumers", "canary@1").status());
    }

    @Test
    void signalsThoseThatHoldAnOlderVersion() {
        assertEquals("0|created, version 1\n|", put("db", "one"));
        FakeProcess old = admin.consumer(4711, 1000, "db@1", "canary@1");
        assertEquals("0|added, version 2\n|", put("db", "two"));
        FakeProcess current = admin.consumer(12, 1001, "db@2");

        assertEquals("""
                0|WORKLOAD  PID   UID   SECRET                    VERSION  RESULT
                flow      4711  1000  store:default/default/db  1        sent
                |""", said("consumers", "db", "--older", "--terminate"));
        assertEquals(List.of(15), List.copyOf(old.signals));
        assertEquals(List.of(), List.copyOf(current.signals));
        assertEquals(
                "0|[{\"workload\":\"flow\",\"pid\":12,\"uid\":1001,\"location\":\"store:default/default/db\",\"versions\":"
                        + "[\"2\"],\"result\":\"sent\"},{\"workload\":\"flow\",\"pid\":4711,\"uid\":1000,"
                        + "\"location\":\"store:default/default/db\",\"versions\":[\"1\"],\"result\":\"sent\"}]\n|",
                said("consumers", "db", "--signal", "SIGHUP", "--format", "json"));
        assertEquals(List.of(15, 1), List.copyOf(old.signals));
        assertEquals(List.of(1), List.copyOf(current.signals));
        assertEquals(
                List.of(
                        "admin consumers signal: HUP to store:default/default/db",
                        "store:default/default/db@1 (HUP: 1 sent), store:default/default/db@2 (HUP: 1 sent)"),
                lastTwoRecords());
    }

    private List<String> lastTwoRecords() {
        return admin.audit.events.stream()
                .skip(admin.audit.events.size() - 2L)
                .map(event -> switch (event) {
                    case AuditEvent.AdminAction action -> "admin " + action.action() + ": " + action.subject();
                    case AuditEvent.Outcome outcome -> String.join(", ", outcome.versions());
                    default -> event.toString();
                })
                .toList();
    }

    @Test
    void namesEachProcessThatMayNotBeSignalled() {
        admin.consumer(12, 1001, "canary@1").result = Signalled.NOT_PERMITTED;
        admin.consumer(0, 1002, "canary@1").result = Signalled.OUT_OF_REACH;
        admin.consumer(13, 1003, "canary@1").result = Signalled.GONE;
        assertEquals("""
                1|WORKLOAD  PID  UID   SECRET                        VERSION  RESULT
                flow      -    1002  store:default/default/canary  1        out-of-reach
                flow      12   1001  store:default/default/canary  1        not-permitted
                flow      13   1003  store:default/default/canary  1        gone
                |agent: not signalled: a process of another PID namespace of workload flow, uid 1002: out-of-reach
                agent: not signalled: process 12 of workload flow, uid 1001: not-permitted
                agent: 2 of 3 processes were not signalled
                hint: to signal other users' processes the agent needs CAP_KILL, as by AmbientCapabilities= of its unit; none \
                reaches those of a PID namespace that it cannot see
                """, said("consumers", "canary", "--terminate"));
    }

    @Test
    void aViewerListsConsumersAndSignalsNone() {
        FakeProcess process = admin.consumer(12, 1001, "canary@1");
        admin.as(AdminFixture.VIEWER);
        assertEquals(0, run("consumers", "canary").status());
        Result refused = run("consumers", "canary", "--terminate");
        assertEquals(1, refused.status());
        assertEquals("""
                agent: 'consumers signal' needs the role editor, uid 1002 is viewer
                hint: the configuration's admin.roles gives roles to users and groups
                """, refused.err());
        assertEquals(List.of(), List.copyOf(process.signals));
        admin.as(AdminFixture.EDITOR);
        assertEquals(0, run("consumers", "canary", "--terminate").status());
        assertEquals(List.of(15), List.copyOf(process.signals));
    }

    @Test
    void suggestsTheSignalThatWasMeant() {
        String all = "--signal is one of HUP, INT, QUIT, ABRT, KILL, USR1, USR2, ALRM, TERM, CONT, STOP, TSTP, WINCH\n";
        assertEquals(
                "2||agent: not a value for --signal\nhint: did you mean TERM? " + all,
                said("consumers", "canary", "--signal", "SIGTEM"));
        assertEquals(
                "2||agent: not a value for --signal\nhint: did you mean USR1? " + all,
                said("consumers", "canary", "--signal", "usr1"));
        assertEquals("2||agent: not a value for --signal\nhint: " + all, said("consumers", "canary", "--signal", "15"));
    }

    @Test
    void explains() {
        assertEquals("""
                1|REFERENCE  DECISION  RULE  REASON
                open       allow     flow  allowed by store:default/**
                shut       deny      -     no rule matches uid 1000
                |""", said("explain", "--uid", "1000", "--gid", "5", "--groups", "6,7", "open", "shut"));
        assertEquals(
                "0|[{\"reference\":\"open\",\"decision\":\"allow\",\"rule\":\"flow\","
                        + "\"reason\":\"allowed by store:default/**\"}]\n|",
                said("explain", "--uid", "1000", "open", "--format", "json"));
        assertEquals("2||agent: missing: --uid\nhint: see 'agent explain --help'\n", said("explain", "open"));
    }

    @Test
    void readsTheAuditLog() {
        assertEquals("0|7:" + "ab".repeat(32) + "\n|", said("audit", "head"));
        assertEquals("""
                0|SEQUENCE  TIME                  KIND   UID   RULE  SECRET                                           RESULT
                1         2026-01-02T03:04:05Z  grant  1000  flow  store:default/default/a,store:default/default/b  -
                2         2026-01-02T03:04:05Z  grant  1000  flow  store:default/default/a,store:default/default/b  -
                |""", said("audit", "tail", "--count", "2"));
        assertEquals(
                "0|sequence,time,kind,uid,rule,secret,result\r\n3,2026-01-02T03:04:05Z,grant,1000,flow,"
                        + "store:default/default/a store:default/default/b,\r\n|",
                said("audit", "query", "--secret", "a", "--since", "1h", "--until", "2026-01-02", "--format", "csv"));
        assertEquals(
                "Optional[Filter[secret=Optional[a], workload=Optional.empty, kind=Optional.empty, "
                        + "since=Optional[2026-01-02T02:04:05Z], until=Optional[2026-01-02T00:00:00Z]]]",
                admin.audit.asked.toString());
        assertTrue(said("audit", "query", "--format", "json").contains("\"record\":{\"seq\":3}}]\n"));
        assertEquals(2, run("audit", "query", "--since", "yesterday").status());
    }

    @Test
    void verifiesTheAuditLogWithoutAnAgent() {
        admin.close();
        String head = "1:" + "ab".repeat(32);
        assertEquals(
                "2||agent: --head is not SEQ:HASH\nhint: write it as 'agent audit head' prints it\n",
                said("audit", "verify", "--head", "foo"));
        assertEquals("0|default\nno head\n[]\n|", said("audit", "verify"));
        assertEquals(
                "1|" + folder.resolve("f") + "\n" + head + "\n[]\n|", said("audit", "verify", "f", "--head", head));
        assertEquals(
                "0|default\nno head\n[" + folder.resolve("a") + ", " + folder.resolve("b") + "]\n|",
                said("audit", "verify", "--public-key", "a", "--public-key", "b"));
        assertEquals(
                "1|{\"intact\":false,\"problem\":{\"kind\":\"removed\",\"file\":\"/l\",\"line\":3,\"offset\":70,"
                        + "\"sequence\":4,\"message\":\"record 4 is gone\"},\"records\":3,\"head\":\"3:abc\",\"signed\":2,"
                        + "\"report\":[\"default\",\"" + head + "\",\"[]\"]}\n|",
                said("audit", "verify", "--head", head, "--format", "json"));
        assertEquals("0|PEM\n|", said("audit", "key"));
        assertEquals("0|{\"algorithm\":\"ed25519\",\"pem\":\"PEM\\n\"}\n|", said("audit", "key", "--format", "json"));
        admin = open();
    }

    private static AdminFixture open() {
        try {
            return new AdminFixture();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void looksAfterKeys() {
        assertEquals("""
                0|KIND  ID  WHERE       USABLE  SINCE
                file  k1  /state/kek  yes     2026-01-02T03:04:05Z
                |""", said("key", "status"));
        assertEquals(
                "0|{\"keys\":[{\"kind\":\"file\",\"id\":\"k2\",\"where\":\"/state/kek\",\"usable\":true,\"problem\":null}],"
                        + "\"wrapped\":2,\"since\":\"2026-01-02T03:04:05Z\"}\n"
                        + "|hint: a backup made before this opens only with the key before: make a new backup now\n",
                said("key", "rotate", "--format", "json"));
        assertEquals("0|exported to " + folder.resolve("kek") + "\n|", said("key", "export", "--to", "kek"));
        assertEquals(Optional.of(folder.resolve("kek")), admin.custody.exported);
    }

    @Test
    void backsUpPrivatelyAndNeverOverwrites() throws IOException {
        admin.custody.content = "backup".repeat(100_000).getBytes(StandardCharsets.UTF_8);
        Path file = folder.resolve("b");
        assertEquals("0|backed up to " + file + "\n|", said("backup", "b"));
        assertEquals(
                "1||agent: cannot write the backup " + folder.resolve("new/b") + ": there is no folder "
                        + folder.resolve("new") + "\nhint: make the folder first, or name a file in another one\n",
                said("backup", "new/b"));
        assertArrayEquals(admin.custody.content, Files.readAllBytes(file));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertEquals("1||agent: cannot write the backup " + file + """
                : it is there already
                hint: name a file that is not there yet, in a folder you can write
                """, said("backup", "b"));
        assertArrayEquals(admin.custody.content, run("backup", "-").outBytes());
        admin.custody.content = new byte[0];
        assertEquals(
                "0|restored from " + file
                        + "\n|agent: what was there before is kept in the state folder as replaced-TIME.db,"
                        + " for you to remove\n",
                said("restore", "b"));
        assertArrayEquals(Files.readAllBytes(file), admin.custody.content);
        assertEquals(1, run("restore", "missing").status());
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 300_000})
    void leavesNoHalfBackup(int bytes) {
        admin.custody.content = new byte[600_000];
        admin.custody.failsAfter = bytes;
        assertEquals("1||agent: row 9 cannot be opened\nhint: verify the store\n", said("backup", "b"));
        assertFalse(Files.exists(folder.resolve("b")));
    }

    @Test
    void verifiesTheStore() {
        assertEquals("0|12 versions opened, 0 cannot be\n|", said("store", "verify"));
        admin.custody.problems = List.of("default/default/a@1: authentication failed");
        assertEquals(
                "1|default/default/a@1: authentication failed\n12 versions opened, 1 cannot be\n|",
                said("store", "verify"));
    }

    @Test
    void checksAConfigurationWithoutAnAgent() {
        assertEquals("0|/etc/agent.yaml: no problems\n|", said("config", "check"));
        assertEquals("0|{}\n|", said("config", "schema"));
        checked = new Collaborators.ConfigTool.Checked(
                Path.of("/a.yaml"),
                true,
                List.of(
                        new Collaborators.ConfigTool.Problem(
                                3, 5, "unknown key 'cahce'", Optional.of("did you mean 'cache'?")),
                        new Collaborators.ConfigTool.Problem(0, 0, "no workloads", Optional.empty())));
        assertEquals(
                "1||agent: /a.yaml:3:5: unknown key 'cahce'\nhint: did you mean 'cache'?\nagent: /a.yaml: no workloads\n",
                said("config", "check", "a.yaml"));
    }

    @Test
    void handsRunToTheRunner() {
        assertEquals(
                "7||", said("run", "--config", "c", "--state=s", "--log-level", "debug", "--", "sh", "-c", "--help"));
        assertEquals(
                List.of(new AgentRunner.Options(
                        Optional.of(Path.of("c")),
                        Optional.of(Path.of("s")),
                        Optional.empty(),
                        Optional.of("debug"),
                        Optional.empty(),
                        List.of("sh", "-c", "--help"))),
                ran);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "secret",
                "secret nonsense",
                "run --log-level loud",
                "run sleep",
                "run --",
                "secret list extra",
                "secret list --format csv",
                "secret list --format xml",
                "secret rollback canary x",
                "secret list --nope",
                "audit tail --count 0",
                "backup",
                "explain --uid x a",
                "--nope",
                "secret list --project a --project b",
                "import",
                "consumers --terminate",
                "consumers --older --signal HUP",
                "consumers a --signal HUP --terminate",
                "consumers a --signal",
                "consumers a --signal 9",
                "consumers a --signal SIGNOPE",
                "consumers a b",
                "refresh",
                "refresh a b",
                "policy",
                "policy test",
                "install-launcher a b",
                "ui",
                "secret import f"
            })
    void refusesWrongUsageWith2(String line) {
        Result result = run(line.isEmpty() ? new String[0] : line.split(" "));
        assertEquals(2, result.status());
        assertEquals("", result.out());
        assertTrue(result.err().matches("agent: [^\n]+\nhint: [^\n]+\n"), result.err());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "audit query --kind grants|--kind is one of started, stopped, policy-changed, grant, refusal, outcome, rejected,",
                "audit query --format xml|--format is one of table, json, csv",
                "secret list --format xml|--format is one of table, json",
                "run --log-level loud|--log-level is one of error, warn, info, debug"
            })
    void listsTheChoices(String line, String choices) {
        Result result = run(line.split(" "));
        assertEquals(2, result.status());
        assertTrue(result.err().contains("\nhint: " + choices), result.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "run", "secret", "secret put"})
    void helpsAsACommandOfItsOwn(String command) {
        String asked = said((command + " --help").strip().split(" "));
        assertTrue(asked.startsWith("0|"), asked);
        assertEquals(asked, said(("help " + command).strip().split(" ")));
    }

    @Test
    void helpsWithNothingUnknown() {
        assertEquals("2||agent: argument 2 is no command\nhint: see 'agent --help'\n", said("help", "nonsense"));
    }

    @Test
    void namesTheSocketWhenNobodyServes() {
        Path nowhere = folder.resolve("no.sock");
        String expected = "1||agent: no agent serves the admin socket " + nowhere + """

                hint: start one with 'agent run', or name another socket with --admin-socket
                """;
        assertEquals(expected, said("ready", "--admin-socket", "no.sock"));
        assertEquals(expected, said("secret", "list", "--admin-socket", nowhere.toString()));
    }

    @Test
    void helpsAndTellsItsVersion() {
        assertEquals("0|agent 1.2.3\n|", said("--version"));
        Result help = run("--help");
        assertEquals(0, help.status());
        for (String command : List.of(
                "run", "ready", "status", "config", "secret", "explain", "consumers", "refresh", "policy", "audit")) {
            assertTrue(help.out().contains("\n  " + command + " "), command + " is missing in " + help.out());
        }
        for (String hidden : List.of("  ui", "  import")) {
            assertFalse(help.out().contains(hidden), hidden);
        }
        Result put = run("secret", "put", "--help");
        assertEquals(0, put.status());
        assertTrue(put.out().contains("--from-file=F"), put.out());
        assertFalse(put.out().contains("--command"), put.out());
    }
}
