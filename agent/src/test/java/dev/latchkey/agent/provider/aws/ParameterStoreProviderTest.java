package dev.latchkey.agent.provider.aws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.latchkey.agent.backend.aws.AwsQuestion;
import dev.latchkey.agent.backend.aws.FakeAws;
import dev.latchkey.agent.config.ProviderConfig;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.reference.ReferenceParser;
import dev.latchkey.agent.secret.FoundSecret;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.SecretListing.Listed;
import dev.latchkey.agent.secret.SecretListing.Page;
import dev.latchkey.agent.secret.SecretReference;
import dev.latchkey.agent.secret.SecretValue;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ParameterStoreProviderTest {
    private static final String WEST = "eu-west-1";

    private final FakeAws aws = new FakeAws();
    private final ParameterStoreProvider provider = new ParameterStoreProvider(
            new ProviderConfig.AwsParameters("ssm", FakeAws.config(WEST), FakeAws.NETWORK), aws.regions("ssm", WEST));

    private Lookup up(String reference) {
        SecretReference parsed = ReferenceParser.parse(reference);
        return provider.fetch(provider.locate(parsed, Namespace.DEFAULT), parsed.version(), Duration.ofSeconds(20));
    }

    @Test
    void aValueIsDeliveredAsItIs() {
        aws.says(
                WEST,
                "{\"Parameter\":{\"Value\":\"{ \\\"value\\\": 1 }\",\"Version\":3,\"LastModifiedDate\":1795000000.5}}");
        try (FoundSecret found =
                        assertInstanceOf(Lookup.Found.class, up("ssm:/a")).secret();
                SecretValue value = found.open()) {
            assertEquals("{ \"value\": 1 }", value.leak(bytes -> new String(bytes, StandardCharsets.UTF_8)));
            assertEquals("3", found.version());
            assertEquals(Optional.of(Instant.ofEpochMilli(1_795_000_000_500L)), found.created());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ssm:/prod/db/password, /prod/db/password",
        "ssm:/prod/db@12, /prod/db:12",
        "ssm:single@old.label, single:old.label",
        "ssm:arn:aws:ssm:eu-west-1:1:parameter/a/b@2, arn:aws:ssm:eu-west-1:1:parameter/a/b:2"
    })
    void asksForWhatTheReferenceSays(String reference, String selector) {
        aws.isMissing(WEST);
        up(reference);
        assertEquals(new AwsQuestion.Parameter(selector), aws.question());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ssm:a/b",
                "ssm:/a/",
                "ssm://a",
                "ssm:/",
                "ssm:/a:3",
                "ssm:/a%3A3",
                "ssm:/a b",
                "ssm:/aws/reference/secretsmanager/prod/db",
                "ssm:arn:aws:ssm:eu-west-1:1:parameter/aws/reference/secretsmanager/x",
                "ssm:arn:aws:ssm:eu-west-1:1:parameter/a:3",
                "ssm:arn:aws:secretsmanager:eu-west-1:1:secret:x"
            })
    void whatIsNoNameIsRefused(String reference) {
        AgentException refused = assertThrows(AgentException.class, () -> up(reference));
        assertEquals(FailureKind.BAD_NAME, refused.kind());
    }

    @ParameterizedTest
    @ValueSource(strings = {"ssm:/a@0", "ssm:/a@1x", "ssm:/a@a:b"})
    void whatIsNoVersionIsRefused(String reference) {
        AgentException refused = assertThrows(AgentException.class, () -> up(reference));
        assertEquals(FailureKind.BAD_REFERENCE, refused.kind());
    }

    @Test
    void whatIsMissingIsToldApart() {
        aws.isMissing(WEST);
        assertEquals(Failure.of(FailureKind.SECRET_NOT_FOUND, "not found in ssm"), absent("ssm:/x"));
        assertEquals(Failure.of(FailureKind.VERSION_NOT_FOUND, "version 7 not found in ssm"), absent("ssm:/x@7"));
    }

    private Failure absent(String reference) {
        return assertInstanceOf(Lookup.Absent.class, up(reference)).failure();
    }

    private Page page(String prefix, Optional<String> from) {
        return provider.list(prefix, from, Duration.ofSeconds(20));
    }

    @Test
    void listsAllPagesOfAHierarchy() {
        aws.says(
                WEST,
                "{\"Parameters\":[{\"Name\":\"/prod/db\",\"Value\":\"x\"},{\"Name\":\"/prod/deep/er\"},{\"Name\":\"/production\"}],"
                        + "\"NextToken\":\"more\"}");
        Page first = page("/prod/", Optional.empty());
        assertEquals(List.of(Listed.of("/prod/db"), Listed.of("/prod/deep/er")), first.secrets());
        assertEquals(new AwsQuestion.ListParameters("/prod", Optional.empty()), aws.question());
        aws.says(WEST, "{\"Parameters\":[]}");
        assertEquals(Page.whole(List.of()), page("/prod/", first.next()));
        assertEquals(new AwsQuestion.ListParameters("/prod", Optional.of("more")), aws.question());
    }

    @Test
    void withoutAPrefixWhatIsInNoHierarchyIsListedToo() {
        aws.says(WEST, "{\"Parameters\":[{\"Name\":\"single\"},{\"Name\":\"/a/b\"}]}");
        assertEquals(Page.whole(List.of("single", "/a/b")), page("", Optional.empty()));
        assertEquals(Page.whole(List.of("/a/b")), page("/", Optional.empty()));
        assertEquals(new AwsQuestion.ListParameters("/", Optional.empty()), aws.question());
    }

    @ParameterizedTest
    @ValueSource(strings = {"prod/", "/a b/", "//", "/prod", "/a*/"})
    void aPrefixIsAHierarchy(String prefix) {
        AgentException refused = assertThrows(AgentException.class, () -> page(prefix, Optional.empty()));
        assertEquals(FailureKind.BAD_ARGUMENT, refused.kind());
        assertEquals(
                Optional.of("write it as in ssm:/prod/, or ssm: for everything"),
                refused.failure().hint());
        assertEquals(List.of(), aws.asked());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"Parameters\":null}", "<html>"})
    void anAnswerWithoutAListIsNoEmptyOne(String answer) {
        aws.says(WEST, answer);
        AgentException refused = assertThrows(AgentException.class, () -> page("", Optional.empty()));
        assertEquals(FailureKind.PROVIDER_MALFORMED, refused.kind());
    }
}
