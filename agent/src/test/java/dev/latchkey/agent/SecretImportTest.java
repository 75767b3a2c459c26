package dev.latchkey.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.admin.Access;
import dev.latchkey.agent.admin.AdminFixture;
import dev.latchkey.agent.admin.FakeOutside;
import dev.latchkey.agent.admin.Role;
import dev.latchkey.agent.audit.AuditEvent;
import dev.latchkey.agent.cli.Cli;
import dev.latchkey.agent.cli.Collaborators;
import dev.latchkey.agent.cli.Surroundings;
import dev.latchkey.agent.cli.Terminal;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.NamingRule;
import dev.latchkey.agent.secret.ProjectName;
import dev.latchkey.agent.secret.SecretName;
import dev.latchkey.agent.secret.SecretPath;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code agent secret import} on a real socket, with every format. */
class SecretImportTest {
    private static final String CANARY = "c4n4ry-value";

    @TempDir
    Path folder;

    private final AdminFixture admin;
    private InputStream in = InputStream.nullInputStream();
    private SomeTerminal terminal = new SomeTerminal(false, false);

    SecretImportTest() throws IOException {
        admin = new AdminFixture();
    }

    @AfterEach
    void stop() {
        assertTrue(admin.store.lent.stream().allMatch(SecretImportTest::zeroed), "a value was not wiped");
        admin.close();
    }

    private static boolean zeroed(byte[] bytes) {
        for (byte b : bytes) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    private record Result(int status, String out, String err) {
        @Override
        public String toString() {
            return status + "|" + out + "|" + err;
        }
    }

    private Result agent(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Surroundings surroundings = new Surroundings(
                in,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                terminal,
                AdminFixture.CLOCK,
                folder,
                "1.2.3");
        Collaborators collaborators = new Collaborators(
                _ -> 7,
                option -> option.orElse(admin.socket),
                new NoConfig(),
                (_, _) -> {
                    throw new IllegalStateException("no policy is tested");
                },
                new NoLog(),
                (_, _) -> {
                    throw new IllegalStateException("no launcher is installed");
                },
                new ImportFiles(Map.of("KEY", CANARY)));
        int status = new Cli(surroundings, collaborators).run(arguments);
        Result result = new Result(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
        boolean shows = arguments.length > 1 && arguments[1].equals("reveal");
        assertFalse(!shows && result.toString().contains(CANARY), "a value was printed");
        return result;
    }

    private Result imported(String... arguments) {
        String[] all = new String[arguments.length + 2];
        all[0] = "secret";
        all[1] = "import";
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return agent(all);
    }

    private Result importedFrom(String content, String... arguments) {
        in = new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8));
        return imported(arguments);
    }

    private void file(String name, String content) throws IOException {
        Files.writeString(folder.resolve(name), content);
    }

    private String revealed(String name) {
        Access before = admin.access;
        admin.access = new Access(AdminFixture.AGENT_UID, List.of(), Set.of(Role.ADMIN));
        try {
            return agent("secret", "reveal", name).out();
        } finally {
            admin.access = before;
        }
    }

    private String stored() {
        return String.join(
                " ",
                admin.store.list(Namespace.DEFAULT).stream()
                        .map(secret -> secret.path().name().text())
                        .toList());
    }

    @Test
    void importsLinesAndReportsWithoutValues() throws IOException {
        file(".env", "export A=" + CANARY + "\nB='two words' # why\nEMPTY=\n");
        assertEquals("""
                0|NAME   FROM   OUTCOME  VERSION  REASON
                A      A      created  1        -
                B      B      created  1        -
                EMPTY  EMPTY  created  1        -
                3 created
                |""", imported(".env").toString());
        assertEquals(CANARY, revealed("A"));
        assertEquals("two words", revealed("B"));
        assertEquals("", revealed("EMPTY"));
        assertEquals("""
                0|{"dryRun":false,"created":0,"added":0,"revived":0,"unchanged":3,"skipped":0,"refused":0,"waiting":0,\
                "secrets":[{"name":"A","from":"A","outcome":"unchanged","version":1,"reason":null},\
                {"name":"B","from":"B","outcome":"unchanged","version":1,"reason":null},\
                {"name":"EMPTY","from":"EMPTY","outcome":"unchanged","version":1,"reason":null}]}
                |""", imported(".env", "--output", "json").toString());
    }

