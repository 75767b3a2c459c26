package dev.latchkey.agent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReloadDiffTest {
    private static final AgentConfig DEFAULTS = Fixture.config("");

    @Test
    void nothingChangesInTheSameFile() {
        assertTrue(ReloadDiff.between(DEFAULTS, Fixture.config("log: {level: info}"))
                .isEmpty());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "project | project: p",
                "environment | environment: e",
                "workloads | workloads: []",
                "admin.reveal | admin: {reveal: admin}",
                "admin.roles | admin: {roles: [{uid: 1, role: viewer}]}",
                "log.level | log: {level: debug}",
                "providers.store.key | providers: {store: {type: store, key: {type: file, path: /k}}}",
            })
    void isTakenOverAtOnce(String key, String yaml) {
        AgentConfig loaded = Fixture.config(yaml);

        assertEquals(new ReloadDiff(List.of(key), List.of()), ReloadDiff.between(DEFAULTS, loaded));
        assertEquals(loaded, DEFAULTS.takingOver(loaded));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "state | state: /s",
                "sockets | sockets: [{name: main, path: /run/x/a.sock}]",
                "providers | providers: {store: {type: store, naming: dns}}",
                "admin.socket | admin: {socket: none}",
                "cache | cache: {ttl: 1m}",
                "audit | audit: {durability: fsync}",
                "health | health: {http: 127.0.0.1:1}",
                "log.format | log: {format: json}",
            })
    void waitsForTheNextStart(String key, String yaml) {
        AgentConfig loaded = Fixture.config(yaml);

        assertEquals(new ReloadDiff(List.of(), List.of(key)), ReloadDiff.between(DEFAULTS, loaded));
        assertEquals(DEFAULTS, DEFAULTS.takingOver(loaded));
    }

    @Test
    void providersBesideTheStoreAreTakenOverWithTheirDefaultAndItsRule() {
        AgentConfig loaded = Fixture.config("providers: {store: {type: store}, e: {type: env}}\ndefault-provider: e\n");

        assertEquals(
                new ReloadDiff(List.of("providers", "default-provider", "workloads"), List.of()),
                ReloadDiff.between(DEFAULTS, loaded));
        assertEquals(loaded, DEFAULTS.takingOver(loaded));
    }

    @Test
    void providersWaitWhereTheStoreChanges() {
        AgentConfig loaded = Fixture.config("providers: {store: {type: store, naming: dns}, e: {type: env}}\n");

        assertEquals(List.of("providers"), ReloadDiff.between(DEFAULTS, loaded).restart());
        assertEquals(DEFAULTS.providers(), DEFAULTS.takingOver(loaded).providers());
    }

    @Test
    void defaultRuleFollowsTheProvidersInForce() {
        AgentConfig loaded = Fixture.config("providers: {renamed: {type: store}}\nproject: p\n");

        AgentConfig inForce = DEFAULTS.takingOver(loaded);

        assertEquals(DEFAULTS.workloads(), inForce.workloads());
        assertEquals(DEFAULTS.providers(), inForce.providers());
        assertEquals("store", inForce.defaultProvider());
        assertEquals(loaded.namespace(), inForce.namespace());
    }

    @Test
    void writtenRulesAreTakenOverAsTheyAre() {
        AgentConfig loaded = Fixture.config("""
                providers: {renamed: {type: store}}
                workloads: [{name: w, match: {uid: 1}, allow: ["renamed:**"]}]
                """);

        assertEquals(loaded.workloads(), DEFAULTS.takingOver(loaded).workloads());
    }

    @Test
    void tellsAllChangesInTheOrderOfTheKeys() {
        AgentConfig loaded =
                Fixture.config("providers: {p: {type: store}}\nlog: {level: warn, format: json}\nproject: x\n");

        assertEquals(
                new ReloadDiff(
                        List.of("project", "workloads", "log.level"),
                        List.of("providers", "default-provider", "log.format")),
                ReloadDiff.between(DEFAULTS, loaded));
    }

    @Test
    void comparesEveryKeyThatIsAvailable() {
        Stream<String> whole = Keys.ROOT.keys().stream()
                .filter(Key::available)
                .filter(key -> !key.equals(Keys.ADMIN_KEY) && !key.equals(Keys.LOG_KEY))
                .map(Key::name);
        Stream<String> admin = Keys.ADMIN.keys().stream().filter(Key::available).map(key -> "admin." + key.name());
        Stream<String> log = Keys.LOG.keys().stream().map(key -> "log." + key.name());

        Stream<String> store = Stream.of("providers.store.key");

        assertEquals(
                Stream.of(whole, admin, log, store)
                        .flatMap(names -> names)
                        .sorted()
                        .toList(),
                ReloadDiff.comparedKeys().stream().sorted().toList());
    }
}
