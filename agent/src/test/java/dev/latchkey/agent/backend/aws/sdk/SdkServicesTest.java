package dev.latchkey.agent.backend.aws.sdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.backend.aws.AwsAnswer;
import dev.latchkey.agent.backend.aws.AwsQuestion;
import dev.latchkey.agent.backend.aws.AwsRegion;
import dev.latchkey.agent.backend.aws.AwsSdk.Place;
import dev.latchkey.agent.backend.aws.AwsSdk.Service;
import dev.latchkey.agent.backend.http.Script;
import dev.latchkey.agent.config.AwsConfig;
import dev.latchkey.agent.config.AwsConfig.Auth;
import dev.latchkey.agent.config.NetworkConfig;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.UnavailableException;
import dev.latchkey.agent.policy.RuleLimits;
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

/** What AWS, or something in its place, can answer, through the SDK. */
class SdkServicesTest {
    private static final String REGION = "eu-west-1";
    private static final String THEIRS = "words-of-theirs";
    private static final Duration WITHIN = Duration.ofSeconds(20);
    private static final Auth KEYS = new Auth.Static("AKIAEXAMPLE", "secret-key-of-tests", Optional.empty());
    private static final AwsQuestion SECRET = new AwsQuestion.Secret("prod/db", Optional.empty());
    private static final String FOUND = Script.answer("200 OK", "", "{\"SecretString\":\"v\"}");

    private static AwsRegion region(Service service, String address, Auth auth, Optional<AwsConfig.Role> role) {
        AwsConfig config = new AwsConfig(List.of(REGION), Map.of(REGION, address), Optional.of(address), auth, role);
        NetworkConfig network = new NetworkConfig(Optional.empty(), WITHIN, 0, RuleLimits.NONE);
        return new SdkServices().open(new Place("aws in " + REGION, config, REGION, service, network));
    }

    private static AwsAnswer asked(Script script) {
        return region(Service.SECRETS_MANAGER, script.address(), KEYS, Optional.empty())
                .ask(SECRET, WITHIN);
    }

    private static String error(int status, String code) {
        return Script.answer(
                status + " x",
                "Content-Type: application/x-amz-json-1.1\r\n",
                "{\"__type\":\"" + code + "\",\"message\":\"" + THEIRS + "\",\"Message\":\"" + THEIRS + "\"}");
    }

    @ParameterizedTest
    @CsvSource({
        "400, AccessDeniedException, PROVIDER_DENIED",
        "403, Anything, PROVIDER_DENIED",
        "400, UnrecognizedClientException, PROVIDER_DENIED",
        "400, ExpiredTokenException, PROVIDER_DENIED",
        "403, InvalidSignatureException, PROVIDER_DENIED",
        "400, DecryptionFailure, DECRYPTION_FAILED",
        "400, InvalidKeyId, DECRYPTION_FAILED",
        "400, InvalidCiphertextException, DECRYPTION_FAILED",
        "400, KMSInvalidStateException, STATE_UNUSABLE",
        "400, ThrottlingException, PROVIDER_UNAVAILABLE",
        "429, TooManyRequestsException, PROVIDER_UNAVAILABLE",
        "400, RequestLimitExceeded, PROVIDER_UNAVAILABLE",
        "500, InternalServiceError, PROVIDER_UNAVAILABLE",
        "503, '', PROVIDER_UNAVAILABLE",
        "400, InvalidParameterException, PROVIDER_MALFORMED",
        "404, UnknownOperationException, PROVIDER_MALFORMED",
        "302, '', PROVIDER_MALFORMED"
    })
    void tellsErrorsApartWithoutAWordOfTheirs(int status, String code, FailureKind kind) throws IOException {
        try (Script script = Script.saying(error(status, code))) {
            AgentException refused = assertThrows(AgentException.class, () -> asked(script));

            assertEquals(kind, refused.kind(), refused::getMessage);
            for (Throwable cause = refused; cause != null; cause = cause.getCause()) {
                assertFalse(cause.toString().contains(THEIRS), cause::toString);
            }
            assertFalse(refused.failure().toString().contains(THEIRS));
            assertEquals(1, script.requests().size());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ResourceNotFoundException, false",
        "com.amazonaws.secretsmanager#ResourceNotFoundException, false",
        "InvalidRequestException, true"
    })
    void whatIsMissingIsAnAnswer(String code, boolean deleted) throws IOException {
        try (Script script = Script.saying(error(400, code))) {
            assertEquals(new AwsAnswer.Missing(deleted), asked(script));
        }
    }

