package dev.latchkey.integration;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Programs that run until they are killed, each with a user of the broker that the provider {@code vault} lent it. */
final class BrokerPrograms implements AutoCloseable {
    private final List<Process> launched = new ArrayList<>();

    /**
     * One of them.
     *
     * @param user of the broker, as it got it
     */
    record Program(Process process, String user) {}

    Program run(TestAgent agent) {
        Path told = agent.folder().resolve("user-" + launched.size());
        String script = "printf %s \"$USER_OF_BROKER\" > \"$1.part\" && mv \"$1.part\" \"$1\" && exec sleep 300";
        try {
            Process process = agent.launcher(
                            "--secret",
                            "USER_OF_BROKER=vault:app#username",
                            "--secret",
                            "PASSWORD=vault:app#password",
                            "--",
                            "sh",
                            "-c",
                            script,
                            "sh",
                            told.toString())
                    .start();
            launched.add(process);
            Await.until("the program runs", () -> Files.exists(told));
            return new Program(process, Files.readString(told));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What status shows of the provider. */
    static JsonNode leases(TestAgent agent) {
        for (JsonNode provider :
                Json.parse(agent.does("status", "--format", "json").output()).get("providers")) {
            if (provider.get("name").asString().equals("vault")) {
                return provider.get("leases");
            }
        }
        throw new AssertionError("status does not show the provider");
    }

    @Override
    public void close() {
        launched.forEach(Process::destroyForcibly);
    }
}
