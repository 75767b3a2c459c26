package dev.latchkey.agent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.config.AwsConfig.Auth;
import dev.latchkey.agent.policy.RuleLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is in AWS, as the file has it. */
class AwsConfigTest {
    private static final String STORE = "  store: {type: store}\n";
    private static final NetworkConfig NETWORK =
            new NetworkConfig(Optional.empty(), Duration.ofSeconds(20), 3, RuleLimits.NONE);

    private static ProviderConfig second(String provider) {
        return Fixture.config("providers:\n" + STORE + provider, Map.of("KEY", "secret-key"))
                .providers()
                .get(1);
    }

    private static Auth auth(String auth) {
        ProviderConfig.AwsParameters ssm = (ProviderConfig.AwsParameters)
                second("  ssm: {type: aws-parameter-store, regions: eu-west-1, auth: " + auth + "}\n");
        return ssm.backend().auth();
    }

    @Test
    void theUsualIsTheChainInTheRegions() {
        assertEquals(
                new ProviderConfig.AwsSecrets(
                        "aws",
                        new AwsConfig(
                                List.of("eu-west-1", "us-gov-west-1"),
                                Map.of(),
                                Optional.empty(),
                                new Auth.Chain(),
                                Optional.empty()),
                        AwsConfig.Layout.PLAIN,
                        NETWORK),
                second("  aws: {type: aws-secrets-manager, regions: [eu-west-1, us-gov-west-1, eu-west-1]}\n"));
    }

    @Test
    void readsEveryKey() {
        ProviderConfig read = second("""
                  aws:
                    type: aws-secrets-manager
                    regions: [eu-west-1]
                    endpoints: {eu-west-1: "https://vpce-1.example.com"}
                    sts-endpoint: https://sts.example.com
                    assume-role: {arn: "arn:aws:iam::123456789012:role/team/web", session-name: web, external-id: x}
                    layout: bruin
                    timeout: 5s
                """);
        assertEquals(
                new ProviderConfig.AwsSecrets(
                        "aws",
                        new AwsConfig(
                                List.of("eu-west-1"),
                                Map.of("eu-west-1", "https://vpce-1.example.com"),
                                Optional.of("https://sts.example.com"),
                                new Auth.Chain(),
                                Optional.of(new AwsConfig.Role(
                                        "arn:aws:iam::123456789012:role/team/web", "web", Optional.of("x")))),
                        AwsConfig.Layout.BRUIN,
                        new NetworkConfig(Optional.empty(), Duration.ofSeconds(5), 3, RuleLimits.NONE)),
                read);
    }

    @Test
    void readsEveryWayOfAuthentication() {
        Auth keys = auth("{method: static, access-key-id: AKIA, secret-access-key: \"${KEY}\", session-token: t}");
        assertEquals(new Auth.Static("AKIA", "secret-key", Optional.of("t")), keys);
        assertFalse(keys.toString().contains("secret-key"));
        assertEquals(
                new Auth.Profile("web", Optional.of(Path.of("/etc/latchkey/aws"))),
                auth("{method: profile, profile: web, file: aws}"));
        assertEquals(
                new Auth.WebIdentity("arn:aws:iam::1:role/x", Path.of("/run/token"), "latchkey"),
                auth("{method: web-identity, role-arn: \"arn:aws:iam::1:role/x\", token-file: /run/token}"));
    }

