package dev.latchkey.agent.backend.aws.sdk;

import dev.latchkey.agent.backend.aws.AwsSdk.Place;
import dev.latchkey.agent.backend.http.Tls;
import dev.latchkey.agent.config.AwsConfig;
import dev.latchkey.agent.config.AwsConfig.Auth;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProviderChain;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.ContainerCredentialsProvider;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.auth.credentials.InstanceProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.auth.StsAssumeRoleCredentialsProvider;
import software.amazon.awssdk.services.sts.auth.StsWebIdentityTokenFileCredentialsProvider;

/**
 * As whom the agent asks. The SDK keeps what it got until shortly before it is over. System properties of the JVM are no source.
 *
 * @param tls for the service that gives the credentials of a role
 */
record Credentials(Place place, Tls tls) {
    /** As the SDK names the session of a web identity that variables describe. */
    private static final String SESSION = "latchkey";

    AwsCredentialsProvider provider() {
        AwsCredentialsProvider own = own(place.config().auth());
        AwsCredentialsProvider asked = place.config()
                .role()
                .<AwsCredentialsProvider>map(role -> assumed(own, role))
                .orElse(own);
        return new Told(place.name(), asked);
    }

    private AwsCredentialsProvider own(Auth auth) {
        return switch (auth) {
            case Auth.Chain _ -> chain();
            case Auth.Static keys -> StaticCredentialsProvider.create(keys(keys));
            case Auth.Profile profile -> profile(profile);
            case Auth.WebIdentity identity -> webIdentity(identity.roleArn(), identity.token(), identity.sessionName());
        };
    }

    private static AwsCredentials keys(Auth.Static keys) {
        return keys.sessionToken()
                .<AwsCredentials>map(
                        token -> AwsSessionCredentials.create(keys.accessKeyId(), keys.secretAccessKey(), token))
                .orElseGet(() -> AwsBasicCredentials.create(keys.accessKeyId(), keys.secretAccessKey()));
    }

    private AwsCredentialsProvider chain() {
        List<AwsCredentialsProvider> sources =
                new ArrayList<>(List.of(EnvironmentVariableCredentialsProvider.create()));
        variable("AWS_WEB_IDENTITY_TOKEN_FILE")
                .flatMap(token -> variable("AWS_ROLE_ARN")
                        .map(role -> webIdentity(
                                role,
                                Path.of(token),
                                variable("AWS_ROLE_SESSION_NAME").orElse(SESSION))))
                .ifPresent(sources::add);
        sources.add(ProfileCredentialsProvider.create());
        sources.add(ContainerCredentialsProvider.create());
        sources.add(InstanceProfileCredentialsProvider.create());
        return AwsCredentialsProviderChain.builder()
                .credentialsProviders(sources)
                .build();
    }

    private static Optional<String> variable(String name) {
        return Optional.ofNullable(System.getenv(name)).filter(value -> !value.isEmpty());
    }

    private static AwsCredentialsProvider profile(Auth.Profile profile) {
        ProfileCredentialsProvider.Builder builder =
                ProfileCredentialsProvider.builder().profileName(profile.profile());
        profile.file()
                .ifPresent(file -> builder.profileFile(() -> ProfileFile.builder()
                        .content(file)
                        .type(ProfileFile.Type.CREDENTIALS)
                        .build()));
        return builder.build();
    }

    private AwsCredentialsProvider webIdentity(String role, Path token, String session) {
        return StsWebIdentityTokenFileCredentialsProvider.builder()
                .stsClient(sts(AnonymousCredentialsProvider.create()))
                .roleArn(role)
                .roleSessionName(session)
                .webIdentityTokenFile(token)
                .build();
    }

    private AwsCredentialsProvider assumed(AwsCredentialsProvider own, AwsConfig.Role role) {
        return StsAssumeRoleCredentialsProvider.builder()
                .stsClient(sts(own))
                .refreshRequest(request -> {
                    request.roleArn(role.arn()).roleSessionName(role.sessionName());
                    role.externalId().ifPresent(request::externalId);
                })
                .build();
    }

    private StsClient sts(AwsCredentialsProvider own) {
        return StsClient.builder()
                .httpClient(BoundedHttp.passingAnswers("the service of roles for " + place.name(), tls))
                .region(Region.of(place.region()))
                .credentialsProvider(own)
                .applyMutation(
                        builder -> place.config().stsEndpoint().map(URI::create).ifPresent(builder::endpointOverride))
                .overrideConfiguration(c -> c.retryStrategy(AwsRetryStrategy.doNotRetry()))
                .build();
    }

    /** Whose failures are the agent's, without a word of the SDK. */
    private record Told(String name, AwsCredentialsProvider source) implements AwsCredentialsProvider {
        @Override
        public AwsCredentials resolveCredentials() {
            try {
                return source.resolveCredentials();
            } catch (RuntimeException e) {
                throw Refusals.ofCredentials(name, e);
            }
        }
    }
}
