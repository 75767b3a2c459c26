package dev.latchkey.agent.provider.env;

import static dev.latchkey.agent.provider.Looked.absent;
import static dev.latchkey.agent.provider.Looked.locate;
import static dev.latchkey.agent.provider.Looked.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.latchkey.agent.config.ProviderConfig;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.NameSource.Sibling;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnvProviderTest {
    private static final Map<String, String> ENVIRONMENT =
            Map.of("CRED_TOKEN", "t", "CRED_EMPTY", "", "VAULT_TOKEN", "the agent's own");

    private static EnvProvider provider(String prefix) {
        return new EnvProvider(new ProviderConfig.Env("envs", prefix), ENVIRONMENT);
    }

    @Test
    void servesVariables() {
        assertEquals("t", value(provider(""), "envs:CRED_TOKEN"));
        assertEquals("", value(provider(""), "envs:CRED_EMPTY"));
        assertEquals(
                FailureKind.SECRET_NOT_FOUND, absent(provider(""), "envs:OTHER").kind());
    }

    @Test
    void aPrefixHidesAllOthers() {
        EnvProvider provider = provider("CRED_");

        assertEquals("t", value(provider, "envs:TOKEN"));
        assertEquals(
                FailureKind.SECRET_NOT_FOUND,
                absent(provider, "envs:VAULT_TOKEN").kind());
        assertEquals(
                List.of("EMPTY", "TOKEN"),
                provider.siblings(locate(provider, "envs:X")).stream()
                        .map(Sibling::name)
                        .sorted()
                        .toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"envs:a-b", "envs:a/b", "envs:1A"})
    void aPathIsTheNameOfAVariable(String reference) {
        assertEquals(
                FailureKind.BAD_NAME,
                assertThrows(AgentException.class, () -> locate(provider(""), reference))
                        .kind());
    }

    @Test
    void hasNoVersions() {
        assertEquals(
                FailureKind.BAD_REFERENCE,
                assertThrows(AgentException.class, () -> locate(provider(""), "envs:A@1"))
                        .kind());
    }
}
