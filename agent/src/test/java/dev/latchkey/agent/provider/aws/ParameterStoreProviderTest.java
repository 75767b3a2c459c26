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
import dev.latchkey.agent.secret.SecretReference;
import dev.latchkey.agent.secret.SecretValue;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
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
}