    @Test
    void aNameThatIsThereIsAReasonToStoreNothing() throws IOException {
        importedFrom("A=1\nB=same\n", "-", "--format", "dotenv");
        file("new.env", "NEW=x\nA=2\nB=same\nC=3\n");
        assertEquals("""
                1|NAME  FROM  OUTCOME    VERSION  REASON
                NEW   NEW   waiting    -        -
                A     A     refused    -        it is there already: version 1 has another value or is disabled
                B     B     unchanged  1        -
                C     C     waiting    -        -
                1 unchanged, 1 refused, 2 waiting
                |agent: nothing was stored
                hint: --on-existing skip leaves what is there as it is, --on-existing new-version adds to it
                """, imported("new.env").toString());
        assertEquals("A B", stored());

        Result skipped = imported("new.env", "--on-existing", "skip");
        assertEquals(0, skipped.status(), skipped::toString);
        assertTrue(
                skipped.out().contains("skipped    1        it is there already: version 1 has another value"),
                skipped::toString);
        assertTrue(skipped.out().endsWith("2 created, 1 unchanged, 1 skipped\n"), skipped::toString);
        assertEquals("1", revealed("A"));

        Result added = imported("new.env", "--on-existing=new-version");
        assertTrue(added.out().contains("A     A     added      2"), added::toString);
        assertTrue(added.out().endsWith("1 added, 3 unchanged\n"), added::toString);
        assertEquals("2", revealed("A"));
    }

    @Test
    void aDryRunStoresNothingAndTellsTheSame() throws IOException {
        importedFrom("A=1\n", "-", "--format", "dotenv");
        file("new.env", "A=2\nB=3\n");
        Result dry = imported("new.env", "--dry-run", "--on-existing", "new-version");
        assertEquals("""
                0|NAME  FROM  OUTCOME  VERSION  REASON
                A     A     added    -        -
                B     B     created  -        -
                it would be 1 created, 1 added; a dry run, nothing was stored
                |""", dry.toString());
        assertEquals("A", stored());
        assertEquals("1", revealed("A"));
        Result refused = imported("new.env", "--dry-run");
        assertEquals(1, refused.status(), refused::toString);
        assertEquals(
                "agent: it would be refused\nhint: --on-existing skip leaves what is there as it is, --on-existing new-version adds to it\n",
                refused.err());
        assertTrue(admin.audit.events.stream()
                .filter(AuditEvent.AdminAction.class::isInstance)
                .map(AuditEvent.AdminAction.class::cast)
                .anyMatch(e ->
                        e.action().equals("secret import check") && e.subject().equals("default/default/B")));
    }

    @Test
    void everyStoredValueIsRecordedWithItsVersion() {
        importedFrom("A=1\n", "-", "--format", "dotenv");
        assertTrue(
                admin.audit.events.stream()
                        .filter(AuditEvent.AdminAction.class::isInstance)
                        .map(AuditEvent.AdminAction.class::cast)
                        .anyMatch(e -> e.action().equals("secret import")
                                && e.subject().equals("default/default/A")
                                && e.allowed()),
                () -> admin.audit.events.toString());
        assertTrue(
                admin.audit.events.stream()
                        .filter(AuditEvent.Outcome.class::isInstance)
                        .map(AuditEvent.Outcome.class::cast)
                        .anyMatch(e -> e.versions().equals(List.of("default/default/A@1"))),
                () -> admin.audit.events.toString());
    }

    @Test
    void tellsAllProblemsAtOnceAndStoresNothing() throws IOException {
        admin.store.createProject(new ProjectName("strict"), NamingRule.POSIX);
        file(
                "bad.json",
                "{\"good\":\"1\",\"a b\":\"2\",\"x/y\":\"3\",\"x.y\":\"4\",\"none\":null,\"big\":\""
                        + "x".repeat((1 << 20) + 1) + "\",\"odd.one\":\"5\"}");
        Result all = imported("bad.json");
        assertEquals(1, all.status(), all::toString);
        assertEquals("""
                NAME     FROM     OUTCOME  VERSION  REASON
                good     good     waiting  -        -
                -        a b      refused  -        a name of the store has letters, digits, '.', '_' and '-', 253 at most, and no '.' or '-' in front
                x.y      x/y      refused  -        it would have the same name as x.y
                x.y      x.y      refused  -        it would have the same name as x/y
                -        none     refused  -        the field is null
                -        big      refused  -        the value is over 1 MiB
                odd.one  odd.one  waiting  -        -
                5 refused, 2 waiting
                """, all.out());
        Result strict = imported("bad.json", "--project", "strict");
        assertTrue(strict.out().contains("odd.one: not a name here"), strict::toString);
        assertEquals("", stored());
    }