    @Test
    void aKeyOfTheStoreCanBeInKms() {
        ProviderConfig.Store store = Fixture.config("""
                providers:
                  store:
                    type: store
                    key: [{type: aws-kms, key-id: "arn:aws:kms:eu-west-1:1:key/mrk-1", regions: [eu-west-1]}, {type: file, path: kek}]
                """).store();
        StoreKey.AwsKms kms = (StoreKey.AwsKms) store.keys().getFirst();
        assertEquals("arn:aws:kms:eu-west-1:1:key/mrk-1", kms.keyId());
        assertEquals(2, store.keys().size());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "regions: []",
                "regions: [EU-west-1]",
                "regions: [eu-west-1.evil.example]",
                "regions: [eu-west-1], endpoints: {nowhere: 'https://a'}",
                "regions: [eu-west-1], endpoints: {eu-west-1: 'https://u:p@a'}",
                "regions: [eu-west-1], assume-role: {arn: 'role/x'}",
                "regions: [eu-west-1], auth: {method: static, access-key-id: A}",
                "regions: [eu-west-1], auth: {method: magic}"
            })
    void whatCannotBeIsReported(String keys) {
        List<String> problems =
                Fixture.problems("providers:\n" + STORE + "  aws: {type: aws-secrets-manager, " + keys + "}\n");
        assertEquals(1, problems.size(), problems::toString);
    }

    @Test
    void anEndpointOfNoRegionIsOneForAnother() {
        String keys = "regions: [eu-west-1, us-east-2], endpoints: {eu-wst-1: 'https://a', ap-south-1: 'https://b'}";
        assertEquals(
                List.of(
                        "3:81: providers.aws.endpoints has a region that is not in regions: 'eu-wst-1'"
                                + " (did you mean 'eu-west-1'?)",
                        "3:104: providers.aws.endpoints has a region that is not in regions: 'ap-south-1'"
                                + " (the regions are eu-west-1, us-east-2)"),
                Fixture.problems("providers:\n" + STORE + "  aws: {type: aws-secrets-manager, " + keys + "}\n"));
        List<String> ofKms = Fixture.problems(
                "providers:\n  store: {type: store, key: {type: aws-kms, key-id: mrk-1, regions: eu-west-1, endpoints:"
                        + " {eu-west-2: 'https://a'}}}\n");
        assertTrue(ofKms.getFirst().contains("providers.store.key.endpoints has a region"), ofKms::toString);
    }

    @Test
    void withoutARegionThereIsNoDefaultToBeHad() {
        assertEquals(
                List.of("3:45: providers.aws.regions is an empty list (name at least one)"),
                Fixture.problems("providers:\n" + STORE + "  aws: {type: aws-secrets-manager, regions: []}\n"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "alias/x",
                "arn:aws:kms:eu-west-1:1:alias/x",
                "'a b'",
                "x",
                "arn:aws:s3:::bucket",
                "arn:aws:kms:eu-west-1:key/mrk-1",
                "arn:aws:kms:eu-west-1:1:key/",
                "arn:aws:kms:eu-west-1:1:key/a/b",
                "arn:aws:secretsmanager:eu-west-1:1:key/mrk-1",
                "1234abcd-12ab-34cd-56ef-1234567890a",
                "1234abcd12ab34cd56ef1234567890ab",
                "mrk-"
            })
    void whatCannotBeAKeyIsRefused(String id) {
        List<String> problems = Fixture.problems(key(id));
        assertEquals(1, problems.size(), problems::toString);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1234abcd-12ab-34cd-56ef-1234567890ab",
                "mrk-1234abcd12ab34cd56ef1234567890ab",
                "arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
                "arn:aws:kms:eu-west-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab"
            })
    void aKeyHasAnIdOrAnArn(String id) {
        assertEquals(List.of(), Fixture.problems(key(id)));
    }

    private static String key(String id) {
        return "providers:\n  store: {type: store, key: {type: aws-kms, key-id: '" + id.replace("'", "")
                + "', regions: eu-west-1}}\n";
    }

    private static List<String> problems(String allow, String deny) {
        return Fixture.problems("providers:\n" + STORE + "  aws: {type: aws-secrets-manager, regions: eu-west-1}\n"
                + "workloads:\n  - {name: web, match: {uid: 1000}, allow: [" + allow + "], deny: [" + deny + "]}\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"aws:**\"", "\"aws:*\"", "\"aws:a*\"", "\"aws:arn:aws:secretsmanager:*\""})
    void whoDeniesNamesSaysWhatBecomesOfArns(String allow) {
        List<String> problems = problems(allow, "\"aws:prod/root-*\"");
        assertEquals(1, problems.size(), problems::toString);
        assertTrue(problems.getFirst().contains("'aws:prod/root-*' denies has an ARN too"), problems::toString);
        assertEquals(List.of(), problems(allow, "\"aws:prod/root-*\", \"aws:arn:**\""));
        assertEquals(List.of(), problems(allow, ""));
    }

    @Test
    void whoAllowsNamesAloneMayDenyNames() {
        assertEquals(List.of(), problems("\"aws:prod/*\", \"aws:arn\"", "\"aws:prod/root-*\""));
    }
}
