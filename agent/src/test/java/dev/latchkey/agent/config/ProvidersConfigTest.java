package dev.latchkey.agent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.policy.RuleLimits;
import dev.latchkey.agent.secret.ProviderType;
import dev.latchkey.agent.secret.SecretProvider;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Providers besides the store, as the file has them. */
class ProvidersConfigTest {
    private static final String STORE = "  store: {type: store}\n";

    @Test
    void readsEveryTypeWithItsKeys() {
        AgentConfig config = Fixture.config("providers:\n" + STORE + """
                  files: {type: file, root: creds, mode: any}
                  private: {type: file, root: /run/creds/../creds}
                  envs: {type: env, prefix: CRED_}
                  all-envs: {type: env}
                  dot: {type: dotenv, path: .env}
                  bruin: {type: bruin-file, path: .bruin.yml, environment: "${STAGE:-dev}"}
                  conf: {type: documents, path: config.yaml}
                default-provider: files
                """);

        assertEquals("files", config.defaultProvider());
        assertEquals(
                List.of(
                        new ProviderConfig.Files("files", Path.of("/etc/latchkey/creds"), false),
                        new ProviderConfig.Files("private", Path.of("/run/creds"), true),
                        new ProviderConfig.Env("envs", "CRED_"),
                        new ProviderConfig.Env("all-envs", ""),
                        new ProviderConfig.Dotenv("dot", Path.of("/etc/latchkey/.env")),
                        new ProviderConfig.BruinFile("bruin", Path.of("/etc/latchkey/.bruin.yml"), Optional.of("dev")),
                        new ProviderConfig.Documents("conf", Path.of("/etc/latchkey/config.yaml"))),
                config.providers().subList(1, config.providers().size()));
    }

    @Test
    void readsAVaultWithItsLogin() {
        AgentConfig config = Fixture.config("providers:\n" + STORE + """
                  v:
                    type: vault
                    address: https://vault.example.com:8200
                    namespace: team/a
                    auth: {method: approle, role-id: r, secret-id: "${SECRET_ID}"}
                    mount: kv
                    path: apps
                    layout: bruin
                    ca-file: ca.pem
                    timeout: 5s
                    retries: 1
                    limits: {rate: 10/s, concurrent: 2}
                  k: {type: vault, address: ["unix:///run/bao.sock", "http://127.0.0.1:8200"], auth: {method: kubernetes, role: web}, engine: kv-v1}
                """, Map.of("SECRET_ID", "s"));

        assertEquals(
                List.of(
                        new ProviderConfig.Vault(
                                "v",
                                new VaultConfig(
                                        "https://vault.example.com:8200",
                                        Optional.of("team/a"),
                                        new VaultConfig.Auth.AppRole("approle", "r", "s")),
                                "kv",
                                "apps",
                                VaultConfig.Engine.KV_V2,
                                VaultConfig.Layout.BRUIN,
                                new NetworkConfig(
                                        Optional.of(Path.of("/etc/latchkey/ca.pem")),
                                        Duration.ofSeconds(5),
                                        1,
                                        new RuleLimits(
                                                Optional.of(new RuleLimits.Rate(10, Duration.ofSeconds(1))),
                                                Optional.of(2)))),
                        new ProviderConfig.Vault(
                                "k",
                                new VaultConfig(
                                        List.of("unix:///run/bao.sock", "http://127.0.0.1:8200"),
                                        Optional.empty(),
                                        new VaultConfig.Auth.Jwt(
                                                "kubernetes",
                                                "web",
                                                Path.of("/var/run/secrets/kubernetes.io/serviceaccount/token"))),
                                "secret",
                                "",
                                VaultConfig.Engine.KV_V1,
                                VaultConfig.Layout.PLAIN,
                                new NetworkConfig(Optional.empty(), Duration.ofSeconds(20), 3, RuleLimits.NONE))),
                config.providers().subList(1, 3));
    }

    @Test
    void readsAnAzureKeyVaultWithItsLogin() {
        AgentConfig config = Fixture.config("providers:\n" + STORE + """
                  plain: {type: azure-key-vault, url: "https://example.vault.azure.net/"}
                  all:
                    type: azure-key-vault
                    url: https://keys.example.org:8443
                    cloud: usgovernment
                    authority: https://login.example.org
                    resource: https://vault.example.org
                    auth: {method: client-certificate, tenant: t, client-id: c, cert-file: own.pem}
                    layout: bruin
                  k: {type: azure-key-vault, url: "https://h", auth: {method: workload-identity, token-file: token}}
                """, Map.of());

        NetworkConfig usual = new NetworkConfig(Optional.empty(), Duration.ofSeconds(20), 3, RuleLimits.NONE);
        Path own = Path.of("/etc/latchkey/own.pem");
        assertEquals(
                List.of(
                        new ProviderConfig.AzureKeyVault(
                                "plain",
                                new AzureConfig(
                                        "https://example.vault.azure.net",
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.empty(),
                                        new AzureConfig.Auth.Default()),
                                VaultConfig.Layout.PLAIN,
                                usual),
                        new ProviderConfig.AzureKeyVault(
                                "all",
                                new AzureConfig(
                                        "https://keys.example.org:8443",
                                        Optional.of(AzureConfig.Cloud.USGOVERNMENT),
                                        Optional.of("https://login.example.org"),
                                        Optional.of("https://vault.example.org"),
                                        new AzureConfig.Auth.ClientCertificate("t", "c", own, own)),
                                VaultConfig.Layout.BRUIN,
                                usual),
                        new ProviderConfig.AzureKeyVault(
                                "k",
                                new AzureConfig(
                                        "https://h",
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.empty(),
                                        new AzureConfig.Auth.WorkloadIdentity(
                                                Optional.empty(),
                                                Optional.empty(),
                                                Optional.of(Path.of("/etc/latchkey/token")))),
                                VaultConfig.Layout.PLAIN,
                                usual)),
                config.providers().subList(1, 4));
    }