    @Test
    void splitsObjectsIntoTheirFields() throws IOException {
        file("app.json", """
                {"db": {"user": "app", "port": 5432, "more": {"a": 1}}, "plain": "text", "json": "{\\"k\\":\\"v\\"}",
                 "only": {"value": "x"}, "list": [1, 2]}""");
        assertTrue(imported("app.json").out().endsWith("5 created\n"));
        assertEquals("{\"user\":\"app\",\"port\":5432,\"more\":{\"a\":1}}", revealed("db"));
        Result split = imported("app.json", "--fields");
        assertEquals(0, split.status(), split::toString);
        assertTrue(split.out().endsWith("4 created, 3 unchanged\n"), split::toString);
        assertEquals("5432", revealed("db.port"));
        assertEquals("{\"a\":1}", revealed("db.more"));
        assertEquals("v", revealed("json.k"));
        assertEquals("[1,2]", revealed("list"));
    }

    @Test
    void readsWhatVaultPrints() throws IOException {
        String two =
                "{\"request_id\":\"r\",\"lease_id\":\"\",\"lease_duration\":0,\"renewable\":false,\"data\":{\"data\":"
                        + "{\"api_key\":\"k\",\"n\":1},\"metadata\":{\"version\":3}},\"warnings\":null}";
        String one = "{\"request_id\":\"r\",\"lease_id\":\"\",\"data\":{\"value\":\"just\"}}";
        file("web.json", two);
        Result guessed = imported("web.json");
        assertEquals(2, guessed.status(), guessed::toString);
        assertTrue(guessed.err().contains("looks like vault-kv"), guessed::toString);
        assertEquals(0, imported("web.json", "--format", "vault-kv").status());
        assertEquals("{\"api_key\":\"k\",\"n\":1}", revealed("web"));
        assertEquals("""
                2||agent: the file holds one secret and does not say its name
                hint: call the file NAME.json, or make secrets of its fields with --fields
                """, importedFrom(two, "-", "--format", "vault-kv").toString());
        assertEquals(
                0, importedFrom(two, "-", "--format", "vault-kv", "--fields").status());
        assertEquals("k", revealed("api_key"));
        file("many.json", "{\"apps/web\":" + two + ",\"/apps/one/\":" + one + ",\"bare\":{\"f\":\"g\"}}");
        assertEquals(0, imported("many.json", "--format", "vault-kv").status());
        assertEquals("just", revealed("apps.one"));
        assertEquals("{\"f\":\"g\"}", revealed("bare"));
        assertEquals(
                0, imported("many.json", "--format", "vault-kv", "--fields").status());
        assertEquals("k", revealed("apps.web.api_key"));
        assertEquals("g", revealed("bare.f"));
    }

    @Test
    void readsWhatAwsPrints() throws IOException {
        String text =
                "{\"ARN\":\"arn:aws:secretsmanager:x\",\"Name\":\"prod/db\",\"SecretString\":\"{\\\"user\\\":\\\"u\\\"}\"}";
        String binary = "{\"ARN\":\"arn\",\"Name\":\"key\",\"SecretBinary\":\"AAEC\"}";
        file("aws.json", text + "\n" + binary + "\n");
        assertEquals(2, imported("aws.json").status());
        Result both = imported("aws.json", "--format", "aws-sm");
        assertTrue(both.out().endsWith("2 created\n"), both::toString);
        assertEquals("{\"user\":\"u\"}", revealed("prod.db"));
        assertEquals("\0\1\2", revealed("key"));
        file(
                "batch.json",
                "{\"SecretValues\":[" + text + "],\"Errors\":[{\"SecretId\":\"gone\",\"Message\":\"" + CANARY
                        + "\"}]}");
        Result batch = imported("batch.json", "--format", "aws-sm", "--fields");
        assertEquals(1, batch.status(), batch::toString);
        assertTrue(batch.out().contains("it was not fetched"), batch::toString);
        Result listing = importedFrom("{\"SecretList\":[{\"Name\":\"a\"}]}", "-", "--format", "aws-sm");
        assertEquals("""
                1||agent: the file lists names without values
                hint: 'aws secretsmanager batch-get-secret-value' prints values
                """, listing.toString());
    }

    @Test
    void readsTheConnectionsOfOneEnvironment() throws IOException {
        file(".bruin.yml", """
                default_environment: dev
                environments:
                  dev:
                    connections:
                      generic: [{name: KEY, value: "${KEY}"}, {name: LOST, value: "${NOT_SET}"}]
                      postgres: [{name: pg, port: 5432}]
                  prod: {connections: {generic: [{name: KEY, value: p}]}}
                """);
        Result dev = imported(".bruin.yml");
        assertEquals(1, dev.status(), dev::toString);
        assertTrue(dev.out().contains("the connection refers to the variable NOT_SET"), dev::toString);
        admin.store.createEnvironment(ProjectName.DEFAULT, new dev.latchkey.agent.secret.EnvironmentName("prod"));
        assertEquals(0, imported(".bruin.yml", "--environment", "prod").status());
        assertTrue(imported(".bruin.yml", "--environment", "other").err().contains("it has dev, prod"));
    }

