package dev.latchkey.agent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.latchkey.agent.policy.CallerSelector;
import dev.latchkey.agent.policy.Grants;
import dev.latchkey.agent.policy.LocationPattern;
import dev.latchkey.agent.policy.Match;
import dev.latchkey.agent.policy.Rule;
import dev.latchkey.agent.policy.RuleLimits;
import dev.latchkey.agent.secret.EnvironmentName;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.NamingRule;
import dev.latchkey.agent.secret.ProjectName;
import dev.latchkey.agent.secret.Scope;
import dev.latchkey.agent.telemetry.Log;
import dev.latchkey.agent.yaml.Problem;
import dev.latchkey.agent.yaml.Problems;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigLoaderTest {
    private static final AgentConfig DEFAULTS = new AgentConfig(
            Namespace.DEFAULT,
            Optional.empty(),
            List.of(),
            List.of(store("store", NamingRule.ANY, "kek")),
            "store",
            new CacheConfig(Duration.ofMinutes(5), Duration.ZERO, Duration.ofSeconds(10)),
            List.of(new Rule(
                    "default",
                    Match.of(new CallerSelector.Uid(Set.of(1000L))),
                    Grants.of(List.of(new LocationPattern("store", "**")), List.of()),
                    RuleLimits.NONE)),
            new AdminConfig(new AdminConfig.AdminSocket.InState(), Set.of(), List.of()),
            new AuditConfig(Path.of("audit.log"), AuditConfig.Durability.WRITE, 104_857_600, Duration.ZERO),
            new HealthConfig(Optional.empty()),
            new LogConfig(Log.Level.INFO, Log.Format.LOGFMT));

    private static final String FULL = """
            project: analytics
            environment: production
            state: /srv/latchkey/
            sockets:
              - {name: main, path: /run/latchkey/agent.sock, mode: "0666", group: workloads}
              - {name: web, path: /run/web/agent.sock, group: 2002, pid: any}
              - {name: own, path: /run/own/agent.sock, pid: required}
            providers:
              secrets:
                type: store
                naming: dns
                key: [{type: file, path: /safe/kek}, {type: file, path: second.kek}]
            default-provider: secrets
            workloads:
              - name: flow
                match: {listener: main, uid: alice, gid: 1000, groups: [workers, 77]}
                allow: ["secrets:analytics/production/*", "secrets:work-*", "secrets:**/x"]
                deny: ["secrets:*/production/root-*"]
                scopes: [service, batch]
              - name: others
                match: {listener: [main, web]}
            admin:
              socket: /run/latchkey-admin/admin.sock
              reveal: [admin, editor]
              roles: [{uid: 0, role: admin}, {group: ops, role: editor}, {group: dev, role: viewer}]
            audit: {path: /var/log/latchkey/audit.log, durability: fsync, rotate: 1GiB, keep: 400d}
            health: {http: "[::1]:7342"}
            log: {level: debug, format: json}
            """;

    @Test
    void withoutAnyFileThereIsTheStoreAndTheOwnUserOnly() {
        assertEquals(DEFAULTS, new ConfigLoader(Fixture.host(Map.of())).defaults());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "# nothing\n", "---\n", "{}\n", "~\n", "\uFEFF"})
    void anEmptyFileIsNoConfiguration(String yaml) {
        assertEquals(DEFAULTS, Fixture.config(yaml));
    }

    @Test
    void everyKeyReachesTheConfiguration() throws IOException {
        AgentConfig config = Fixture.config(FULL);

        assertEquals(
                new Namespace(new ProjectName("analytics"), new EnvironmentName("production")), config.namespace());
        assertEquals(Optional.of(Path.of("/srv/latchkey")), config.state());
        assertEquals(
                List.of(
                        new SocketConfig("main", Path.of("/run/latchkey/agent.sock"), 0666, Optional.of(2001L), true),
                        new SocketConfig("web", Path.of("/run/web/agent.sock"), 0660, Optional.of(2002L), false),
                        new SocketConfig("own", Path.of("/run/own/agent.sock"), 0600, Optional.empty(), true)),
                config.sockets());
        assertEquals(List.of(store("secrets", NamingRule.DNS, "/safe/kek", "second.kek")), config.providers());
        assertEquals("secrets", config.defaultProvider());
        assertEquals(
                new AdminConfig(
                        new AdminConfig.AdminSocket.At(Path.of("/run/latchkey-admin/admin.sock")),
                        Set.of(AdminConfig.Role.ADMIN, AdminConfig.Role.EDITOR),
                        List.of(
                                new AdminConfig.Grant(Optional.of(0L), Optional.empty(), AdminConfig.Role.ADMIN),
                                new AdminConfig.Grant(Optional.empty(), Optional.of(2003L), AdminConfig.Role.EDITOR),
                                new AdminConfig.Grant(Optional.empty(), Optional.of(2004L), AdminConfig.Role.VIEWER))),
                config.admin());
        assertEquals(
                new AuditConfig(
                        Path.of("/var/log/latchkey/audit.log"),
                        AuditConfig.Durability.FSYNC,
                        1L << 30,
                        Duration.ofDays(400)),
                config.audit());
        assertEquals(
                Optional.of(new Address(InetAddress.ofLiteral("::1"), 7342)),
                config.health().http());
        assertEquals(new LogConfig(Log.Level.DEBUG, Log.Format.JSON), config.log());
    }

    @Test
    void rulesHaveNumbersAndWholePatterns() {
        Rule flow = new Rule(
                "flow",
                Match.of(
                        new CallerSelector.Listener(Set.of("main")),
                        new CallerSelector.Uid(Set.of(1000L)),
                        new CallerSelector.Gid(Set.of(1000L)),
                        new CallerSelector.Groups(Set.of(2000L, 77L))),
                new Grants(
                        List.of(
                                new LocationPattern("secrets", "analytics/production/*"),
                                new LocationPattern("secrets", "analytics/production/work-*"),
                                new LocationPattern("secrets", "**/x")),
                        List.of(new LocationPattern("secrets", "*/production/root-*")),
                        List.of(),
                        Set.of(new Scope("service"), new Scope("batch"))),
                RuleLimits.NONE);
        Rule others = new Rule(
                "others",
                Match.of(new CallerSelector.Listener(Set.of("main", "web"))),
                Grants.of(List.of(), List.of()),
                RuleLimits.NONE);

        assertEquals(List.of(flow, others), Fixture.config(FULL).workloads());
    }

    @Test
    void anEmptyListOfWorkloadsServesNobody() {
        assertEquals(List.of(), Fixture.config("workloads: []").workloads());
    }

    @Test
    void theDefaultRuleIsForTheStoreWhateverItsName() {
        AgentConfig config = Fixture.config("providers: {vaulty: {type: store}}");

        assertEquals("vaulty", config.defaultProvider());
        assertEquals(
                List.of(new LocationPattern("vaulty", "**")),
                config.workloads().getFirst().grants().allow().list());
    }

    @Test
    void theKeyThatSystemdHandsOverIsTheDefault() {
        Map<String, String> environment = Map.of("CREDENTIALS_DIRECTORY", "/run/credentials/latchkey.service");
        Path kek = Path.of("/run/credentials/latchkey.service/kek");

        assertEquals(
                store("store", NamingRule.ANY, kek.toString()),
                new ConfigLoader(Fixture.host(990, environment, Set.of(kek)))
                        .defaults()
                        .store());
        assertEquals(
                store("store", NamingRule.ANY, "kek"),
                new ConfigLoader(Fixture.host(990, environment, Set.of()))
                        .defaults()
                        .store());
    }

    @Test
    void adminSocketMayBeNowhere() {
        assertEquals(
                new AdminConfig.AdminSocket.None(),
                Fixture.config("admin: {socket: none, reveal: none}").admin().socket());
    }

    @Test
    void aMissingFileIsFineUnlessItWasNamed(@TempDir Path folder) {
        ConfigLoader loader = new ConfigLoader(Fixture.host(Map.of()));
        Path file = folder.resolve("agent.yaml");

        assertEquals(new ConfigResult.Loaded(DEFAULTS), loader.load(new Places.ConfigFile(file, false)));
        assertEquals(
                List.of("0:0: there is no such file (name one that is there, or none to have the defaults)"),
                Fixture.lines(loader.load(new Places.ConfigFile(file, true)).problems()));
    }

    @Test
    void aFolderIsNotAConfiguration(@TempDir Path folder) {
        assertEquals(
                List.of("0:0: the file cannot be read (it must be a regular file)"),
                Fixture.lines(
                        new ConfigLoader(Fixture.host(Map.of())).load(folder).problems()));
    }

    @Test
    void refusesAFileThatEveryUserCanWrite(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("agent.yaml"), "project: a b\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));

        List<Problem> problems =
                new ConfigLoader(Fixture.host(Map.of())).load(file).problems();

        assertEquals(2, problems.size(), "the content is checked as well");
        assertEquals(
                "every user of this machine can write the file",
                problems.getFirst().message());
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-r--"));
        assertEquals(
                1,
                new ConfigLoader(Fixture.host(Map.of())).load(file).problems().size());
    }

    @Test
    void aRunningAgentRefusesAFileOfAnotherUser(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("agent.yaml"), "project: a b\n");
        int owner = (Integer) Files.getAttribute(file, "unix:uid");
        Problems problems = new Problems();

        new FileOwner(owner).check(file, problems);
        assertEquals(0, problems.count(), "its own");

        assumeTrue(owner == 0, "needs root, to give a file away");
        Files.setAttribute(file, "unix:uid", 4711);
        Places.ConfigFile named = new Places.ConfigFile(file, true);
        List<Problem> found = new ConfigLoader(Fixture.host(990, Map.of(), Set.of()))
                .loadToRun(named)
                .problems();
        assertEquals(2, found.size(), "the content is checked as well");
        assertEquals(
                "0:0: the file belongs to uid 4711, who could grant himself every secret (chown root " + file
                        + " (or 990, as which the agent runs))",
                Fixture.lines(found).getFirst());
        assertEquals(
                1,
                new ConfigLoader(Fixture.host(990, Map.of(), Set.of()))
                        .load(named)
                        .problems()
                        .size(),
                "who only checks a file need not trust it");
        Files.setAttribute(file, "unix:uid", 0);
        assertEquals(
                1,
                new ConfigLoader(Fixture.host(990, Map.of(), Set.of()))
                        .loadToRun(named)
                        .problems()
                        .size());
        Files.setAttribute(file, "unix:uid", 65534);
        assertEquals(
                2,
                new ConfigLoader(Fixture.host(990, Map.of(), Set.of()))
                        .loadToRun(named)
                        .problems()
                        .size(),
                "nobody is somebody outside of a user namespace");
    }

    @Test
    void thisProcessHasTheUidThatItsFilesHave(@TempDir Path folder) throws IOException {
        assertEquals(
                ((Number) Files.getAttribute(Files.createFile(folder.resolve("x")), "unix:uid")).longValue(),
                Host.current().uid());
        assertTrue(Host.current().accounts().uid("root").isPresent());
    }

    private static ProviderConfig.Store store(String name, NamingRule naming, String... keys) {
        return new ProviderConfig.Store(
                name,
                naming,
                List.of(keys).stream()
                        .<StoreKey>map(key -> new StoreKey.KeyFile(Path.of(key)))
                        .toList());
    }
}
