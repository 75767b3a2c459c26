package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Secrets and keys in AWS, through the whole of agent and launcher, with moto's server or a faulty one in its place. */
final class AwsTest {
    private static final String WEST = "eu-west-1";
    private static final String CENTRAL = "eu-central-1";
    private static final String CREATE = "secretsmanager.CreateSecret";
    private static final String PUT = "AmazonSSM.PutParameter";
    private static final String KEYS = "auth: {method: static, access-key-id: AKIAEXAMPLE, secret-access-key: k}";

    private static String yaml(String providers) {
        return "providers:\n  store: {type: store}\n" + providers.indent(2);
    }

    private static String secretsAt(String address, String more) {
        return "aws: {type: aws-secrets-manager, regions: [eu-west-1], endpoints: {eu-west-1: '" + address + "'}, "
                + more + "}\n";
    }

    private static void assertDelivers(TestAgent agent, String expected, String reference) {
        agent.assertDelivers("V", expected.getBytes(StandardCharsets.UTF_8), "--secret", "V=" + reference);
    }

    @Test
    void servesSecretsInEveryForm() throws IOException {
        try (Moto moto = Moto.started();
                TestAgent agent = TestAgent.prepared()) {
            Canary password = agent.plant(Canary.word());
            Canary older = agent.plant(Canary.word());
            String arn = moto.does(
                            WEST,
                            CREATE,
                            "{\"Name\":\"prod/db\",\"SecretString\":\"{ \\\"user\\\": \\\"u\\\",\\n \\\"password\\\": \\\""
                                    + older.utf8() + "\\\" }\"}")
                    .get("ARN")
                    .asString();
            String version = moto.does(
                            WEST,
                            "secretsmanager.PutSecretValue",
                            "{\"SecretId\":\"prod/db\",\"ClientRequestToken\":\"0f8fad5b-d9cb-469f-a165-70867728950e\",\"SecretString\":\"{\\\"password\\\": \\\""
                                    + password.utf8() + "\\\"}\"}")
                    .get("VersionId")
                    .asString();
            moto.does(WEST, CREATE, "{\"Name\":\"bytes\",\"SecretBinary\":\"AQID/w==\"}");
            moto.does(WEST, CREATE, "{\"Name\":\"only\",\"SecretString\":\"{\\\"value\\\": \\\"itself\\\"}\"}");
            moto.does(WEST, CREATE, "{\"Name\":\"gone\",\"SecretString\":\"x\"}");
            moto.does(WEST, "secretsmanager.DeleteSecret", "{\"SecretId\":\"gone\"}");
            agent.configured(yaml(secretsAt(moto.address(), KEYS))).start();

            agent.assertDelivers("V", password, "--secret", "V=aws:prod/db#password");
            agent.assertDelivers("V", older, "--secret", "V=aws:prod/db#password@AWSPREVIOUS");
            agent.assertDelivers("V", password, "--secret", "V=aws:prod/db#password@" + version);
            agent.assertDelivers("V", password, "--secret", "V=aws:" + arn + "#password");
            agent.assertDelivers("V", older, "--secret", "V=" + arn + "#password@AWSPREVIOUS");
            agent.assertDelivers("V", new byte[] {1, 2, 3, (byte) 0xFF}, "--secret", "V=aws:bytes");
            assertDelivers(agent, "itself", "aws:only");
            assertDelivers(agent, "fallback", "aws:none,default=fallback");
            agent.launch(
                            "--secret",
                            "V=aws:none",
                            "--secret",
                            "W=aws:gone",
                            "--secret",
                            "X=aws:only@LATER",
                            "--",
                            "true")
                    .refuses(
                            122,
                            "V=aws:none: not found in aws",
                            "W=aws:gone: marked for deletion in aws",
                            "X=aws:only@LATER: version LATER not found in aws");
            agent.launch("--secret", "V=aws:prod/db#nope", "--", "true").refuses(122);
            agent.launch("--secret", "V=aws:bytes#x", "--", "true").refuses(123);
            agent.launch("--secret", "V=aws:a*", "--", "true").refuses(125);
            agent.launch("--secret", "V=arn:aws:secretsmanager:us-east-1:1:secret:x", "--", "true")
                    .refuses(125, "a region that aws does not have");
        }
    }

