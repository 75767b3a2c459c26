package dev.latchkey.agent.backend.aws.sdk;

import dev.latchkey.agent.backend.aws.AwsQuestion;
import dev.latchkey.agent.backend.aws.AwsQuestion.Version;
import dev.latchkey.agent.backend.aws.AwsRegion;
import dev.latchkey.agent.backend.aws.AwsSdk;
import dev.latchkey.agent.backend.http.Tls;
import java.net.URI;
import java.util.Optional;
import java.util.function.Consumer;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.ssm.SsmClient;

/** The services of AWS by its SDK. */
public final class SdkServices implements AwsSdk {
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
            if (!(question instanceof AwsQuestion.Secret(String id, Optional<Version> version))) {
                throw unexpected(question);
            }
            client.getSecretValue(request -> {
                request.secretId(id);
                version.ifPresent(v -> {
                    if (v.isStage()) {
                        request.versionStage(v.text());
                    } else {
                        request.versionId(v.text());
                    }
                });
            });
        };
    }

    private static Consumer<AwsQuestion> parameters(SsmClient client) {
        return question -> {
            if (!(question instanceof AwsQuestion.Parameter(String selector))) {
                throw unexpected(question);
            }
            client.getParameter(request -> request.name(selector).withDecryption(true));
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
                case AwsQuestion.Secret _, AwsQuestion.Parameter _ -> throw unexpected(question);
            }
        };
    }

    private static IllegalStateException unexpected(AwsQuestion question) {
        return new IllegalStateException(
                "another service answers " + question.getClass().getSimpleName());
    }
}