    @Test
    void bringsWhatAProviderHasWithoutSeeingIt() {
        admin.outside.secrets.putAll(Map.of(
                "apps/web", "{\"api_key\":\"" + CANARY + "\",\"none\":null}",
                "apps/deep/er", "x",
                "other", "y"));
        assertEquals("""
                0|NAME     FROM                OUTCOME  VERSION  REASON
                deep.er  vault:apps/deep/er  created  1        -
                web      vault:apps/web      created  1        -
                2 created
                |""", imported("vault:apps/").toString());
        Result split = imported("vault:apps/", "--fields");
        assertEquals(1, split.status(), split::toString);
        assertTrue(split.out().contains("web.none     vault:apps/web#none     refused"), split::toString);
        admin.outside.secrets.put("apps/web", "{\"api_key\":\"" + CANARY + "\"}");
        assertTrue(imported("vault:apps/", "--fields").out().endsWith("1 created, 1 unchanged\n"));
        assertEquals(CANARY, revealed("web.api_key"));
        admin.outside.secrets.put("apps/no", FakeOutside.DENIED);
        Result denied = imported("vault:apps/", "--fields");
        assertTrue(denied.out().contains("vault does not let the agent have it (403)"), denied::toString);
        assertTrue(
                admin.audit.events.stream()
                        .filter(AuditEvent.Outcome.class::isInstance)
                        .map(AuditEvent.Outcome.class::cast)
                        .anyMatch(e -> e.versions().equals(List.of("vault:apps/web@7", "default/default/web@1"))),
                () -> admin.audit.events.toString());
    }

    @Test
    void whatStandsTwiceInAFileIsRefusedAsThat() throws IOException {
        file("twice.json", "{\"a\":\"" + CANARY + "\",\"a\":\"2\"}");
        Result twice = imported("twice.json");
        assertEquals(1, twice.status(), twice::toString);
        assertTrue(twice.out().contains("a     a     refused  -        it is there twice\n"), twice::toString);
    }

    @Test
    void aNameThatStandsInSeveralLinesIsRefusedWithAllOfThem() throws IOException {
        file("twice.env", """
                A=1
                # the key's second line is counted
                KEY="first
                second"
                A=2
                B=once
                export A=1
                KEY=again
                """);

        assertEquals("""
                1|NAME  FROM  OUTCOME  VERSION  REASON
                -     A     refused  -        it is there more than once: in lines 1, 5 and 7
                -     KEY   refused  -        it is there more than once: in lines 3 and 8
                B     B     waiting  -        -
                2 refused, 1 waiting
                |agent: nothing was stored
                """, imported("twice.env").toString());
        assertEquals("", stored());
    }

