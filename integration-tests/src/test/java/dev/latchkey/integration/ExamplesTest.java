package dev.latchkey.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The worked examples, run as they are written. */
final class ExamplesTest {
    private static final Path EXAMPLES = Path.of(System.getProperty("latchkey.root"), "examples");
    private static final TestAgent agent = TestAgent.prepared();

    @BeforeAll
    static void startAgent() {
        agent.start();
        agent.store("my-secret", "some-value");
        agent.store("MY_API_KEY", "api");
        agent.store("SLACK_WEBHOOK", "https://hooks.example.com/x");
        agent.store("DATABASE_NAME", "orders");
        agent.store("db-creds", "{\"user\":\"app\",\"password\":\"p@ss/word\"}");
        agent.store("jwt-key", "0123456789abcdef");
        agent.store("api-token", "t0ken");
        agent.store("grafana-token", "a/b");
    }

    @AfterAll
    static void stopAgent() {
        agent.close();
    }

    private static Finished run(String example, String... arguments) {
        return run(agent, example, arguments);
    }

    private static Finished run(TestAgent agent, String example, String... arguments) {
        String path = Path.of(Machine.LAUNCHER).getParent() + ":" + System.getenv("PATH");
        String[] words = new String[arguments.length + 1];
        words[0] = EXAMPLES.resolve(example).resolve("run.sh").toString();
        System.arraycopy(arguments, 0, words, 1, arguments.length);
        return Command.of(words)
                .env("PATH", path)
                .env("LATCHKEY_SOCKET", agent.socket().toString())
                .run();
    }

    @Test
    void lightningBindsASecretInFlowAndWorks() {
        run("lightning", "--mode", "fast")
                .prints("flow some-value bar --mode fast\nwork some-value bar\nwork some-value bar\n");
    }

    @Test
    void bruinReadsTheAssetAndItsPipeline() {
        run("bruin")
                .prints(
                        "MY_API_KEY api\nWEBHOOK_URL https://hooks.example.com/x\nDB_PASSWORD p@ss/word\nDATABASE_NAME orders\nFalse\n");
    }

    @Test
    void pyleeResolvesReferencesInTextsAndFiles() {
        run("pylee").prints("""
                        postgresql://app:p%40ss%2Fword@localhost:5432/app
                        eu-west-1 none
                        # A literal: ${NOT_A_REFERENCE}
                        [client]
                        token = "t0ken"
                        host = "api.example.com"
                        16
                        """);
    }

    @Test
    void opsimateMixesLiteralsAndStoredSecrets() {
        run("opsimate").prints("https://reader:a%2Fb@grafana.example.com/api\n");
    }

    @Test
    void eventualInjectsAllOfAProjectsSecretsIntoAllOfItsRuns() throws IOException {
        String configuration = Files.readString(EXAMPLES.resolve("eventual/agent.yaml"));
        try (TestAgent daft = TestAgent.prepared()) {
            daft.env("RUNS_UID", String.valueOf(Machine.uid()))
                    .configured(configuration)
                    .start();
            daft.does("project", "create", "daft");
            daft.does("environment", "create", "production", "--project", "daft");
            daft.does("project", "create", "other");
            daft.store("UNRELATED", "x", "--project", "other", "--environment", "default");
            daft.does("secret", "import", EXAMPLES.resolve("eventual/daft.env").toString());

            run(daft, "eventual", "--table", "a b").prints("""
                    postgresql://app:pw@db.example.com/orders
                    AKIAEXAMPLE 10
                    k-123 m-456
                    no other project's
                    --table|a b
                    """);
        }
    }
}
