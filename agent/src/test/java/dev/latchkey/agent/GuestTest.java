package dev.latchkey.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.latchkey.agent.config.RunPlaces;
import dev.latchkey.agent.config.SocketConfig;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GuestTest {
    private static final List<SocketConfig> SOCKETS =
            List.of(new SocketConfig("main", Path.of("/s/run/agent.sock"), 0600, Optional.empty(), true));

    @Test
    void tellsTheCommandWhereThisAgentIsAndNothingElseOfItsOwn() {
        Map<String, String> environment = new HashMap<>(Map.of(
                "HOME", "/h",
                "LATCHKEY_CONFIG", "/c",
                "LATCHKEY_STATE", "/other",
                "LATCHKEY_KEPT_JAVA_TOOL_OPTIONS", "-Xmx1g",
                "NOTIFY_SOCKET", "/n"));

        Guest.prepare(environment, new RunPlaces(Path.of("/s"), SOCKETS, Optional.of(Path.of("/a/admin.sock"))));

        assertEquals(
                Map.of(
                        "HOME", "/h",
                        "JAVA_TOOL_OPTIONS", "-Xmx1g",
                        "LATCHKEY_SOCKET", "/s/run/agent.sock",
                        "LATCHKEY_STATE", "/s",
                        "LATCHKEY_ADMIN_SOCKET", "/a/admin.sock"),
                environment);
    }

    @Test
    void namesAnAdminSocketAlsoWhereThereIsNoneSoThatNoOtherAgentIsFound() {
        Map<String, String> environment = new HashMap<>();

        Guest.prepare(environment, new RunPlaces(Path.of("/s"), SOCKETS, Optional.empty()));

        assertEquals("/s/admin.sock", environment.get("LATCHKEY_ADMIN_SOCKET"));
    }

    @ParameterizedTest
    @CsvSource({"no-such-command-anywhere, 127", "/no/such/command, 127", "/, 126", "true, 0", "/bin/false, 1"})
    void endsAsAShellWouldEndIt(String command, int status) throws Exception {
        Guest guest = Guest.start(List.of(command), new RunPlaces(Path.of("/s"), SOCKETS, Optional.empty()), 0022);

        assertEquals(status, guest.ended().get(30, TimeUnit.SECONDS));
    }
}