    @Test
    void saysThatItWaitsForAPipe() throws Exception {
        Path pipe = folder.resolve("p.env");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        Thread writer = Thread.ofVirtual().start(() -> {
            try {
                Files.writeString(pipe, "A=1\n");
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        terminal = new SomeTerminal(false, true);
        Result piped = imported("p.env");
        writer.join();
        assertEquals("agent: waiting for whoever writes into the pipe p.env\n", piped.err());
        assertEquals("A", stored());
        terminal = new SomeTerminal(true, true);
        Result typed = importedFrom("B=1\n", "-", "--format", "dotenv");
        assertEquals("agent: reading what you type; Ctrl-D at the beginning of a line ends it\n", typed.err());
    }

    @Test
    void whatASourceHasAndDoesNotServeIsLeftOutAndTold() {
        admin.outside.secrets.putAll(Map.of(
                "apps/web", CANARY, "apps/old", FakeOutside.DISABLED, "apps/gone", FakeOutside.DELETED, "other", "y"));
        String expected = """
                0|NAME  FROM             OUTCOME  VERSION  REASON
                -     vault:apps/gone  skipped  -        version 3 is deleted or destroyed in vault
                -     vault:apps/old   skipped  -        disabled in vault
                web   vault:apps/web   created  1        -
                1 created, 2 skipped
                |""";
        assertEquals(expected, imported("vault:apps/", "--fields").toString());
        assertEquals(
                expected.replace("created", "unchanged")
                        .replace("OUTCOME  ", "OUTCOME    ")
                        .replace("skipped  -", "skipped    -"),
                imported("vault:apps/").toString());
        assertEquals("web", stored());
    }

    @Test
    void whatTheAgentReadsIsNotTheEditorsToTake() {
        admin.outside.secrets.put("apps/web", CANARY);
        admin.as(AdminFixture.EDITOR);
        Result refused = imported("vault:apps/");
        assertEquals(1, refused.status(), refused::toString);
        assertTrue(refused.err().contains("'provider list' needs the role admin"), refused::toString);
        assertEquals("", stored());
        assertEquals(0, importedFrom("A=1", "-", "--format", "dotenv").status());
        admin.as(AdminFixture.VIEWER);
        Result viewer = importedFrom("A=1", "-", "--format", "dotenv", "--dry-run");
        assertTrue(viewer.err().contains("'secret import check' needs the role editor"), viewer::toString);
    }

    @Test
    void aNameThatWasDeletedIsThere() {
        importedFrom("A=1\n", "-", "--format", "dotenv");
        admin.store.delete(new SecretPath(Namespace.DEFAULT, new SecretName("A")));
        assertEquals(1, importedFrom("A=1\n", "-", "--format", "dotenv").status());
        Result skipped = importedFrom("A=1\n", "-", "--format", "dotenv", "--on-existing", "skip");
        assertTrue(skipped.out().endsWith("1 skipped\n"), skipped::toString);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "secrets.txt|2|the file's name does not tell its format",
                "-|2|standard input does not tell its format",
                "vault:apps|2|vault:apps is neither a file nor a provider's prefix",
                "vault:here|2|the file's name does not tell its format",
                "x.json --format yaml|2|not a value for --format",
                "x.json --on-existing overwrite|2|not a value for --on-existing",
                "x.json --output csv|2|not a value for --output",
                "vault:apps/ --format json|2|--format is for files",
                "vault:%zz/|2|the prefix has a '%'",
                "unknown:a/|1|unknown provider",
                "none.json|1|cannot read the file none.json: ",
                "broken.json|1|the file is not JSON",
                "array.json|1|the file is not one JSON object",
                "empty.env|1|there are no secrets in it",
                "bad.env|1|bad.env line 2 is not NAME=VALUE",
                "good.env --project nowhere|1|there is no project nowhere",
            })
    void refusesWithOneSentence(String line, int status, String message) throws IOException {
        file("secrets.txt", "A=" + CANARY);
        file("vault:here", "A=" + CANARY);
        file("x.json", "{}");
        file("broken.json", "{\"a\":\"" + CANARY);
        file("array.json", "[\"" + CANARY + "\"]");
        file("empty.env", "# nothing\n");
        file("bad.env", "A=1\n" + CANARY + "\n");
        file("good.env", "A=1\n");
        Result refused = imported(line.split(" "));
        assertEquals(status, refused.status(), refused::toString);
        assertTrue(refused.err().startsWith("agent: " + message), refused::toString);
        assertEquals("", refused.out());
        assertEquals("", stored());
    }

    @Test
    void moreThanTheSocketTakesAtOnceComeThroughAndLeaveRoomForOthers() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 160; i++) {
            lines.append("NAME_").append(i).append('=').append(i).append('\n');
        }
        file("many.env", lines.toString());
        Result all = imported("many.env");
        assertTrue(
                all.out().endsWith("160 created\n"),
                () -> all.out().substring(all.out().length() - 200) + all.err());
        assertEquals(0, agent("secret", "list").status());
    }

    @Test
    void tooLargeAFileIsRefusedBeforeItIsRead() throws IOException {
        file("large.env", "A=" + "x".repeat(8 << 20));
        Result refused = imported("large.env");
        assertEquals(
                "1||agent: there is more than 8 MiB of it\nhint: import it in several files\n", refused.toString());
    }

    private record SomeTerminal(boolean asksPeople, boolean showsProgress) implements Terminal {
        @Override
        public char @Nullable [] readWithoutEcho(String prompt) {
            return null;
        }
    }

    private static final class NoConfig implements Collaborators.ConfigTool {
        @Override
        public Checked check(Optional<Path> file) {
            throw new IllegalStateException("no configuration is checked");
        }

        @Override
        public String schema() {
            throw new IllegalStateException("no schema is printed");
        }
    }

    private static final class NoLog implements Collaborators.AuditVerifier {
        @Override
        public Verified verify(Optional<Path> file, Kept kept) {
            throw new IllegalStateException("no log is verified");
        }

        @Override
        public String publicKey() {
            throw new IllegalStateException("no key is printed");
        }
    }
}
