package dev.latchkey.agent.provider.dotenv;

import static dev.latchkey.agent.provider.Looked.absent;
import static dev.latchkey.agent.provider.Looked.locate;
import static dev.latchkey.agent.provider.Looked.up;
import static dev.latchkey.agent.provider.Looked.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.config.ProviderConfig;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.NameSource.Sibling;
import dev.latchkey.agent.secret.SecretListing.Page;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DotenvProviderTest {
    @TempDir
    Path folder;

    private DotenvProvider provider(String content) throws IOException {
        Path file = Files.writeString(folder.resolve(".env"), content);
        return new DotenvProvider(new ProviderConfig.Dotenv("dot", file));
    }

    @Test
    void readsTheDialectThatItsUsersKnow() throws IOException {
        DotenvProvider provider = provider("""
                # a comment
                PLAIN=value
                export EXPORTED=yes
                  SPACED  =  a b  # a comment
                HASH=a#b
                EMPTY=
                SINGLE='it is $HOME \\n'
                DOUBLE="two\\nlines and a \\"quote\\" \\$5 \\q" # done
                LONG="first
                second"
                URL=postgres://u:p@h/db?a=b=c
                TWICE=1
                TWICE=2
                dotted.name-x=1
                """);

        Map<String, String> expected = Map.ofEntries(
                Map.entry("PLAIN", "value"),
                Map.entry("EXPORTED", "yes"),
                Map.entry("SPACED", "a b"),
                Map.entry("HASH", "a#b"),
                Map.entry("EMPTY", ""),
                Map.entry("SINGLE", "it is $HOME \\n"),
                Map.entry("DOUBLE", "two\nlines and a \"quote\" $5 \\q"),
                Map.entry("LONG", "first\nsecond"),
                Map.entry("URL", "postgres://u:p@h/db?a=b=c"),
                Map.entry("TWICE", "2"),
                Map.entry("dotted.name-x", "1"));
        expected.forEach((name, value) -> assertEquals(value, value(provider, "dot:" + name), name));
    }

    @Test
    void expandsNothing() throws IOException {
        assertEquals("${HOME}$(id)`id`", value(provider("A=${HOME}$(id)`id`\n"), "dot:A"));
    }

    @Test
    void keepsBytesThatAreNoText() {
        byte[] file = "\u00EF\u00BB\u00BFA=\u00ff\u0080\r\nB=x".getBytes(StandardCharsets.ISO_8859_1);

        Map<String, byte[]> lines = DotenvLines.read(file, ".env");

        assertArrayEquals(new byte[] {(byte) 0xff, (byte) 0x80}, lines.get("A"));
        assertArrayEquals(new byte[] {'x'}, lines.get("B"));
    }

    @ParameterizedTest
    @CsvSource({"'A', 1", "'A=1\nB', 2", "'=x', 1", "'A=1\nB=\"confidential\nC=2\n', 2", "'A=\"x\" y', 1", "'A B=1', 1"
    })
    void tellsTheLineThatIsMalformedAndNothingOfIt(String content, int line) throws IOException {
        DotenvProvider provider = provider(content);

        AgentException refused = assertThrows(AgentException.class, () -> up(provider, "dot:A"));

        assertEquals(FailureKind.PROVIDER_MALFORMED, refused.kind());
        assertTrue(
                refused.failure().message().contains(".env line " + line + " "),
                () -> refused.failure().message());
        assertFalse(
                refused.failure().message().contains("confidential"),
                () -> refused.failure().message());
    }

    @Test
    void whatIsNotThereIsNotFoundAndTheOthersAreKnown() throws IOException {
        DotenvProvider provider = provider("TOKEN=1\n");

        assertEquals(FailureKind.SECRET_NOT_FOUND, absent(provider, "dot:TOKN").kind());
        assertEquals(
                List.of("TOKEN"),
                provider.siblings(locate(provider, "dot:TOKN")).stream()
                        .map(Sibling::name)
                        .toList());
    }

    @Test
    void listsItsLines() throws IOException {
        assertEquals(
                Page.whole(List.of("B", "A")),
                provider("B=1\nA=2\n").list("", Optional.empty(), Duration.ofSeconds(1)));
        assertEquals(Page.whole(List.of()), provider("B=1\nA=2\n").list("x/", Optional.empty(), Duration.ofSeconds(1)));
    }

    @Test
    void aFileThatIsGoneIsNoMissingSecret() throws IOException {
        DotenvProvider provider = provider("A=1\n");
        Files.delete(folder.resolve(".env"));

        AgentException refused = assertThrows(AgentException.class, () -> up(provider, "dot:A"));
        assertEquals(FailureKind.PROVIDER_UNAVAILABLE, refused.kind());
    }

    @ParameterizedTest
    @ValueSource(strings = {"dot:A@1", "dot:A@latest"})
    void hasNoVersions(String reference) throws IOException {
        DotenvProvider provider = provider("A=1\n");
        assertEquals(
                FailureKind.BAD_REFERENCE,
                assertThrows(AgentException.class, () -> locate(provider, reference))
                        .kind());
    }
}
