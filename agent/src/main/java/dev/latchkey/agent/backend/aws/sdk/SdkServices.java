package dev.latchkey.agent.backend.aws.sdk;

import dev.latchkey.agent.backend.aws.AwsQuestion;
import dev.latchkey.agent.backend.aws.AwsQuestion.Version;
import dev.latchkey.agent.backend.aws.AwsRegion;
import dev.latchkey.agent.backend.aws.AwsSdk;
import dev.latchkey.agent.backend.http.Tls;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.Filter;
import software.amazon.awssdk.services.secretsmanager.model.FilterNameStringType;
import software.amazon.awssdk.services.secretsmanager.model.GetSecretValueRequest;
import software.amazon.awssdk.services.ssm.SsmClient;

/** The services of AWS by its SDK. */
public final class SdkServices implements AwsSdk {
    /** The most that AWS gives at once. */
    private static final int SECRETS_OF_A_PAGE = 100;

    private static final int PARAMETERS_OF_A_PAGE = 10;

    @Override
    public AwsRegion open(Place place) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(SdkServices.class.getClassLoader());
        try {
            return new SdkRegion(place.name(), service(place));
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private static Consumer<AwsQuestion> service(Place place) {
        return switch (place.service()) {
            case SECRETS_MANAGER -> secrets(built(SecretsManagerClient.builder(), place));
            case PARAMETER_STORE -> parameters(built(SsmClient.builder(), place));
            case KMS -> keys(built(KmsClient.builder(), place));
        };
    }

    private static <B extends AwsClientBuilder<B, C> & AwsSyncClientBuilder<B, C>, C> C built(B builder, Place place) {
        Tls tls = new Tls(place.network().authorities(), Optional.empty());
        Optional.ofNullable(place.config().endpoints().get(place.region()))
                .map(URI::create)
                .ifPresent(builder::endpointOverride);
        return builder.httpClient(BoundedHttp.keepingAnswers(place.name(), tls))
                .region(Region.of(place.region()))
                .credentialsProvider(new Credentials(place, tls).provider())
                .overrideConfiguration(c -> c.retryStrategy(AwsRetryStrategy.doNotRetry()))
                .build();
    }

    private static Consumer<AwsQuestion> secrets(SecretsManagerClient client) {
        return question -> {
            switch (question) {
                case AwsQuestion.Secret(String id, Optional<Version> version) ->
                    client.getSecretValue(request -> name(request.secretId(id), version));
                case AwsQuestion.ListSecrets(String prefix, Optional<String> from) ->
                    client.listSecrets(request -> request.maxResults(SECRETS_OF_A_PAGE)
                            .includePlannedDeletion(true)
                            .filters(named(prefix))
                            .nextToken(from.orElse(null)));
                case AwsQuestion.Parameter _,
                        AwsQuestion.ListParameters _,
                        AwsQuestion.DescribeKey _,
                        AwsQuestion.Encrypt _,
                        AwsQuestion.Decrypt _ -> throw unexpected(question);
            }
        };
    }

    private static void name(GetSecretValueRequest.Builder request, Optional<Version> version) {
        version.ifPresent(v -> {
            if (v.isStage()) {
                request.versionStage(v.text());
            } else {
                request.versionId(v.text());
            }
        });
    }

    private static List<Filter> named(String prefix) {
        return prefix.isEmpty()
                ? List.of()
                : List.of(Filter.builder()
                        .key(FilterNameStringType.NAME)
                        .values(prefix)
                        .build());
    }

    private static Consumer<AwsQuestion> parameters(SsmClient client) {
        return question -> {
            switch (question) {
                case AwsQuestion.Parameter(String selector) ->
                    client.getParameter(request -> request.name(selector).withDecryption(true));
                case AwsQuestion.ListParameters(String path, Optional<String> from) ->
                    client.getParametersByPath(request -> request.path(path)
                            .recursive(true)
                            .withDecryption(false)
                            .maxResults(PARAMETERS_OF_A_PAGE)
                            .nextToken(from.orElse(null)));
                case AwsQuestion.Secret _,
                        AwsQuestion.ListSecrets _,
                        AwsQuestion.DescribeKey _,
                        AwsQuestion.Encrypt _,
                        AwsQuestion.Decrypt _ -> throw unexpected(question);
            }
        };
    }

    private static Consumer<AwsQuestion> keys(KmsClient client) {
        return question -> {
            switch (question) {
                case AwsQuestion.DescribeKey(String key) -> client.describeKey(request -> request.keyId(key));
                case AwsQuestion.Encrypt encrypt ->
                    client.encrypt(request -> request.keyId(encrypt.key())
                            .plaintext(SdkBytes.fromByteArrayUnsafe(encrypt.plaintext()))
                            .encryptionContext(encrypt.context()));
                case AwsQuestion.Decrypt decrypt ->
                    client.decrypt(request -> request.keyId(decrypt.key())
                            .ciphertextBlob(SdkBytes.fromByteArrayUnsafe(decrypt.ciphertext()))
                            .encryptionContext(decrypt.context()));
                case AwsQuestion.Secret _,
                        AwsQuestion.ListSecrets _,
                        AwsQuestion.Parameter _,
                        AwsQuestion.ListParameters _ -> throw unexpected(question);
            }
        };
    }

    private static IllegalStateException unexpected(AwsQuestion question) {
        return new IllegalStateException(
                "another service answers " + question.getClass().getSimpleName());
    }
}