    @Test
    void servesParametersDecryptedByVersionAndLabel() throws IOException {
        try (Moto moto = Moto.started();
                TestAgent agent = TestAgent.prepared()) {
            Canary first = agent.plant(Canary.word());
            Canary second = agent.plant(Canary.word());
            for (Canary canary : List.of(first, second)) {
                moto.does(
                        CENTRAL,
                        "AmazonSSM.PutParameter",
                        "{\"Name\":\"/prod/db/password\",\"Type\":\"SecureString\",\"Overwrite\":true,\"Value\":\""
                                + canary.utf8() + "\"}");
            }
            moto.does(
                    CENTRAL,
                    "AmazonSSM.LabelParameterVersion",
                    "{\"Name\":\"/prod/db/password\",\"ParameterVersion\":1,\"Labels\":[\"old\"]}");
            agent.configured(yaml("ssm: {type: aws-parameter-store, regions: eu-central-1, endpoints: {eu-central-1: '"
                            + moto.address() + "'}, " + KEYS + "}"))
                    .start();

            agent.assertDelivers("V", second, "--secret", "V=ssm:/prod/db/password");
            agent.assertDelivers("V", first, "--secret", "V=ssm:/prod/db/password@1");
            agent.assertDelivers("V", first, "--secret", "V=ssm:/prod/db/password@old");
            agent.launch("--secret", "V=ssm:/none", "--secret", "W=ssm:/prod/db/password@9", "--", "true")
                    .refuses(122, "V=ssm:/none: not found in ssm", "version 9 not found in ssm");
            agent.launch("--secret", "V=ssm:/aws/reference/secretsmanager/x", "--", "true")
                    .refuses(125, "is not a parameter");
        }
    }

    private static String names(TestAgent agent) {
        JsonNode all =
                Json.parse(agent.does("secret", "list", "--format", "json").output());
        return String.join(
                " ", all.valueStream().map(s -> s.get("name").asString()).toList());
    }

    @Test
    void importsWhatSecretsManagerHasBelowAPrefix() throws IOException {
        try (Moto moto = Moto.started();
                TestAgent agent = TestAgent.prepared()) {
            Canary password = agent.plant(Canary.word());
            moto.does(WEST, CREATE, "{\"Name\":\"prod/db\",\"SecretString\":\"" + password.utf8() + "\"}");
            moto.does(WEST, CREATE, "{\"Name\":\"prod/gone\",\"SecretString\":\"x\"}");
            moto.does(WEST, "secretsmanager.DeleteSecret", "{\"SecretId\":\"prod/gone\"}");
            moto.does(WEST, CREATE, "{\"Name\":\"production\",\"SecretString\":\"x\"}");
            // More than AWS gives at once.
            for (int i = 0; i < 101; i++) {
                moto.does(WEST, CREATE, "{\"Name\":\"many/s" + i + "\",\"SecretString\":\"" + i + "\"}");
            }
            agent.configured(yaml(secretsAt(moto.address(), KEYS))).start();

            Finished dry = agent.does("secret", "import", "aws:prod/", "--dry-run");
            assertTrue(dry.output().contains("1 created, 1 skipped; a dry run"), dry::toString);
            assertTrue(dry.output().contains("marked for deletion in aws"), dry::toString);
            assertEquals("", names(agent));
            agent.does("secret", "import", "aws:prod/");
            assertEquals("db", names(agent));
            agent.assertDelivers("V", password, "--secret", "V=db");

            Finished many = agent.does("secret", "import", "aws:many/", "--output", "json");
            assertEquals(101, Json.parse(many.output()).get("created").asInt(), many::toString);
            Finished all = agent.does("secret", "import", "aws:", "--dry-run", "--output", "json");
            assertEquals(103, Json.parse(all.output()).get("created").asInt(), all::toString);
        }
    }

