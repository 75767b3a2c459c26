package dev.latchkey.agent.provider.aws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.latchkey.agent.backend.aws.AwsAnswer;
import dev.latchkey.agent.backend.aws.AwsQuestion;
import dev.latchkey.agent.backend.aws.FakeAws;
import dev.latchkey.agent.config.AwsConfig.Layout;
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
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecretsManagerProviderTest {
    private static final String WEST = "eu-west-1";
    private static final String CENTRAL = "eu-central-1";

    private final FakeAws aws = new FakeAws();

    private SecretsManagerProvider provider(Layout layout) {
        ProviderConfig.AwsSecrets config =
                new ProviderConfig.AwsSecrets("aws", FakeAws.config(WEST, CENTRAL), layout, FakeAws.NETWORK);
        return new SecretsManagerProvider(config, aws.regions("aws", WEST, CENTRAL));
    }

    private Lookup up(Layout layout, String reference) {
        SecretReference parsed = ReferenceParser.parse(reference);
        SecretsManagerProvider provider = provider(layout);
        return provider.fetch(provider.locate(parsed, Namespace.DEFAULT), parsed.version(), Duration.ofSeconds(20));
    }

    private FoundSecret found(Layout layout, String reference) {
        return assertInstanceOf(Lookup.Found.class, up(layout, reference)).secret();
    }

    private static String text(SecretValue value) {
        try (value) {
            return value.leak(bytes -> new String(bytes, StandardCharsets.UTF_8));
        }
    }

    /** What is delivered of a SecretString, which is given as JSON writes it. */
    private String delivered(Layout layout, String quoted) {
        aws.says(WEST, "{\"SecretString\":" + quoted + ",\"VersionId\":\"v\"}");
        try (FoundSecret found = found(layout, "aws:prod/db")) {
            return text(found.open());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"plain\\n\"                              | 'plain\n'",
                "\"{ \\\"b\\\": 1,\\n \\\"a\\\": \\\"x\\\" }\" | {\"b\":1,\"a\":\"x\"}",
                "\"{\\\"value\\\": \\\"x\\\"}\"            | x",
                "\"{no json\"                              | {no json",
                "\"[1, 2]\"                                | [1, 2]",
                "\"\"                                      | ''",
                "\"é $(id) ${x} !t!\"                      | é $(id) ${x} !t!"
            })
    void aStringIsTextOrAnObject(String quoted, String expected) {
        assertEquals(expected, delivered(Layout.PLAIN, quoted));
    }

    @Test
    void anObjectHasFieldsWhateverIsDeliveredWhole() {
        aws.says(WEST, "{\"SecretString\":\"{\\\"value\\\":\\\"x\\\"}\",\"VersionId\":\"v\"}");
        try (FoundSecret found = found(Layout.PLAIN, "aws:prod/db")) {
            assertEquals("x", text(found.open()));
            assertEquals("{\"value\":\"x\"}", text(found.openObject()));
        }
    }

    @Test
    void bytesAreBytes() {
        aws.says(WEST, "{\"SecretBinary\":\"AAH/\",\"VersionId\":\"v\",\"CreatedDate\":1.795e9}");
        try (FoundSecret found = found(Layout.PLAIN, "aws:prod/db");
                SecretValue value = found.open()) {
            assertEquals("0001ff", value.leak(HexFormat.of()::formatHex));
            assertEquals("v", found.version());
            assertEquals(Optional.of(Instant.ofEpochSecond(1_795_000_000)), found.created());
        }
    }

    @Test
    void typedSecretsAreUnwrapped() {
        assertEquals(
                "{\"name\":\"db\",\"host\":\"h\"}",
                delivered(
                        Layout.BRUIN, "\"{\\\"type\\\":\\\"postgres\\\",\\\"details\\\":{\\\"host\\\":\\\"h\\\"}}\""));
        aws.says(WEST, "{\"SecretString\":\"plain\",\"VersionId\":\"v\"}");
        AgentException refused = assertThrows(AgentException.class, () -> up(Layout.BRUIN, "aws:prod/db"));
        assertEquals(FailureKind.PROVIDER_MALFORMED, refused.kind());
    }

    @ParameterizedTest
    @CsvSource({
        "aws:db, db, , false",
        "aws:db@AWSPREVIOUS, db, AWSPREVIOUS, true",
        "aws:db@EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE, db, EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE, false",
        "aws:db@terraform-20200714161103917700000001, db, terraform-20200714161103917700000001, false",
        "aws:a%40b, a@b, , false",
        "arn:aws:secretsmanager:eu-west-1:1:secret:db-AbCdEf, arn:aws:secretsmanager:eu-west-1:1:secret:db-AbCdEf, , false"
    })
    void asksForWhatTheReferenceSays(String reference, String id, String version, boolean isStage) {
        aws.isMissing(WEST);
        up(Layout.PLAIN, reference);
        Optional<AwsQuestion.Version> asked =
                Optional.ofNullable(version).map(v -> new AwsQuestion.Version(v, isStage));
        assertEquals(new AwsQuestion.Secret(id, asked), aws.question());
    }

    @Test
    void anArnIsAskedForInItsRegionAndThenInAnother() {
        aws.says(WEST, "{\"SecretString\":\"x\",\"VersionId\":\"v\"}").isSilent(CENTRAL);
        try (FoundSecret found = found(Layout.PLAIN, "arn:aws:secretsmanager:eu-central-1:1:secret:db-AbCdEf")) {
            assertEquals("x", text(found.open()));
        }
        assertEquals(List.of(CENTRAL, WEST), aws.asked());
        assertEquals(
                new AwsQuestion.Secret("arn:aws:secretsmanager:eu-west-1:1:secret:db-AbCdEf", Optional.empty()),
                aws.question());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "aws:a%20b",
                "aws:a:b",
                "aws:a*",
                "aws:%C3%A9",
                "arn:",
                "arn:aws:ssm:eu-west-1:1:parameter/x",
                "arn:aws:secretsmanager:us-east-1:1:secret:x",
                "arn:aws:secretsmanager:eu-west-1:1:secret:",
                "arn:aws:secretsmanager:eu-west-1:1:secret:a%20b",
                "arn:aws:secretsmanager:eu-west-1:x:secret:a"
            })
    void whatIsNoNameIsRefused(String reference) {
        AgentException refused = assertThrows(
                AgentException.class,
                () -> provider(Layout.PLAIN).locate(ReferenceParser.parse(reference), Namespace.DEFAULT));
        assertEquals(FailureKind.BAD_NAME, refused.kind());
    }

    @Test
    void whatIsMissingIsToldApart() {
        aws.isMissing(WEST);
        assertEquals(Failure.of(FailureKind.SECRET_NOT_FOUND, "not found in aws"), absent("aws:x"));
        assertEquals(Failure.of(FailureKind.VERSION_NOT_FOUND, "version OLD not found in aws"), absent("aws:x@OLD"));
        aws.does(WEST, _ -> new AwsAnswer.Missing(true));
        assertEquals(Failure.of(FailureKind.SECRET_NOT_FOUND, "marked for deletion in aws"), absent("aws:x"));
    }

    private Failure absent(String reference) {
        return assertInstanceOf(Lookup.Absent.class, up(Layout.PLAIN, reference))
                .failure();
    }

    @ParameterizedTest
    @ValueSource(strings = {"<html>", "{}", "{\"SecretString\":null}", "{\"SecretBinary\":\"*\"}", "[]"})
    void whatIsNoSecretIsMalformed(String json) {
        aws.says(WEST, json);
        AgentException refused = assertThrows(AgentException.class, () -> up(Layout.PLAIN, "aws:x"));
        assertEquals(FailureKind.PROVIDER_MALFORMED, refused.kind());
    }

    private Page page(String prefix, Optional<String> from) {
        return provider(Layout.PLAIN).list(prefix, from, Duration.ofSeconds(20));
    }

    @Test
    void listsAllPagesOfOneRegion() {
        SecretsManagerProvider provider = provider(Layout.PLAIN);
        aws.says(WEST, "{\"SecretList\":[{\"Name\":\"prod/db\"},{\"Name\":\"prod/web/\"}],\"NextToken\":\"a b\"}")
                .says(CENTRAL, "{\"SecretList\":[{\"Name\":\"prod/db\"}]}");

        Page first = provider.list("prod/", Optional.empty(), Duration.ofSeconds(20));
        assertEquals(List.of(Listed.of("prod/db"), Listed.of("prod/web/")), first.secrets());
        assertEquals(new AwsQuestion.ListSecrets("prod/", Optional.empty()), aws.question());
        aws.says(WEST, "{\"SecretList\":[]}");
        Page second = provider.list("prod/", first.next(), Duration.ofSeconds(20));
        assertEquals(new AwsQuestion.ListSecrets("prod/", Optional.of("a b")), aws.question());
        assertEquals(Page.whole(List.of()), second);
        assertEquals(List.of(WEST, WEST), aws.asked());
    }

    @Test
    void aListBeginsAnewInARegionThatHasToStandIn() {
        SecretsManagerProvider provider = provider(Layout.PLAIN);
        aws.says(WEST, "{\"SecretList\":[{\"Name\":\"a\"}],\"NextToken\":\"of-the-west\"}");
        Page first = provider.list("", Optional.empty(), Duration.ofSeconds(20));
        aws.isSilent(WEST).says(CENTRAL, "{\"SecretList\":[{\"Name\":\"a\"}],\"NextToken\":\"of-the-centre\"}");

        Page again = provider.list("", first.next(), Duration.ofSeconds(20));
        assertEquals(new AwsQuestion.ListSecrets("", Optional.empty()), aws.question());
        assertEquals(List.of(Listed.of("a")), again.secrets());
        provider.list("", again.next(), Duration.ofSeconds(20));
        assertEquals(new AwsQuestion.ListSecrets("", Optional.of("of-the-centre")), aws.question());
        assertEquals(List.of(WEST, WEST, CENTRAL, CENTRAL), aws.asked());
    }

    @Test
    void leavesOutWhatIsDeletedOrOfAnotherService() {
        aws.says(
                WEST,
                "{\"SecretList\":[{\"Name\":\"gone\",\"DeletedDate\":1.7e9},{\"Name\":\"rds!db-1\",\"OwningService\":\"rds\"},"
                        + "{\"Name\":\"there\",\"DeletedDate\":null},{\"Name\":\"not/asked\"},{\"ARN\":\"nameless\"}]}");
        assertEquals(
                List.of(
                        new Listed("gone", Optional.of("marked for deletion in aws")),
                        new Listed("rds!db-1", Optional.of("belongs to a service of AWS, which rotates it")),
                        Listed.of("there"),
                        Listed.of("not/asked")),
                page("", Optional.empty()).secrets());
        assertEquals(
                List.of(Listed.of("not/asked")), page("not/", Optional.empty()).secrets());
    }

    @ParameterizedTest
    @ValueSource(strings = {"!prod/", "a b/", "a*/", "é/"})
    void aPrefixIsOneOfNames(String prefix) {
        AgentException refused = assertThrows(AgentException.class, () -> page(prefix, Optional.empty()));
        assertEquals(FailureKind.BAD_ARGUMENT, refused.kind());
        assertEquals(List.of(), aws.asked());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{}", "{\"SecretList\":{}}", "{\"SecretList\":[1]}", "[]", "<html>words-of-theirs</html>", ""})
    void anAnswerWithoutAListIsNoEmptyOne(String answer) {
        aws.says(WEST, answer);
        AgentException refused = assertThrows(AgentException.class, () -> page("", Optional.empty()));
        assertEquals(FailureKind.PROVIDER_MALFORMED, refused.kind());
    }

    @Test
    void aRefusalToListIsPassedOn() {
        aws.refuses(WEST, FailureKind.PROVIDER_DENIED);
        AgentException refused = assertThrows(AgentException.class, () -> page("", Optional.empty()));
        assertEquals(FailureKind.PROVIDER_DENIED, refused.kind());
    }

    @Test
    void namesOfServicesHaveAnExclamationMark() {
        aws.isMissing(WEST);
        up(Layout.PLAIN, "aws:rds!db-1");
        assertEquals(new AwsQuestion.Secret("rds!db-1", Optional.empty()), aws.question());
    }
}
