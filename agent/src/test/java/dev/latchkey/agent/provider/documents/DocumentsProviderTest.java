package dev.latchkey.agent.provider.documents;

import static dev.latchkey.agent.provider.Looked.absent;
import static dev.latchkey.agent.provider.Looked.locate;
import static dev.latchkey.agent.provider.Looked.up;
import static dev.latchkey.agent.provider.Looked.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.config.ProviderConfig;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.FoundSecret;
import dev.latchkey.agent.secret.HeldSecret;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.Scope;
import dev.latchkey.agent.secret.SecretListing.Page;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretProvider;
import dev.latchkey.agent.secret.SecretReference;
import dev.latchkey.agent.secret.SecretValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DocumentsProviderTest {
    @TempDir
    Path folder;

    private DocumentsProvider provider(String yaml) throws IOException {
        Path file = Files.writeString(folder.resolve("conf.yaml"), yaml);
        return new DocumentsProvider(
                new ProviderConfig.Documents("conf", file),
                new DocumentsProvider.Surroundings(
                        Map.of("HOST", "db.internal", "HOME", folder.toString(), "BLANK", ""),
                        new FakeStore(),
                        Namespace.DEFAULT));
    }

    @Test
    void resolvesWhatItsUsersWrite() throws IOException {
        Files.writeString(folder.resolve("key"), "from a file\n");
        DocumentsProvider provider = provider("""
                server: {url: "${DATABASE_URL}", other: [1, 2]}
                secrets:
                  DATABASE_URL: postgresql://app:${db_password}@${HOST}:${DB_PORT:-5432}/app
                  db_password: ${secret:db#password}
                  file: ${file:key}
                  home: ${file:~/key}
                  environment: ${env:HOST}
                  blank: ${BLANK:-instead}
                  literal: $${HOST} and $5
                  number: 17
                  empty:
                  twice: ${secret:plain}${secret:plain}
                """);

        assertEquals("postgresql://app:p@ss/w${HOST}@db.internal:5432/app", value(provider, "conf:DATABASE_URL"));
        assertEquals("from a file", value(provider, "conf:file"));
        assertEquals("from a file", value(provider, "conf:home"));
        assertEquals("db.internal", value(provider, "conf:environment"));
        assertEquals("instead", value(provider, "conf:blank"));
        assertEquals("${HOST} and $5", value(provider, "conf:literal"));
        assertEquals("17", value(provider, "conf:number"));
        assertEquals("", value(provider, "conf:empty"));
        assertEquals("plainplain", value(provider, "conf:twice"));
    }

    @Test
    void tellsEverythingThatIsMissingAtOnce() throws IOException {
        DocumentsProvider provider = provider("secrets:\n  a: x ${NONE} ${secret:none}\n");

        Failure missing = absent(provider, "conf:a");

        assertEquals(FailureKind.NO_VALUE, missing.kind());
        assertEquals(
                folder.resolve("conf.yaml")
                        + ":2:8: the variable NONE of the agent is not set; 2:16: default/default/none: not found",
                missing.message());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{a: '${a}'}|leads back to itself: a",
                "{a: '${b}', b: 'x${c}', c: '${a}'}|leads back to itself: a, b, c",
                "{a: '${secret:scoped}'}|has scopes",
                "{a: '${secret:vault:web}'}|only a secret of the store",
                "{a: '${secret:plain,optional}'}|only a secret of the store",
                "{a: '${secret:a@@}'}|a second '@'",
                "{a: '${file:none}'}|cannot be read",
                "{a: '${HOST'}|a '${' without its '}'",
                "{a: '${a b}'}|not a reference",
                "{a: {b: confidential}}|a single value, not a mapping",
            })
    void refusesWhatItCannotMean(String secrets, String message) throws IOException {
        DocumentsProvider provider = provider("secrets: " + secrets + "\n");

        Failure refused = absent(provider, "conf:a");

        assertEquals(FailureKind.PROVIDER_MALFORMED, refused.kind());
        assertTrue(refused.message().contains(message), refused::message);
        assertFalse(refused.message().contains("confidential"), refused::message);
    }

    @Test
    void entriesThatMultiplyAreRefusedSoon() throws IOException {
        StringBuilder yaml = new StringBuilder("secrets:\n");
        for (int i = 0; i < 30; i++) {
            yaml.append("  e")
                    .append(i)
                    .append(": ${e")
                    .append(i + 1)
                    .append("}${e")
                    .append(i + 1)
                    .append("}\n");
        }
        DocumentsProvider provider = provider(yaml.append("  e30:\n").toString());

        assertEquals(FailureKind.PROVIDER_MALFORMED, absent(provider, "conf:e0").kind());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "secrets: [a]|has no mapping 'secrets'",
                "other: 1|has no mapping",
                "a: {|conf.yaml",
                "a: *b|conf.yaml"
            })
    void aFileThatIsNoneSaysSo(String yaml, String message) throws IOException {
        DocumentsProvider provider = provider(yaml);

        AgentException refused = assertThrows(AgentException.class, () -> up(provider, "conf:a"));

        assertEquals(FailureKind.PROVIDER_MALFORMED, refused.kind());
        assertTrue(
                refused.failure().message().contains(message),
                () -> refused.failure().message());
    }

    @Test
    void knowsItsNamesAndNoVersions() throws IOException {
        DocumentsProvider provider = provider("secrets: {B: 1, A: 2}\n");

        assertEquals(FailureKind.SECRET_NOT_FOUND, absent(provider, "conf:C").kind());
        assertEquals(Page.whole(List.of("B", "A")), provider.list("", Optional.empty(), Duration.ofSeconds(1)));
        assertEquals(2, provider.siblings(locate(provider, "conf:C")).size());
        assertThrows(AgentException.class, () -> locate(provider, "conf:A@1"));
    }

    /** Has {@code plain}, {@code db} and {@code scoped}. */
    private static final class FakeStore implements SecretProvider {
        @Override
        public String name() {
            return "store";
        }

        @Override
        public SecretLocation locate(SecretReference reference, Namespace defaults) {
            return new SecretLocation("store", defaults + "/" + reference.path());
        }

        @Override
        public Lookup find(SecretLocation location, Optional<String> version) {
            return switch (location.path()) {
                case "default/default/plain" -> found("plain", Set.of());
                case "default/default/db" -> found("{\"password\":\"p@ss/w${HOST}\"}", Set.of());
                case "default/default/scoped" -> found("scoped", Set.of(new Scope("service")));
                default -> new Lookup.Absent(Failure.of(FailureKind.SECRET_NOT_FOUND, "not found"));
            };
        }

        private static Lookup found(String text, Set<Scope> scopes) {
            SecretValue value = SecretValue.owning(text.getBytes(StandardCharsets.UTF_8));
            return new Lookup.Found(new Scoped(HeldSecret.of(HeldSecret.Facts.of("1"), value), scopes));
        }
    }

    private record Scoped(HeldSecret held, Set<Scope> scopes) implements FoundSecret {
        @Override
        public String version() {
            return held.version();
        }

        @Override
        public Optional<Instant> created() {
            return held.created();
        }

        @Override
        public Optional<Integer> size() {
            return held.size();
        }

        @Override
        public SecretValue open() {
            return held.open();
        }

        @Override
        public void close() {
            held.close();
        }
    }
}
