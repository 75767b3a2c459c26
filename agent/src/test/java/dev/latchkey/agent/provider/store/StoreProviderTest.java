package dev.latchkey.agent.provider.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.reference.ReferenceParser;
import dev.latchkey.agent.secret.EnvironmentName;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.NameSource.Sibling;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.ProjectName;
import dev.latchkey.agent.secret.Scope;
import dev.latchkey.agent.secret.Secret;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretName;
import dev.latchkey.agent.secret.SecretPath;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StoreProviderTest {
    private static final Namespace LIVE = new Namespace(new ProjectName("web"), new EnvironmentName("live"));
    private static final Instant THEN = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void asksTheStoreWhatIsAtHand() {
        FakeSecretStore store = new FakeSecretStore(absent(FailureKind.EXPIRED, "x"));
        StoreProvider provider = new StoreProvider("store", store);
        for (int i = 0; i < 2; i++) {
            assertFalse(provider.isAtHand(locate("db"), Optional.of("12")));
        }
        assertEquals(List.of("at hand web/live/db@12", "at hand web/live/db@12"), store.asked);
    }

    @Test
    void locatesANameInTheNamespaceOfTheRequest() {
        assertEquals(new SecretLocation("store", "web/live/db"), locate("db"));
        assertEquals(new SecretLocation("store", "web/live/db"), locate("store:db#field@3,optional"));
    }

    @Test
    void locatesAWholeNameWhereItSays() {
        assertEquals(new SecretLocation("store", "a/b/db"), locate("a/b/db"));
    }

    @ParameterizedTest
    @CsvSource({
        "a/db, a path of 2 segments names no secret of the store",
        "a/b/c/db, a path of 4 segments names no secret of the store",
        "/db, a path of 2 segments names no secret of the store",
        "a//db, not a name for an environment: ''",
        "a/b/, not a secret name: ''",
        ".db, not a secret name: '.db'",
        "-db, not a secret name: '-db'",
        "a%2Fdb, a path of 2 segments names no secret of the store",
        "a b, not a secret name: 'a b'",
        "../b/db, not a name for a project: '..'"
    })
    void refusesPathsThatNameNoSecret(String reference, String message) {
        AgentException refused = assertThrows(AgentException.class, () -> locate(reference));

        assertEquals(FailureKind.BAD_NAME, refused.kind());
        assertEquals(message, refused.failure().message());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "01", "-1", "%2B1", "x", "1.0", "AWSCURRENT", "9999999999999999999", "\u0661"})
    void refusesVersionsThatAreNoPositiveIntegers(String version) {
        AgentException refused = assertThrows(AgentException.class, () -> locate("db@" + version));

        assertEquals(FailureKind.BAD_REFERENCE, refused.kind());
        assertEquals(
                "a version of the store is a positive integer",
                refused.failure().message());
    }

    @Test
    void asksTheStoreForTheVersion() {
        Lookup answer = absent(FailureKind.EXPIRED, "expired at 2026-01-01T00:00:00Z");
        FakeSecretStore store = new FakeSecretStore(answer);
        StoreProvider provider = new StoreProvider("store", store);

        assertEquals(answer, provider.find(locate("db"), Optional.of("12")));
        provider.find(locate("a/b/c"), Optional.empty());

        assertEquals(List.of("web/live/db@12", "a/b/c"), store.asked);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "default/default/db@9; VERSION_NOT_FOUND; version 9 not found in default/default; `agent secret versions db` lists what there is",
                "db@9; VERSION_NOT_FOUND; version 9 not found in web/live; `agent secret versions db --project web --environment live` lists what there is",
                "db; VERSION_NOT_FOUND; no version found in web/live; `agent secret versions db --project web --environment live` lists what there is"
            })
    void saysWhatIsNotThereAndWhatToDo(String reference, FailureKind kind, String message, String hint) {
        StoreProvider provider = new StoreProvider("store", new FakeSecretStore(absent(kind, "in the store's words")));
        Optional<String> version = ReferenceParser.parse(reference).version();

        assertEquals(new Lookup.Absent(Failure.of(kind, message, hint)), provider.find(locate(reference), version));
    }

    @Test
    void listsTheNamesThatCanBeServed() {
        FakeSecretStore store = new FakeSecretStore(absent(FailureKind.SECRET_NOT_FOUND, "x"));
        store.listed.add(secret("there", Optional.of(1L), false, Optional.empty()));
        store.listed.add(secret("deleted", Optional.of(1L), false, Optional.of(THEN)));
        store.listed.add(secret("purged", Optional.empty(), false, Optional.empty()));
        store.listed.add(secret("disabled", Optional.of(1L), true, Optional.empty()));

        assertEquals(
                List.of(new Sibling(new SecretLocation("store", "web/live/there"), "there", Set.of(new Scope("job")))),
                new StoreProvider("store", store).siblings(locate("ther")));
        assertEquals(List.of("list web/live"), store.asked);
    }

    private static Secret secret(String name, Optional<Long> version, boolean disabled, Optional<Instant> deleted) {
        return new Secret(
                new SecretPath(LIVE, new SecretName(name)),
                version,
                disabled,
                THEN,
                THEN,
                Optional.empty(),
                deleted,
                new TreeSet<>(Set.of(new Scope("job"))),
                Optional.empty());
    }

    private static Lookup absent(FailureKind kind, String message) {
        return new Lookup.Absent(Failure.of(kind, message));
    }

    private static SecretLocation locate(String reference) {
        StoreProvider provider = new StoreProvider("store", new FakeSecretStore(absent(FailureKind.EXPIRED, "x")));
        return provider.locate(ReferenceParser.parse(reference), LIVE);
    }
}
