package dev.latchkey.agent.backend.aws.sdk;

import dev.latchkey.agent.backend.aws.AwsAnswer;
import dev.latchkey.agent.backend.aws.AwsQuestion;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.UnavailableException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;

/**
 * What the errors of AWS mean. SECURITY: of an error only its code is looked at, and only its status shown; no exception of the SDK is the cause of ours,
 * for its text quotes AWS.
 */
final class Refusals {
    private static final int TOO_MANY = 429;
    private static final int OF_THE_SERVER = 500;

    private static final Set<String> MISSING =
            Set.of("ResourceNotFoundException", "ParameterNotFound", "ParameterVersionNotFound", "NotFoundException");
    private static final String MARKED_FOR_DELETION = "InvalidRequestException";
    private static final Set<String> UNDECRYPTABLE =
            Set.of("DecryptionFailure", "InvalidKeyId", "InvalidCiphertextException", "IncorrectKeyException");
    private static final Set<String> UNUSABLE =
            Set.of("DisabledException", "KMSInvalidStateException", "InvalidKeyUsageException", "InvalidKeyUsage");
    private static final Set<String> NOW_AWAY = Set.of(
            "DependencyTimeoutException", "KeyUnavailableException", "RequestTimeout", "RequestTimeoutException");
    private static final Set<String> UNKNOWN_AGENT = Set.of(
            "UnrecognizedClientException",
            "InvalidClientTokenId",
            "InvalidSignatureException",
            "SignatureDoesNotMatch",
            "ExpiredToken",
            "ExpiredTokenException",
            "RequestExpired",
            "MissingAuthenticationToken",
            "MissingAuthenticationTokenException",
            "IncompleteSignature",
            "IncompleteSignatureException",
            "InvalidAccessKeyId");
    private static final Set<String> DENIED =
            Set.of("AccessDeniedException", "AccessDenied", "NotAuthorized", "UnauthorizedOperation", "OptInRequired");

    private Refusals() {}

    /**
     * What is an answer.
     *
     * @param failed whatever the SDK threw
     * @throws AgentException what is none
     */
    static AwsAnswer of(String name, AwsQuestion question, RuntimeException failed) {
        AgentException ours = ofOurs(failed);
        if (ours != null) {
            throw ours;
        }
        if (!(failed instanceof AwsServiceException refused)) {
            throw new AgentException(
                    FailureKind.PROVIDER_MALFORMED,
                    name + " cannot be asked as it is configured",
                    "check its regions, endpoints and auth");
        }
        String code = code(refused);
        if (MISSING.contains(code)) {
            return new AwsAnswer.Missing(false);
        }
        if (question instanceof AwsQuestion.Secret && code.equals(MARKED_FOR_DELETION)) {
            return new AwsAnswer.Missing(true);
        }
        throw refusal(name, question, refused, code);
    }

    private static AgentException refusal(String name, AwsQuestion question, AwsServiceException refused, String code) {
        int status = refused.statusCode();
        if (isAway(refused, code)) {
            return new UnavailableException(
                    Failure.of(FailureKind.PROVIDER_UNAVAILABLE, name + " cannot answer now (" + status + ")"),
                    retryAfter(refused),
                    null);
        }
        if (UNDECRYPTABLE.contains(code)) {
            return new AgentException(
                    FailureKind.DECRYPTION_FAILED,
                    name + " cannot decrypt it",
                    "look at the key of KMS that it is encrypted under");
        }
        if (UNUSABLE.contains(code)) {
            return new AgentException(
                    FailureKind.STATE_UNUSABLE,
                    "the key in " + name + " is disabled, or not one that encrypts",
                    "enable it, or name a symmetric key of KMS");
        }
        if (UNKNOWN_AGENT.contains(code)) {
            return new AgentException(
                    FailureKind.PROVIDER_DENIED,
                    name + " does not accept the agent's credentials (" + status + ")",
                    "they may be over, or the machine's clock wrong");
        }
        if (DENIED.contains(code) || status == 401 || status == 403) {
            return denied(name, question, status);
        }
        return new AgentException(
                FailureKind.PROVIDER_MALFORMED,
                name + " does not take the request (" + status + ")",
                "check its regions and endpoints in the configuration");
    }

    private static AgentException denied(String name, AwsQuestion question, int status) {
        return switch (question) {
            case AwsQuestion.ListSecrets _ ->
                unlistable(name, status, "secretsmanager:ListSecrets, which IAM allows on the resource '*' alone");
            case AwsQuestion.ListParameters _ -> unlistable(name, status, "ssm:GetParametersByPath on the path");
            case AwsQuestion.Secret _,
                    AwsQuestion.Parameter _,
                    AwsQuestion.DescribeKey _,
                    AwsQuestion.Encrypt _,
                    AwsQuestion.Decrypt _ ->
                new AgentException(
                        FailureKind.PROVIDER_DENIED,
                        name + " does not let the agent have it (" + status + ")",
                        "the policies of the agent's user or role, and of the secret and its key, decide this");
        };
    }

    private static AgentException unlistable(String name, int status, String action) {
        return new AgentException(
                FailureKind.PROVIDER_DENIED,
                name + " does not let the agent list what it has (" + status + ")",
                "allow the agent's user or role " + action);
    }

    /** The agent could not say who it is. */
    static AgentException ofCredentials(String name, RuntimeException failed) {
        AgentException ours = ofOurs(failed);
        if (ours != null) {
            return ours;
        }
        if (failed instanceof AwsServiceException refused && !isAway(refused, code(refused))) {
            return new AgentException(
                    FailureKind.PROVIDER_DENIED,
                    "the agent may not take on the role for " + name + " (" + refused.statusCode() + ")",
                    "check 'auth' and 'assume-role', and whom the role trusts");
        }
        return new UnavailableException(Failure.of(
                FailureKind.PROVIDER_UNAVAILABLE,
                "the agent finds no credentials for " + name,
                "configure 'auth', or give the agent variables, a profile (after 'aws sso login' where it signs on), or the role"
                        + " of its machine"));
    }

    private static boolean isAway(AwsServiceException refused, String code) {
        int status = refused.statusCode();
        return refused.isThrottlingException()
                || status == TOO_MANY
                || status >= OF_THE_SERVER
                || NOW_AWAY.contains(code);
    }

    private static String code(AwsServiceException refused) {
        return Optional.ofNullable(refused.awsErrorDetails())
                .map(AwsErrorDetails::errorCode)
                .orElse("");
    }

    private static Optional<Duration> retryAfter(AwsServiceException refused) {
        return Optional.ofNullable(refused.awsErrorDetails())
                .map(AwsErrorDetails::sdkHttpResponse)
                .flatMap(response -> response.firstMatchingHeader("Retry-After"))
                .filter(text -> text.matches("[0-9]{1,6}"))
                .map(text -> Duration.ofSeconds(Long.parseLong(text)));
    }

    /** What our own HTTP or credentials threw, which the SDK wraps. */
    private static @Nullable AgentException ofOurs(Throwable failed) {
        for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
            if (cause instanceof AgentException ours) {
                return ours;
            }
        }
        return null;
    }
}