    @Test
    void importsWhatParameterStoreHasBelowAPath() throws IOException {
        try (Moto moto = Moto.started();
                TestAgent agent = TestAgent.prepared()) {
            Canary password = agent.plant(Canary.word());
            moto.does(CENTRAL, PUT, parameter("/prod/db/password", "SecureString", password.utf8()));
            moto.does(CENTRAL, PUT, parameter("/production/x", "String", "x"));
            moto.does(CENTRAL, PUT, parameter("single", "String", "y"));
            // More than AWS gives at once.
            for (int i = 0; i < 21; i++) {
                moto.does(CENTRAL, PUT, parameter("/prod/p" + i, "String", "" + i));
            }
            agent.configured(yaml("ssm: {type: aws-parameter-store, regions: eu-central-1, endpoints: {eu-central-1: '"
                            + moto.address() + "'}, " + KEYS + "}"))
                    .start();

            Finished below = agent.does("secret", "import", "ssm:/prod/", "--output", "json");
            assertEquals(22, Json.parse(below.output()).get("created").asInt(), below::toString);
            agent.assertDelivers("V", password, "--secret", "V=db.password");
            Finished all = agent.does("secret", "import", "ssm:", "--dry-run");
            assertTrue(all.output().contains("prod.db.password"), all::toString);
            assertTrue(all.output().contains("24 created"), all::toString);
            Finished wrong = agent.admin("secret", "import", "ssm:prod/").run().exits(1);
            assertTrue(wrong.errors().contains("write it as in ssm:/prod/"), wrong::toString);
        }
    }

    private static String parameter(String name, String type, String value) {
        return "{\"Name\":\"" + name + "\",\"Type\":\"" + type + "\",\"Value\":\"" + value + "\"}";
    }

    @Test
    void whatMayNotBeListedIsRefusedWithThePermissionThatIsMissing() throws IOException {
        try (FakeAws aws = new FakeAws();
                TestAgent agent = TestAgent.prepared()) {
            agent.configured(yaml(secretsAt(aws.address(), KEYS + ", retries: 0")
                            + "ssm: {type: aws-parameter-store, regions: eu-west-1, endpoints: {eu-west-1: '"
                            + aws.address() + "'}, retries: 0, " + KEYS + "}"))
                    .start();
            aws.refuses(400, "AccessDeniedException");
            Finished secrets = agent.admin("secret", "import", "aws:").run().exits(1);
            assertTrue(secrets.errors().contains("aws in eu-west-1 does not let the agent list what it has (400)"));
            assertTrue(secrets.errors().contains("secretsmanager:ListSecrets"), secrets::toString);
            Finished parameters =
                    agent.admin("secret", "import", "ssm:/x/").run().exits(1);
            assertTrue(parameters.errors().contains("ssm:GetParametersByPath"), parameters::toString);

            // The same page for ever.
            aws.status = 200;
            aws.body = "{\"SecretList\":[],\"NextToken\":\"again\"}";
            Finished round = agent.admin("secret", "import", "aws:").run().exits(1);
            assertTrue(round.errors().contains("lists the same again and again"), round::toString);
            assertFalse(agent.log().contains("words-of-theirs"), agent::log);
        }
    }

