package dev.latchkey.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.injection.Providers;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.SecretListing;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretProvider;
import dev.latchkey.agent.secret.SecretReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How everything below a prefix is found, and what bounds the search. */
class ProviderSecretsTest {
    private final AtomicLong now = new AtomicLong();
    private final List<String> asked = new ArrayList<>();

    /** Has nothing to serve. */
    private static class Mute implements SecretProvider {
        @Override
        public String name() {
            return "outside";
        }

        @Override
        public SecretLocation locate(SecretReference reference, Namespace defaults) {
            return new SecretLocation(name(), reference.path());
        }

        @Override
        public Lookup find(SecretLocation location, Optional<String> version) {
            return new Lookup.Absent(Failure.of(FailureKind.SECRET_NOT_FOUND, "not found"));
        }
    }

    private final class Lister extends Mute implements SecretListing {
        private final BiFunction<String, String, Page> pages;
        private final boolean rooted;

        Lister(boolean rooted, BiFunction<String, String, Page> pages) {
            this.pages = pages;
            this.rooted = rooted;
        }

        @Override
        public Page list(String prefix, Optional<String> from, Duration within) {
            asked.add(prefix + "?" + from.orElse(""));
            return pages.apply(prefix, from.orElse(""));
        }

        @Override
        public boolean mayBeRooted() {
            return rooted;
        }
    }

    private List<String> listed(SecretProvider provider, String prefix) {
        Providers providers = new Providers(List.of(provider), "outside");
        return new ProviderSecrets(() -> providers, now::get)
                .list("outside", prefix).stream()
                        .map(SecretListing.Listed::path)
                        .toList();
    }

    private List<String> listed(BiFunction<String, String, SecretListing.Page> pages, String prefix) {
        return listed(new Lister(false, pages), prefix);
    }

    private Failure refused(BiFunction<String, String, SecretListing.Page> pages) {
        return assertThrows(AgentException.class, () -> listed(pages, "")).failure();
    }

    private static SecretListing.Page page(Optional<String> next, String... paths) {
        SecretListing.Page whole = SecretListing.Page.whole(List.of(paths));
        return new SecretListing.Page(whole.secrets(), whole.folders(), next);
    }

    @Test
    void walksPagesAndFoldersAndTellsEachOnce() {
        assertEquals(
                List.of("a", "c", "b/x"),
                listed(
                        (prefix, from) -> switch (prefix + from) {
                            case "" -> page(Optional.of("2"), "a", "b/");
                            case "2" -> page(Optional.empty(), "a", "c");
                            default -> page(Optional.empty(), prefix + "x");
                        },
                        ""));
        assertEquals(List.of("?", "?2", "b/?"), asked);
    }

    @Test
    void aListThatGoesRoundInCirclesIsNoList() {
        Failure round = refused((_, from) -> page(Optional.of(from.equals("1") ? "2" : "1")));
        assertEquals(
                Failure.of(
                        FailureKind.PROVIDER_MALFORMED, "outside lists the same again and again, and comes to no end"),
                round);
        assertEquals(List.of("?", "?1", "?2"), asked);
        assertEquals(round, refused((prefix, _) -> page(Optional.empty(), prefix.isEmpty() ? "a/" : prefix)));
    }

    @Test
    void aListThatNeverEndsIsCutOff() {
        assertEquals(
                "more than 10000 secrets or folders are below that prefix",
                refused((_, _) -> page(Optional.of("page " + asked.size()))).message());
        assertEquals(10_000, asked.size());
        String[] many = IntStream.rangeClosed(0, 10_000).mapToObj(i -> "s" + i).toArray(String[]::new);
        assertEquals(
                FailureKind.BAD_ARGUMENT,
                refused((_, _) -> page(Optional.empty(), many)).kind());
    }

    @Test
    void aListThatTakesTooLongIsGivenUp() {
        Failure late = refused((_, from) -> {
            now.addAndGet(Duration.ofMinutes(4).toNanos());
            return page(Optional.of(from + 1));
        });
        assertEquals(FailureKind.TIMED_OUT, late.kind());
        assertEquals("outside did not list everything within 10 minutes", late.message());
        assertEquals(3, asked.size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "../", "a/../", "a//", "./", "/a/"})
    void aPrefixThatIsNoneIsNotAskedFor(String prefix) {
        AgentException refused =
                assertThrows(AgentException.class, () -> listed((_, _) -> page(Optional.empty()), prefix));
        assertEquals(FailureKind.BAD_ARGUMENT, refused.kind());
        assertEquals(List.of(), asked);
    }

    @Test
    void pathsMayBeginWithASlashWhereTheProviderSaysSo() {
        Lister rooted = new Lister(true, (prefix, _) -> page(Optional.empty(), prefix + "x"));
        assertEquals(List.of("/a/x"), listed(rooted, "/a/"));
        assertEquals(List.of("/x"), listed(rooted, "/"));
        for (String prefix : List.of("//", "/../", "/a//")) {
            AgentException refused = assertThrows(AgentException.class, () -> listed(rooted, prefix));
            assertEquals(FailureKind.BAD_ARGUMENT, refused.kind());
        }
    }

    @Test
    void aProviderThatIsNotThereIsNamed() {
        Providers providers = new Providers(List.of(new Mute()), "outside");
        AgentException refused = assertThrows(
                AgentException.class, () -> new ProviderSecrets(() -> providers, now::get).list("nope", ""));
        assertEquals(
                Failure.of(
                        FailureKind.UNKNOWN_PROVIDER, "unknown provider nope", "the configured providers are outside"),
                refused.failure());
    }

    @Test
    void aProviderThatCannotListSaysWhatToDo() {
        AgentException refused = assertThrows(AgentException.class, () -> listed(new Mute(), ""));
        assertEquals("outside cannot tell which secrets it has", refused.getMessage());
        assertEquals(true, refused.failure().hint().orElse("").contains("secret import --format json -"));
    }
}