    @Test
    void hearsWhenToComeAgain() throws IOException {
        try (Script script = Script.saying(Script.answer("429 x", "Retry-After: 7\r\n", "<html>"))) {
            UnavailableException refused = assertThrows(UnavailableException.class, () -> asked(script));
            assertEquals(Optional.of(Duration.ofSeconds(7)), refused.retryAfter());
        }
    }

    @Test
    void anAnswerPassesTheSdkBy() throws IOException {
        try (Script script = Script.saying(FOUND)) {
            AwsAnswer.Found found = assertInstanceOf(AwsAnswer.Found.class, asked(script));
            assertEquals(Optional.of("v"), found.reply().text("SecretString"));

            String request = script.requests().getFirst();
            assertTrue(request.startsWith("POST / HTTP/1.1\r\n"), request);
            assertTrue(request.contains("X-Amz-Target: secretsmanager.GetSecretValue\r\n"), request);
            assertTrue(request.contains("Host: 127.0.0.1:" + script.port() + "\r\n"), request);
            assertTrue(request.contains("/eu-west-1/secretsmanager/aws4_request, SignedHeaders="), request);
            assertFalse(request.contains("secret-key-of-tests"));
        }
    }

    @Test
    void aBlackHoleHoldsNobodyLongerThanTheySaid() throws IOException {
        try (Script script = Script.doing((_, _) -> Thread.sleep(Duration.ofMinutes(1)))) {
            AwsRegion region = region(Service.SECRETS_MANAGER, script.address(), KEYS, Optional.empty());
            long before = System.nanoTime();
            UnavailableException silent =
                    assertThrows(UnavailableException.class, () -> region.ask(SECRET, Duration.ofMillis(500)));
            assertEquals(FailureKind.TIMED_OUT, silent.kind());
            assertTrue(System.nanoTime() - before < Duration.ofSeconds(20).toNanos());
        }
    }

    @Test
    void aByteASecondIsABlackHole() throws IOException {
        try (Script script = Script.doing((_, out) -> {
            for (byte b : FOUND.getBytes(StandardCharsets.US_ASCII)) {
                out.write(b);
                out.flush();
                Thread.sleep(Duration.ofSeconds(1));
            }
        })) {
            AwsRegion region = region(Service.SECRETS_MANAGER, script.address(), KEYS, Optional.empty());
            assertEquals(
                    FailureKind.TIMED_OUT,
                    assertThrows(AgentException.class, () -> region.ask(SECRET, Duration.ofSeconds(3)))
                            .kind());
        }
    }

    @Test
    void aCompressedAnswerIsNotOpened() throws IOException {
        try (Script script = Script.saying(Script.answer("200 OK", "Content-Encoding: gzip\r\n", "x"))) {
            assertEquals(
                    FailureKind.PROVIDER_MALFORMED,
                    assertThrows(AgentException.class, () -> asked(script)).kind());
        }
    }

    @Test
    void nobodyThereIsSaidWithTheRegion() {
        UnavailableException silent = assertThrows(
                UnavailableException.class,
                () -> region(Service.SECRETS_MANAGER, "http://127.0.0.1:1", KEYS, Optional.empty())
                        .ask(SECRET, WITHIN));
        assertEquals("aws in eu-west-1 cannot be reached: connection refused", silent.getMessage());
    }

    @Test
    void aSessionIsSentWithItsToken() throws IOException {
        try (Script script = Script.saying(FOUND)) {
            Auth session = new Auth.Static("ASIAEXAMPLE", "k", Optional.of("token-of-session"));
            region(Service.SECRETS_MANAGER, script.address(), session, Optional.empty())
                    .ask(SECRET, WITHIN);
            assertTrue(script.requests().getFirst().contains("X-Amz-Security-Token: token-of-session\r\n"));
        }
    }

