package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The commands of the guides for moving, run as they are written, with stand-ins for the tools that are left. */
final class MovingTest {
    private static final Path GUIDES = Machine.ROOT.resolve("docs/guide/moving");
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```sh\n(.*?)^```$");
    private static final String TOKEN = "token-of-the-backend";

    static List<String> guides() throws IOException {
        try (Stream<Path> all = Files.list(GUIDES)) {
            return all.map(path -> path.getFileName().toString())
                    .filter(name -> !name.equals("README.md"))
                    .sorted()
                    .toList();
        }
    }

    private static List<String> blocks(String guide) throws IOException {
        List<String> blocks = new ArrayList<>();
        Matcher block = BLOCK.matcher(Files.readString(GUIDES.resolve(guide)));
        while (block.find()) {
            blocks.add(block.group(1));
        }
        return blocks;
    }

    @ParameterizedTest
    @MethodSource("guides")
    void itsCommandsWork(String guide) throws IOException {
        List<String> blocks = blocks(guide);
        assertTrue(blocks.stream().anyMatch(block -> block.contains("agent secret import")), guide);
        try (TestVault vault = TestVault.started(TOKEN);
                TestAgent agent = TestAgent.prepared()) {
            vault.write("apps/web", "{\"api_key\":\"k\"}");
            agent.env("VAULT_TEST_TOKEN", TOKEN)
                    .configured("providers:\n  store: {type: store}\n"
                            + vault.yaml("${VAULT_TEST_TOKEN}", ", path: apps").indent(2)
                            + """
                            workloads:
                              - {name: web, match: {uid: %d}, allow: ["store:default/default/*", "vault:**"], inject-all: ["default/default/*"]}
                            """.formatted(Machine.uid()))
                    .start();
            writeFiles(agent);

            Finished finished = run(agent, String.join("\n", blocks)).succeeds();

            long launches = blocks.stream()
                    .flatMap(String::lines)
                    .filter(line -> line.startsWith("launcher ") && line.endsWith(" -- ./web"))
                    .count();
            assertTrue(launches > 0, guide);
            assertEquals(
                    launches,
                    finished.output().lines().filter("web has its key"::equals).count(),
                    finished::toString);
        }
    }

    private static Finished run(TestAgent agent, String script) {
        return Command.of("sh", "-euc", script)
                .in(agent.folder())
                .env("PATH", agent.folder() + "/bin:" + Machine.HOME.resolve("bin") + ":" + System.getenv("PATH"))
                .env("LATCHKEY_STATE", agent.state().toString())
                .env("LATCHKEY_SOCKET", agent.socket().toString())
                .run();
    }

    private static void writeFiles(TestAgent agent) throws IOException {
        Files.createDirectories(agent.folder().resolve("bin"));
        executable(agent, "web", "[ \"${API_KEY-}\" = k ] || [ \"${BRUIN_KEY-}\" = k ] && echo 'web has its key'\n");
        executable(
                agent,
                "bin/vault",
                "echo '{\"request_id\":\"r\",\"lease_id\":\"\",\"data\":{\"data\":{\"api_key\":\"k\"},\"metadata\":{\"version\":1}}}'\n");
        executable(agent, "bin/chamber", """
                case "$3" in
                  dotenv) echo 'API_KEY="k"' ;;
                  json) echo '{"api_key":"k"}' ;;
                esac
                """);
        executable(
                agent,
                "bin/doppler",
                "echo '{\"API_KEY\":\"k\",\"DOPPLER_PROJECT\":\"w\",\"DOPPLER_CONFIG\":\"p\",\"DOPPLER_ENVIRONMENT\":\"p\"}'\n");
        executable(agent, "bin/op", "echo API_KEY=k\n");
        agent.write(".env", "API_KEY=k # live\n");
        agent.write("app.env", "API_KEY=op://web/api/key\n");
        agent.write(
                ".bruin.yml",
                "environments: {default: {connections: {generic: [{name: BRUIN_KEY, value: k}], postgres: [{name: pg, port: 1}]}}}\n");
        agent.write("asset.py", "\"\"\"@bruin\nsecrets: [{key: BRUIN_KEY}]\n@bruin\"\"\"\n");
        agent.write("pipeline.yml", "default: {secrets: [{key: pg, inject_as: WAREHOUSE}]}\n");
    }

    private static void executable(TestAgent agent, String name, String script) throws IOException {
        Files.setPosixFilePermissions(
                agent.write(name, "#!/bin/sh\n" + script), PosixFilePermissions.fromString("rwx------"));
    }
}
