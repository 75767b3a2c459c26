package dev.latchkey.agent.provider.bruin;

import static dev.latchkey.agent.provider.Looked.absent;
import static dev.latchkey.agent.provider.Looked.found;
import static dev.latchkey.agent.provider.Looked.locate;
import static dev.latchkey.agent.provider.Looked.up;
import static dev.latchkey.agent.provider.Looked.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.latchkey.agent.config.ProviderConfig;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.FoundSecret;
import dev.latchkey.agent.secret.NameSource.Sibling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BruinProviderTest {
    private static final String FILE = """
            default_environment: dev
            environments:
              dev:
                connections:
                  generic:
                    - name: MY_SECRET
                      value: "plain ${HOST} $HOME"
                    - name: token
                      value: 12345
                    - name: hidden
                      value: ${NOT_SET}
                  postgres:
                    - name: pg
                      username: app
                      password: 'p"${PASSWORD}\\'
                      port: 5432
                      schemas: [a, "1"]
                      ssl: true
                      "${HOST}": key
                      nothing:
                      zip: 01234
              prod:
                connections:
                  generic:
                    - name: MY_SECRET
                      value: from prod
            """;

    @TempDir
    Path folder;

    private BruinProvider provider(String content, Optional<String> environment) throws IOException {
        Path file = Files.writeString(folder.resolve(".bruin.yml"), content);
        return new BruinProvider(
                new ProviderConfig.BruinFile("bruin", file, environment), Map.of("HOST", "h", "PASSWORD", "${HOST}-x"));
    }

    private BruinProvider provider() throws IOException {
        return provider(FILE, Optional.empty());
    }

    @Test
    void aGenericConnectionIsItsValue() throws IOException {
        assertEquals("plain h $HOME", value(provider(), "bruin:MY_SECRET"));
        assertEquals("12345", value(provider(), "bruin:token"));
    }

    @Test
    void anyOtherIsTheJsonOfItsFieldsWithItsName() throws IOException {
        assertEquals(
                "{\"name\":\"pg\",\"username\":\"app\",\"password\":\"p\\\"${HOST}-x\\\\\",\"port\":5432,"
                        + "\"schemas\":[\"a\",\"1\"],\"ssl\":true,\"${HOST}\":\"key\",\"nothing\":null,\"zip\":\"01234\"}",
                value(provider(), "bruin:pg"));
    }

    @Test
    void tellsTheTypeOfAConnection() throws IOException {
        try (FoundSecret pg = found(provider(), "bruin:pg");
                FoundSecret generic = found(provider(), "bruin:token")) {
            assertEquals(Optional.of("postgres"), pg.connectionType());
            assertEquals(Optional.of("generic"), generic.connectionType());
        }
    }

    @Test
    void theConfigurationChoosesTheEnvironment() throws IOException {
        BruinProvider prod = provider(FILE, Optional.of("prod"));

        assertEquals("from prod", value(prod, "bruin:MY_SECRET"));
        assertEquals(FailureKind.SECRET_NOT_FOUND, absent(prod, "bruin:pg").kind());
    }

    @Test
    void anEnvironmentThatIsNotThereIsNamedWithThoseThatAre() throws IOException {
        Failure failure = absent(provider(FILE, Optional.of("stage")), "bruin:MY_SECRET");

        assertEquals(FailureKind.UNKNOWN_ENVIRONMENT, failure.kind());
        assertEquals(Optional.of("it has dev, prod"), failure.hint());
    }

    @Test
    void aVariableThatIsNotSetIsNeverAnEmptyValue() throws IOException {
        Failure failure = absent(provider(), "bruin:hidden");

        assertEquals(FailureKind.NO_VALUE, failure.kind());
        assertEquals("the connection refers to the variable NOT_SET, which is not set", failure.message());
    }

    @Test
    void knowsTheOtherNames() throws IOException {
        assertEquals(
                List.of("MY_SECRET", "token", "hidden", "pg"),
                provider().siblings(locate(provider(), "bruin:x")).stream()
                        .map(Sibling::name)
                        .toList());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "environments: {default: {connections: {generic: [{name: a, value: 1}], pg: [{name: a}]}}}",
                "- hidden-text",
                "environments: hidden-text",
                "{ hidden-text",
                "a: &x hidden-text\nb: *x",
                "a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: 1}}}}}}}}}}}}}}}}}}",
                "a: 1\na: 2",
                ""
            })
    void whatIsMalformedIsToldWithoutQuotingIt(String content) throws IOException {
        BruinProvider provider = provider(content, Optional.empty());

        Failure failure;
        try {
            failure = absent(provider, "bruin:a");
        } catch (AgentException e) {
            failure = e.failure();
        }
        assertEquals(FailureKind.PROVIDER_MALFORMED, failure.kind());
        assertFalse(failure.message().contains("hidden-text"), failure::message);
    }

    @Test
    void aFileThatIsGoneIsNoMissingSecret() throws IOException {
        BruinProvider provider = provider();
        Files.delete(folder.resolve(".bruin.yml"));

        assertEquals(
                FailureKind.PROVIDER_UNAVAILABLE,
                assertThrows(AgentException.class, () -> up(provider, "bruin:pg"))
                        .kind());
    }
}