    @Test
    void aProfileIsReadFromItsFile(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(
                folder.resolve("credentials"), "[web]\naws_access_key_id = AKIAPROFILE\naws_secret_access_key = k\n");
        try (Script script = Script.saying(FOUND)) {
            region(
                            Service.SECRETS_MANAGER,
                            script.address(),
                            new Auth.Profile("web", Optional.of(file)),
                            Optional.empty())
                    .ask(SECRET, WITHIN);
            assertTrue(script.requests().getFirst().contains("Credential=AKIAPROFILE/"));
        }
    }

    @Test
    void noCredentialsIsNoAnswer(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("credentials"), "[other]\naws_access_key_id = " + THEIRS + "\n");
        try (Script script = Script.saying(FOUND)) {
            AwsRegion region = region(
                    Service.SECRETS_MANAGER,
                    script.address(),
                    new Auth.Profile("web", Optional.of(file)),
                    Optional.empty());
            UnavailableException refused = assertThrows(UnavailableException.class, () -> region.ask(SECRET, WITHIN));
            assertEquals("the agent finds no credentials for aws in eu-west-1", refused.getMessage());
            assertEquals(List.of(), script.requests());
        }
    }

    /** Answers as the service of roles to what has its form, else with a secret. */
    private static Script withRoles(String answer) throws IOException {
        return Script.doing((_, out) -> out.write(answer.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void aRoleThatIsRefusedSaysSo() throws IOException {
        String refusal = Script.answer(
                "403 x",
                "Content-Type: text/xml\r\n",
                "<ErrorResponse><Error><Code>AccessDenied</Code><Message>" + THEIRS
                        + "</Message></Error></ErrorResponse>");
        AwsConfig.Role role = new AwsConfig.Role("arn:aws:iam::1:role/web", "tests", Optional.of("outside"));
        try (Script script = withRoles(refusal)) {
            AwsRegion region = region(Service.SECRETS_MANAGER, script.address(), KEYS, Optional.of(role));
            AgentException refused = assertThrows(AgentException.class, () -> region.ask(SECRET, WITHIN));
            assertEquals(FailureKind.PROVIDER_DENIED, refused.kind());
            assertEquals("the agent may not take on the role for aws in eu-west-1 (403)", refused.getMessage());
            assertTrue(script.requests().getFirst().contains("Content-Type: application/x-www-form-urlencoded"));
        }
    }

    @Test
    void aRoleIsTakenOnWithTheTokenOfAnotherIssuer(@TempDir Path folder) throws IOException {
        Path token = Files.writeString(folder.resolve("token"), "jwt");
        String granted = Script.answer(
                "200 OK",
                "Content-Type: text/xml\r\n",
                "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>"
                        + "<AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>k</SecretAccessKey>"
                        + "<SessionToken>of-the-role</SessionToken><Expiration>2100-01-01T00:00:00Z</Expiration>"
                        + "</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>");
        try (Script sts = Script.saying(granted);
                Script script = Script.saying(FOUND)) {
            AwsConfig config = new AwsConfig(
                    List.of(REGION),
                    Map.of(REGION, script.address()),
                    Optional.of(sts.address()),
                    new Auth.WebIdentity("arn:aws:iam::1:role/web", token, "tests"),
                    Optional.empty());
            NetworkConfig network = new NetworkConfig(Optional.empty(), WITHIN, 0, RuleLimits.NONE);
            new SdkServices()
                    .open(new Place("aws", config, REGION, Service.SECRETS_MANAGER, network))
                    .ask(SECRET, WITHIN);

            String request = script.requests().getFirst();
            assertTrue(request.contains("Credential=ASIAROLE/"), request);
            assertTrue(request.contains("X-Amz-Security-Token: of-the-role\r\n"), request);
            assertFalse(sts.requests().getFirst().contains("Authorization"), sts.requests()::toString);
        }
    }
}