    @Test
    void readsAConfigOfDoppler() {
        AgentConfig config = Fixture.config("providers:\n" + STORE + """
                  d: {type: doppler, project: web, config: prd, token: "${T}", retries: 0}
                  service: {type: doppler, token: "${T}", address: "http://127.0.0.1:1"}
                """, Map.of("T", "dp.st.x"));

        assertEquals(
                List.of(
                        new ProviderConfig.Doppler(
                                "d",
                                new DopplerConfig(
                                        "https://api.doppler.com", Optional.of("web"), Optional.of("prd"), "dp.st.x"),
                                new NetworkConfig(Optional.empty(), Duration.ofSeconds(20), 0, RuleLimits.NONE)),
                        new ProviderConfig.Doppler(
                                "service",
                                new DopplerConfig("http://127.0.0.1:1", Optional.empty(), Optional.empty(), "dp.st.x"),
                                new NetworkConfig(Optional.empty(), Duration.ofSeconds(20), 3, RuleLimits.NONE))),
                config.providers().subList(1, 3));
    }

    /** Key Vault takes names in any case, so what denies one denies it in any. */
    @Test
    void patternsOfAnAzureKeyVaultAreInLowerCase() {
        AgentConfig config = Fixture.config("providers:\n" + STORE + """
                  azure: {type: azure-key-vault, url: "https://example.vault.azure.net"}
                  files: {type: file, root: /r}
                workloads: [{name: w, match: {uid: 1}, allow: ["azure:Db-*", "files:Db"], deny: ["azure:Db-ROOT"]}]
                """);

        assertEquals(
                "[azure:db-*, files:Db]",
                config.workloads().getFirst().grants().allow().toString());
        assertEquals(
                "[azure:db-root]", config.workloads().getFirst().grants().deny().toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://user:pw@host",
                "https://host?x=1",
                "https://host#x",
                "ftp://host",
                "host:8200",
                "unix://relative",
                "https://"
            })
    void refusesAddressesThatAreNone(String address) {
        List<String> problems = Fixture.problems("providers:\n" + STORE + "  v: {type: vault, address: \"" + address
                + "\", auth: {method: token, token: t}}\n");

        assertEquals(1, problems.size(), problems::toString);
        assertTrue(
                problems.getFirst().startsWith("3:29: providers.v.address is not an address of a backend"),
                problems::toString);
    }