    @Test
    void anImportThatIsInterruptedSaysHowFarItCameAndGoesOnLater() throws Exception {
        try (FakeAws aws = new FakeAws();
                TestAgent agent = TestAgent.prepared()) {
            aws.list = "{\"SecretList\":[{\"Name\":\"one\"},{\"Name\":\"two\"},{\"Name\":\"three\"}]}";
            // Everything is asked for once to check it, and then again to store it.
            aws.stuck = "two";
            agent.configured(yaml(secretsAt(aws.address(), KEYS)) + "cache: {ttl: 1ms}\n")
                    .start();
            Process running = agent.interruptible("secret", "import", "aws:").start();
            assertTrue(aws.sticks.await(1, TimeUnit.MINUTES), agent::log);
            Command.shell("kill -INT " + running.pid()).run().succeeds();
            assertTrue(running.waitFor(30, TimeUnit.SECONDS));
            String out = new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            String err = new String(running.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(130, running.exitValue(), out + err);
            assertTrue(out.contains("1 created, 2 waiting"), out);
            assertTrue(out.contains("interrupted; the same command again tells whether it is stored"), out);
            assertTrue(err.contains("the import was interrupted"), err);
            assertTrue(err.contains("the same command again goes on where it ended"), err);
            aws.freed.countDown();

            aws.stuck = "nothing";
            Finished rest = agent.does("secret", "import", "aws:", "--output", "json");
            assertEquals(0, Json.parse(rest.output()).get("waiting").asInt(), rest::toString);
            assertEquals("one three two", names(agent));
        }
    }

    @Test
    void anImportThatIsInterruptedBeforeItBeginsSaysThatNothingIsStored() throws Exception {
        try (FakeAws aws = new FakeAws();
                TestAgent agent = TestAgent.prepared()) {
            aws.pause = Duration.ofSeconds(10);
            agent.configured(yaml(secretsAt(aws.address(), KEYS))).start();
            Process running = agent.interruptible("secret", "import", "aws:").start();
            Await.until("the list is asked for", () -> aws.asked.get() > 0);
            Command.shell("kill -INT " + running.pid()).run().succeeds();
            assertTrue(running.waitFor(8, TimeUnit.SECONDS));
            String err = new String(running.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(130, running.exitValue(), err);
            assertEquals("agent: interrupted; nothing was stored\n", err);
        }
    }

    @Test
    void theAgentsOwnCredentialsReachNoTarget() throws IOException {
        try (Moto moto = Moto.started();
                TestAgent agent = TestAgent.prepared()) {
            moto.does(WEST, CREATE, "{\"Name\":\"x\",\"SecretString\":\"of aws\"}");
            Canary key = agent.plant(Canary.word());
            agent.env("AWS_ACCESS_KEY_ID", "AKIAOFTHEAGENT")
                    .env("AWS_SECRET_ACCESS_KEY", key.utf8())
                    .env("AWS_SESSION_TOKEN", key.utf8())
                    .configured(yaml(secretsAt(moto.address(), "timeout: 20s")))
                    .start();

            Finished environment = agent.launch("--secret", "V=aws:x", "--", "cat", "/proc/self/environ")
                    .succeeds();
            Environment target = Environment.parse(environment.out());
            assertEquals("of aws", target.text("V"));
            assertEquals(
                    List.of(),
                    target.names().stream()
                            .filter(name -> name.startsWith("AWS_"))
                            .toList());
            assertFalse(Canaries.contains(environment.out(), key.bytes()));
            // The launcher's own environment is its user's, and passes on.
            Finished own = agent.launcher("--secret", "V=aws:x", "--", "printenv", "AWS_PROFILE")
                    .env("AWS_PROFILE", "mine")
                    .run();
            own.succeeds().prints("mine\n");
        }
    }

    @Test
    void anotherRegionAnswersForOneThatIsDown() throws IOException {
        try (Moto west = Moto.started();
                Moto central = Moto.started();
                TestAgent agent = TestAgent.prepared()) {
            west.does(WEST, CREATE, "{\"Name\":\"x\",\"SecretString\":\"of the west\"}");
            west.does(WEST, CREATE, "{\"Name\":\"only-west\",\"SecretString\":\"of the west\"}");
            central.does(CENTRAL, CREATE, "{\"Name\":\"x\",\"SecretString\":\"of the centre\"}");
            agent.configured(yaml(
                                    "aws: {type: aws-secrets-manager, regions: [eu-west-1, eu-central-1], retries: 0, endpoints: {eu-west-1: '"
                                            + west.address() + "', eu-central-1: '" + central.address() + "'}, " + KEYS
                                            + "}")
                            + "cache: {ttl: 1ms}\n")
                    .start();
            assertDelivers(agent, "of the west", "aws:x");

            west.kill();
            assertDelivers(agent, "of the centre", "aws:x");
            Finished status = agent.does("status");
            assertTrue(
                    status.output()
                            .contains("aws (aws-secrets-manager): eu-west-1: silent when it was last asked: aws in"
                                    + " eu-west-1 cannot be reached: connection refused; eu-central-1: ok"),
                    status::toString);
            // What lies in the region that is down is not known to be missing, so no default stands in for it.
            agent.launch("--secret", "V=aws:only-west,default=x", "--", "true")
                    .refuses(123, "and eu-central-1 does not have it");

            central.kill();
            agent.launch("--secret", "V=aws:x", "--", "true").refuses(123, "cannot be reached");
        }
    }

    /** Something in AWS's place that answers as told and counts. */
    private static final class FakeAws implements AutoCloseable {
        private final HttpServer server;
        private final AtomicInteger asked = new AtomicInteger();
        private final Queue<String> authorizations = new ConcurrentLinkedQueue<>();
        private volatile int status = 200;
        private volatile String body = "{\"SecretString\":\"of aws\",\"VersionId\":\"1\"}";
        private volatile Duration pause = Duration.ZERO;
        private volatile String list = "";
        private final Queue<String> questions = new ConcurrentLinkedQueue<>();
        /** What is not answered when it is asked for again, before that is freed. */
        private volatile String stuck = "nothing";

        private final CountDownLatch sticks = new CountDownLatch(1);
        private final CountDownLatch freed = new CountDownLatch(1);

        FakeAws() throws IOException {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", this::answer);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.start();
        }

        private void answer(HttpExchange exchange) throws IOException {
            asked.incrementAndGet();
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            String target = String.valueOf(exchange.getRequestHeaders().getFirst("X-Amz-Target"));
            if (target.endsWith("ListSecrets") && !list.isEmpty()) {
                say(exchange, 200, list);
                return;
            }
            questions.add(body);
            authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            try {
                Thread.sleep(pause);
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            if (questions.stream().filter(body::equals).count() > 1 && body.contains(stuck)) {
                sticks.countDown();
                await(freed);
            }
            say(exchange, status, this.body);
        }

        private static void await(CountDownLatch latch) throws IOException {
            try {
                assertTrue(latch.await(1, TimeUnit.MINUTES));
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }

        /** Something else at a path of its own. */
        void offers(String path, String text) {
            server.createContext(path, exchange -> say(exchange, 200, text));
        }

        private static void say(HttpExchange exchange, int status, String text) throws IOException {
            byte[] answer = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/x-amz-json-1.1");
            exchange.sendResponseHeaders(status, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        }

        void refuses(int code, String type) {
            status = code;
            body = "{\"__type\":\"" + type + "\",\"message\":\"words-of-theirs\"}";
        }

        String address() {
            return "http://127.0.0.1:" + server.getAddress().getPort();
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }

    @Test
    void whatGoesWrongIsToldApartWithoutAWordOfTheirs() throws IOException {
        try (FakeAws aws = new FakeAws();
                TestAgent agent = TestAgent.prepared()) {
            agent.configured(yaml(secretsAt(aws.address(), KEYS + ", retries: 1, timeout: 5s"))
                            + "cache: {ttl: 1ms, negative-ttl: 1ms, stale-if-error: 1h}\n")
                    .start();
            assertDelivers(agent, "of aws", "aws:x");

            int before = aws.asked.get();
            aws.refuses(400, "ThrottlingException");
            assertDelivers(agent, "of aws", "aws:x");
            assertEquals(before + 2, aws.asked.get());
            assertTrue(agent.log().contains("served-stale"), agent::log);
            agent.launch("--secret", "V=aws:y", "--", "true").refuses(123, "cannot answer now (400)");
            aws.refuses(400, "AccessDeniedException");
            agent.launch("--secret", "V=aws:x", "--", "true").refuses(123, "does not let the agent have it (400)");
            aws.refuses(400, "ExpiredTokenException");
            agent.launch("--secret", "V=aws:x", "--", "true").refuses(123, "does not accept the agent's credentials");
            aws.refuses(400, "DecryptionFailure");
            agent.launch("--secret", "V=aws:x", "--", "true").refuses(123, "cannot decrypt it");
            aws.status = 200;
            aws.body = "<html>words-of-theirs</html>";
            agent.launch("--secret", "V=aws:x", "--", "true").refuses(123, "no JSON");
            aws.pause = Duration.ofSeconds(30);
            Finished hole = agent.launch("--secret", "V=aws:z", "--", "true").refuses(123, "did not answer in time");
            hole.tookUnder(Duration.ofSeconds(15));
            assertFalse((agent.log() + hole.errors()).contains("words-of-theirs"), agent::log);
        }
    }

    @Test
    void aPoisonedValueIsDeliveredByteForByteOrRefused() throws IOException {
        try (FakeAws aws = new FakeAws();
                TestAgent agent = TestAgent.prepared()) {
            agent.configured(yaml(secretsAt(aws.address(), KEYS)) + "cache: {ttl: 1ms}\n")
                    .start();
            aws.body = "{\"SecretString\":\"!t! ${HOME} $(id)\\r\\n\\u001b[31m\\u00e9\"}";
            assertDelivers(agent, "!t! ${HOME} $(id)\r\n\u001b[31m\u00e9", "aws:x");
            aws.body = "{\"SecretString\":\"a\\u0000b\"}";
            agent.launch("--secret", "V=aws:x", "--", "true").refuses(125);
            aws.body = "{\"SecretString\":\"" + "a".repeat(2 << 20) + "\"}";
            agent.launch("--secret", "V=aws:x", "--", "true").refuses(123);
        }
    }

    @Test
    void launchesAtOnceAskOnce() throws IOException {
        try (FakeAws aws = new FakeAws();
                TestAgent agent = TestAgent.prepared()) {
            aws.pause = Duration.ofMillis(500);
            agent.configured(yaml(secretsAt(aws.address(), KEYS))).start();
            List.of("a", "b", "c", "d", "e", "f").stream()
                    .map(_ -> agent.launcher("--secret", "V=aws:x", "--", "printenv", "V")
                            .later())
                    .toList()
                    .forEach(launch -> launch.join().succeeds().prints("of aws\n"));
            assertEquals(1, aws.asked.get());
        }
    }

    @Test
    void aContainerGivesCredentials() throws IOException {
        try (FakeAws aws = new FakeAws();
                TestAgent agent = TestAgent.prepared()) {
            aws.offers(
                    "/credentials",
                    "{\"AccessKeyId\":\"ASIACONTAINER\",\"SecretAccessKey\":\"k\",\"Token\":\"t\",\"Expiration\":\"2100-01-01T00:00:00Z\"}");
            agent.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", aws.address() + "/credentials")
                    .env("AWS_EC2_METADATA_DISABLED", "true")
                    .configured(yaml(secretsAt(aws.address(), "timeout: 20s")))
                    .start();
            assertDelivers(agent, "of aws", "aws:x");
            assertTrue(aws.authorizations.element().contains("Credential=ASIACONTAINER/"));
        }
    }

    @Test
    void anInstanceGivesCredentials() throws IOException {
        try (FakeAws aws = new FakeAws();
                TestAgent agent = TestAgent.prepared()) {
            String path = "/latest/meta-data/iam/security-credentials";
            aws.offers("/latest/api/token", "token");
            aws.offers(path + "-extended", "web");
            aws.offers(path, "web");
            String keys =
                    "{\"Code\":\"Success\",\"AccessKeyId\":\"ASIAINSTANCE\",\"SecretAccessKey\":\"k\",\"Token\":\"t\",\"Expiration\":\"2100-01-01T00:00:00Z\"}";
            aws.offers(path + "/web", keys);
            aws.offers(path + "-extended/web", keys);
            agent.env("AWS_EC2_METADATA_SERVICE_ENDPOINT", aws.address())
                    .configured(yaml(secretsAt(aws.address(), "timeout: 20s")))
                    .start();
            assertDelivers(agent, "of aws", "aws:x");
            assertTrue(aws.authorizations.stream().anyMatch(a -> a.contains("Credential=ASIAINSTANCE/")));
        }
    }

    @Test
    void aRoleIsAssumedAndAWebIdentityIsUsed() throws IOException {
        try (Moto moto = Moto.started();
                FakeAws aws = new FakeAws();
                TestAgent agent = TestAgent.prepared()) {
            Path token = agent.write("jwt", "a token of another issuer");
            agent.env("AWS_WEB_IDENTITY_TOKEN_FILE", token.toString())
                    .env("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/web")
                    .configured(yaml(secretsAt(aws.address(), "sts-endpoint: '" + moto.address() + "'")
                            + secretsAt(
                                            aws.address(),
                                            KEYS + ", sts-endpoint: '" + moto.address()
                                                    + "', assume-role: {arn: 'arn:aws:iam::123456789012:role/other'}")
                                    .replace("aws: {", "assumed: {")))
                    .start();
            assertDelivers(agent, "of aws", "aws:x");
            assertDelivers(agent, "of aws", "assumed:x");
            assertEquals(2, aws.authorizations.size());
            aws.authorizations.forEach(a -> {
                assertTrue(a.contains("Credential=ASIA"), a);
                assertFalse(a.contains("AKIAEXAMPLE"), a);
            });
        }
    }

    @Test
    void noCredentialsIsSaidAndKeepsNobodyFromTheStore() throws IOException {
        try (TestAgent agent = TestAgent.prepared()) {
            agent.env("AWS_EC2_METADATA_DISABLED", "true")
                    .env("HOME", agent.folder().toString())
                    .configured(yaml("aws: {type: aws-secrets-manager, regions: [eu-west-1], retries: 0}"))
                    .start();
            Canary canary = agent.put("own");
            agent.assertDelivers("V", canary, "--secret", "V=own");
            agent.launch("--secret", "V=aws:x", "--", "true")
                    .refuses(123, "the agent finds no credentials for aws in eu-west-1");
        }
    }

    private static String store(String keys) {
        return "providers:\n  store: {type: store, key: [" + keys + "]}\n";
    }

    private static String kms(String arn, String... addresses) {
        return "{type: aws-kms, key-id: '" + arn + "', retries: 0, timeout: 10s, regions: ["
                + (addresses.length > 1 ? "eu-west-1, eu-central-1" : "eu-west-1") + "], endpoints: {eu-west-1: '"
                + addresses[0] + "'" + (addresses.length > 1 ? ", eu-central-1: '" + addresses[1] + "'" : "") + "}, "
                + KEYS + "}";
    }

    private static String key(Moto moto) {
        return moto.does(WEST, "TrentService.CreateKey", "{}")
                .get("KeyMetadata")
                .get("Arn")
                .asString();
    }

    @Test
    void theStoresKeyMovesFromAFileToKms() throws IOException {
        try (Moto moto = Moto.started();
                TestAgent agent = TestAgent.prepared()) {
            String arn = key(moto);
            agent.configured(store("{type: file, path: kek}")).start();
            Canary canary = agent.put("own");
            agent.stop();

            String both = kms(arn, moto.address()) + ", {type: file, path: kek}";
            agent.configured(store(both)).start();
            agent.assertDelivers("V", canary, "--secret", "V=own");
            Await.until(
                    "the data keys are wrapped under KMS too",
                    () -> !agent.does("key", "status").output().contains("missing"));
            agent.stop();

            Files.delete(agent.state().resolve("kek"));
            agent.configured(store(kms(arn, moto.address()))).start();
            agent.assertDelivers("V", canary, "--secret", "V=own");
            Canary later = agent.put("later");
            agent.stop();
            agent.start();
            agent.assertDelivers("V", later, "--secret", "V=later");
        }
    }

    @Test
    void aKeyFileOpensTheStoreWhileKmsIsDown() throws IOException {
        try (Moto moto = Moto.started();
                TestAgent agent = TestAgent.prepared()) {
            String both = kms(key(moto), moto.address()) + ", {type: file, path: kek}";
            agent.configured(store(both)).start();
            Canary canary = agent.put("own");
            agent.stop();
            moto.kill();
            agent.start();
            agent.assertDelivers("V", canary, "--secret", "V=own");
        }
    }

    /** A replica of what is in the west, for moto's own multi-Region keys cannot decrypt. */
    private static final class Replica implements AutoCloseable {
        private final HttpServer server;
        private final HttpClient client = HttpClient.newHttpClient();
        private final AtomicInteger asked = new AtomicInteger();
        private final URI primary;

        Replica(Moto primary) throws IOException {
            this.primary = URI.create(primary.address() + "/");
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", this::answer);
            server.start();
        }

        private void answer(HttpExchange exchange) throws IOException {
            asked.incrementAndGet();
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            HttpRequest.Builder request = HttpRequest.newBuilder(primary)
                    .POST(HttpRequest.BodyPublishers.ofString(body.replace(CENTRAL, WEST)));
            for (String header : List.of("Authorization", "X-Amz-Target", "Content-Type")) {
                request.header(
                        header, exchange.getRequestHeaders().getFirst(header).replace(CENTRAL, WEST));
            }
            try {
                HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
                FakeAws.say(exchange, response.statusCode(), response.body().replace(WEST, CENTRAL));
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }

        String address() {
            return "http://127.0.0.1:" + server.getAddress().getPort();
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }

    @Test
    void anotherRegionOpensTheStore() throws IOException {
        try (Moto west = Moto.started();
                Replica central = new Replica(west);
                TestAgent agent = TestAgent.prepared()) {
            String arn = key(west);
            agent.configured(store(kms(arn, west.address(), central.address()))).start();
            Canary canary = agent.put("own");
            assertEquals(0, central.asked.get());
            agent.stop();

            String nobody = "http://127.0.0.1:" + Moto.freePort();
            agent.configured(store(kms(arn, nobody, central.address()))).start();
            agent.assertDelivers("V", canary, "--secret", "V=own");
            assertTrue(central.asked.get() > 0);
        }
    }

    @Test
    void aKeyOfAnotherStoreOpensNothing() throws IOException {
        try (Moto moto = Moto.started();
                TestAgent agent = TestAgent.prepared()) {
            agent.configured(store(kms(key(moto), moto.address()))).start();
            agent.put("own");
            agent.stop();
            agent.configured(store(kms(key(moto), moto.address())));
            agent.runCommand().run().exits(1).says("the store");
        }
    }

    /** SECURITY: what KMS wrapped for one project is of no use in another's place. */
    @Test
    void whatIsWrappedIsBoundToItsPlace() throws IOException {
        try (Moto moto = Moto.started();
                TestAgent agent = TestAgent.prepared()) {
            agent.configured(store(kms(key(moto), moto.address()))).start();
            agent.does("project", "create", "other");
            agent.put("own");
            agent.put("own", "--project", "other");
            agent.stop();
            Command.python("""
                            import sqlite3, sys
                            db = sqlite3.connect(sys.argv[1])
                            (one, two) = db.execute('SELECT rowid, wrapped FROM wrapped_key').fetchall()
                            db.execute('UPDATE wrapped_key SET wrapped = ? WHERE rowid = ?', (two[1], one[0]))
                            db.execute('UPDATE wrapped_key SET wrapped = ? WHERE rowid = ?', (one[1], two[0]))
                            db.commit()
                            """, agent.state().resolve("store.db").toString())
                    .run()
                    .succeeds();
            agent.runCommand().run().exits(1).says("the store");
        }
    }

    /** So a start that asks nothing of AWS needs none of its library. */
    @Test
    void theLibraryIsNotLookedAtBeforeAwsIsAsked(@TempDir Path folder) throws IOException {
        Path home = folder.resolve("latchkey");
        Command.of("cp", "-a", Machine.HOME.toString(), home.toString()).run().succeeds();
        Path adapters = home.resolve("lib/adapters/aws");
        Command.of("rm", "-r", adapters.toString()).run().succeeds();
        try (TestAgent agent = TestAgent.prepared().installedIn(home)) {
            agent.configured(yaml("aws: {type: aws-secrets-manager, regions: [eu-west-1]}"))
                    .start();
            Canary canary = agent.put("own");
            agent.assertDelivers("V", canary, "--secret", "V=own");
            agent.launch("--secret", "V=aws:x", "--", "true")
                    .refuses(123, adapters + " cannot be read: it does not exist");
        }
    }

    /** SECURITY: who can write there becomes the agent. */
    @Test
    void aLibraryThatOthersCanWriteIsNotLoaded(@TempDir Path folder) throws IOException {
        Path home = folder.resolve("latchkey");
        Command.of("cp", "-a", Machine.HOME.toString(), home.toString()).run().succeeds();
        Path adapters = home.resolve("lib/adapters/aws");
        Files.setPosixFilePermissions(adapters, PosixFilePermissions.fromString("rwxrwxr-x"));
        try (TestAgent agent = TestAgent.prepared().installedIn(home)) {
            agent.configured(yaml("aws: {type: aws-secrets-manager, regions: [eu-west-1]}"))
                    .start();
            agent.launch("--secret", "V=aws:x", "--", "true").refuses(123, "others than its owner can write");
        }
    }
}