    @Test
    void credentialsOfALoginHaveNoTextForm() {
        AgentConfig config = Fixture.config("providers:\n" + STORE + """
                  a: {type: vault, address: "http://h", auth: {method: token, token: hidden-1}}
                  b: {type: vault, address: "http://h", auth: {method: userpass, username: u, password: hidden-2}}
                  c: {type: vault, address: "http://h", auth: {method: approle, role-id: r, secret-id: hidden-3}}
                  d: {type: azure-key-vault, url: "https://h", auth: {method: client-credentials, tenant: t, client-id: c, client-secret: hidden-4}}
                  e: {type: doppler, token: hidden-5}
                """);

        assertFalse(config.toString().contains("hidden"), config::toString);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{type: file} | 3:6: providers.p.root is missing (root is a path)",
                "{type: file, root: [a]} | 3:25: providers.p.root must be a path, not a list",
                "{type: file, root: /a, mode: '0600'} | 3:35: providers.p.mode is not one of private, any: '0600'",
                "{type: env, prefix: a-b} | 3:26: providers.p.prefix is not the beginning of a variable's name: 'a-b' (write letters, digits and '_', as in CREDENTIAL_)",
                "{type: dotenv, path: a, paht: b} | 3:30: unknown key 'paht' in providers.p (did you mean 'path'?)",
                "{type: bruin-file} | 3:6: providers.p.path is missing (path is a path)",
                "{type: vault, address: 'http://h'} | 3:6: providers.p.auth is missing (auth is a mapping with a method)",
                "{type: vault, address: 'https://a..b', auth: {method: token, token: t}} | 3:29: providers.p.address is not an address of a backend: 'https://a..b' (write",
                "{type: vault, address: 'https://h:65536', auth: {method: token, token: t}} | 3:29: providers.p.address is not an address of a backend: 'https://h:65536' (write",
                "{type: vault, address: 'https://h:0', auth: {method: token, token: t}} | 3:29: providers.p.address is not an address of a backend: 'https://h:0' (write",
                "{type: vault, address: 'http://h', auth: {method: approl}} | 3:56: providers.p.auth.method is unknown: 'approl' (did you mean 'approle'?)",
                "{type: vault, address: 'http://h', auth: {method: approle, role-id: r}} | 3:47: providers.p.auth.secret-id is missing (secret-id is printable text)",
                "{type: vault, address: 'http://h', auth: {method: token, token: t}, timeout: 0} | 3:83: providers.p.timeout is not a duration over 0: '0' (a duration is one integer with ms, s, m, h or d, as in 30s)",
                "{type: azure-key-vault, url: 'http://example.vault.azure.net'} | 3:35: providers.p.url is not an https address: 'http://example.vault.azure.net' (write https://HOST[:PORT]; http is for 127.0.0.1 and localhost alone)",
                "{type: azure-key-vault, url: 'https://a..b'} | 3:35: providers.p.url is not an https address",
                "{type: azure-key-vault, url: 'https://h:65536'} | 3:35: providers.p.url is not an https address",
                "{type: azure-key-vault, url: 'http://localhost.evil.example'} | 3:35: providers.p.url is not an https address",
                "{type: azure-key-vault, url: 'https://h', auth: {method: manged-identity}} | 3:63: providers.p.auth.method is unknown: 'manged-identity' (did you mean 'managed-identity'?)",
                "{type: doppler, project: web} | 3:6: providers.p.token is missing (token is printable text)",
                "{type: doppler, token: t, address: 'http://proxy.example'} | 3:41: providers.p.address is not an https address",
                "{type: doppler, token: 'canary '} | 3:29: providers.p.token is not printable text (write at least one",
                "{type: doppler, token: t, address: 'https://u:canary@h'} | 3:41: providers.p.address is not an https address (write https",
                "{type: vault, address: 'https://u:canary@h', auth: {method: token, token: t}} | 3:29: providers.p.address is not an address of a backend (write https",
                "{type: fiel, root: a} | 3:13: providers.p.type is unknown: 'fiel' (did you mean 'file'?)",
            })
    void reportsProblemsWithTheirPlace(String section, String problem) {
        List<String> problems = Fixture.problems("providers:\n" + STORE + "  p: " + section + "\n");

        assertEquals(
                List.of(problem),
                problems.stream().map(p -> p.startsWith(problem) ? problem : p).toList());
    }

    @Test
    void aStoreIsStillNeeded() {
        assertEquals(
                List.of("1:12: providers has none of type 'store' (add store: {type: store})"),
                Fixture.problems("providers: {e: {type: env}}\n"));
    }

    @Test
    void patternsOfOtherProvidersAreTakenWhole() {
        AgentConfig config = Fixture.config("providers:\n" + STORE + """
                  files: {type: file, root: /r}
                workloads: [{name: w, match: {uid: 1}, allow: ["files:db/*", "store:a"], deny: ["files:db/root"]}]
                """);

        assertEquals(
                "[files:db/*, store:default/default/a]",
                config.workloads().getFirst().grants().allow().toString());
    }

    @Test
    void theDefaultRuleCoversEveryProvider() {
        AgentConfig config = Fixture.config("providers:\n" + STORE + "  files: {type: file, root: /r}\n");

        assertEquals(
                "[store:**, files:**]",
                config.workloads().getFirst().grants().allow().toString());
    }

    @Test
    void aTypeFromOutsideHasTheKeysThatItSays() {
        ConfigResult good = loadWithOutside("{type: riddle, answer: \"${env:ANSWER}\"}");
        ConfigResult bad = loadWithOutside("{type: riddle, anwser: x}");

        ProviderConfig.Outside outside = (ProviderConfig.Outside)
                ((ConfigResult.Loaded) good).config().providers().get(1);
        assertEquals(Map.of("answer", "forty-two"), outside.settings());
        assertFalse(outside.toString().contains("forty-two"));
        assertEquals(
                List.of(
                        "3:6: providers.p.answer is missing (answer is text)",
                        "3:21: unknown key 'anwser' in providers.p (did you mean 'answer'?)"),
                Fixture.lines(bad.problems()));
    }

    private static ConfigResult loadWithOutside(String section) {
        Host host = Fixture.host(1000, Map.of("ANSWER", "forty-two"), Set.of())
                .offering(type -> type.equals("riddle") ? Optional.of(new Riddle()) : Optional.empty());
        String yaml = "providers:\n" + STORE + "  p: " + section + "\n";
        return new ConfigLoader(host).parse(yaml.getBytes(StandardCharsets.UTF_8), Fixture.FILE);
    }

    private record Riddle() implements ProviderType {
        @Override
        public String type() {
            return "riddle";
        }

        @Override
        public List<Setting> settings() {
            return List.of(new Setting("answer", true, "what is served"));
        }

        @Override
        public SecretProvider open(String name, Map<String, String> values) {
            throw new IllegalStateException("a configuration is read without making providers");
        }
    }
}
