package dev.latchkey.agent.config;

import dev.latchkey.agent.policy.RuleLimits;
import dev.latchkey.agent.secret.EnvironmentName;
import dev.latchkey.agent.secret.ProjectName;
import dev.latchkey.agent.secret.Scope;
import dev.latchkey.agent.telemetry.Log;
import dev.latchkey.agent.yaml.Located;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Every key of {@code agent.yaml}, in the order of the reference page, with its type, meaning and default. */
final class Keys {
    static final String DEFAULT_STORE = "store";

    /** What holds without the section. */
    static final AuditConfig DEFAULT_AUDIT =
            new AuditConfig(Path.of("audit.log"), AuditConfig.Durability.WRITE, 100L << 20, Duration.ZERO);

    static final CacheConfig DEFAULT_CACHE =
            new CacheConfig(Duration.ofMinutes(5), Duration.ZERO, Duration.ofSeconds(10));
    static final HealthConfig DEFAULT_HEALTH = new HealthConfig(Optional.empty());
    static final LogConfig DEFAULT_LOG = new LogConfig(Log.Level.INFO, Log.Format.LOGFMT);
    static final Draft.Admin DEFAULT_ADMIN = new Draft.Admin(Optional.empty(), List.of(), List.of());

    static final Section<Draft.Socket> SOCKET = socket();
    static final Section<Draft.Selectors> MATCH = MatchKeys.SECTION;
    static final Section<RuleLimits> LIMITS = limits();
    static final Section<Draft.Workload> WORKLOAD = workload();
    static final Section<Draft.Grant> GRANT = grant();

    static final Key<AdminConfig.AdminSocket> ADMIN_SOCKET = Key.of(
                    "socket",
                    Scalars.ADMIN_SOCKET,
                    "where admin commands reach the agent: an absolute path outside the folders of the workload sockets, or `none`",
                    "`admin.sock` in the state folder")
            .atRestart();
    static final Key<List<Located<Set<AdminConfig.Role>>>> REVEAL = Key.of(
            "reveal",
            ListOf.oneOrMore(revealers()),
            "the roles that may read a value back",
            "`none`: values are never shown after creation");
    static final Key<List<Located<Draft.Grant>>> ROLES = Key.of(
            "roles",
            ListOf.of(GRANT),
            "who may use the admin interface besides root and the agent's own user; the first that fits decides",
            "nobody else");
    static final Section<Draft.Admin> ADMIN = admin();

    static final Section<AuditConfig> AUDIT = audit();
    static final Section<HealthConfig> HEALTH = health();
    static final Key<Log.Level> LOG_LEVEL =
            Key.of("level", Choice.of(Log.Level.class), "the least severe lines that are written", "`info`");
    static final Key<Log.Format> LOG_FORMAT = Key.of(
                    "format", Choice.of(Log.Format.class), "the form of a line", "`logfmt`")
            .atRestart();
    static final Section<LogConfig> LOG = log();

    static final Key<ProjectName> PROJECT =
            Key.of("project", Scalars.PROJECT, "the project of names that say none", "`default`");
    static final Key<EnvironmentName> ENVIRONMENT =
            Key.of("environment", Scalars.ENVIRONMENT, "the environment of names that say none", "`default`");
    static final Key<Path> STATE = Key.of(
                    "state",
                    Scalars.ABSOLUTE_PATH,
                    "the folder of the store, the audit log and the admin socket",
                    "systemd's `STATE_DIRECTORY`, else `/var/lib/latchkey` as root, else `~/.local/state/latchkey`")
            .atRestart();
    static final Key<List<Located<Draft.Socket>>> SOCKETS = Key.of(
                    "sockets",
                    ListOf.nonEmpty(SOCKET),
                    "the sockets that workloads connect to; `--socket` and `LATCHKEY_SOCKET` replace the path of the first",
                    "one named `main`, mode `0600`, at the default place")
            .atRestart();
    static final Key<List<NamedBy.Entry<Draft.Provider>>> PROVIDERS = Key.of(
            "providers",
            new NamedBy<>("a provider", "[a-z][a-z0-9-]*", List.of("arn"), ProviderKeys.TYPES),
            "the places that have secrets, each under the name that references use; exactly one is of type `store`,"
                    + " and where that one changes all of them and `default-provider` wait for a restart",
            "the embedded store, named `store`");
    static final Key<String> DEFAULT_PROVIDER = Key.of(
            "default-provider",
            Scalars.NAME,
            "the provider of references that name none",
            "the provider of type `store`");
    static final Key<CacheConfig> CACHE = Key.of(
                    "cache",
                    cache(),
                    "how long what providers fetch over a network counts; it is kept in memory only, encrypted",
                    "its keys' defaults")
            .atRestart();
    static final Key<List<Located<Draft.Workload>>> WORKLOADS = Key.of(
            "workloads",
            ListOf.of(WORKLOAD),
            "who may have what; the first that matches decides, and what no rule allows is denied",
            "one rule `default`: the agent's own user may have everything");
    static final Key<Draft.Admin> ADMIN_KEY = Key.of("admin", ADMIN, "the admin interface", "its keys' defaults");
    static final Key<AuditConfig> AUDIT_KEY =
            Key.of("audit", AUDIT, "the audit log", "its keys' defaults").atRestart();
    static final Key<HealthConfig> HEALTH_KEY = Key.of(
                    "health", HEALTH, "an address for probes that have no exec", "there is none")
            .atRestart();
    static final Key<LogConfig> LOG_KEY =
            Key.of("log", LOG, "the agent's own log lines, on stderr", "its keys' defaults");

    /** The whole file. */
    static final Section<Draft> ROOT = root();

    private Keys() {}

    private static Section<Draft> root() {
        List<Key<?>> keys = List.of(
                PROJECT,
                ENVIRONMENT,
                STATE,
                SOCKETS,
                PROVIDERS,
                DEFAULT_PROVIDER,
                CACHE,
                WORKLOADS,
                ADMIN_KEY,
                AUDIT_KEY,
                HEALTH_KEY,
                LOG_KEY,
                Key.later("telemetry", "an address for metrics"),
                Key.later("credentials", "a socket for systemd's LoadCredential"));
        return new Section<>(
                keys,
                f -> new Draft(
                        f.get(PROJECT, ProjectName.DEFAULT),
                        f.get(ENVIRONMENT, EnvironmentName.DEFAULT),
                        f.find(STATE).map(Located::value),
                        f.find(SOCKETS),
                        f.find(PROVIDERS),
                        f.find(DEFAULT_PROVIDER),
                        f.get(CACHE, DEFAULT_CACHE),
                        f.find(WORKLOADS).map(Located::value),
                        f.get(ADMIN_KEY, DEFAULT_ADMIN),
                        f.get(AUDIT_KEY, DEFAULT_AUDIT),
                        f.get(HEALTH_KEY, DEFAULT_HEALTH),
                        f.get(LOG_KEY, DEFAULT_LOG)));
    }

    private static Section<Draft.Socket> socket() {
        Key<String> name = Key.required("name", Scalars.NAME, "what rules and audit records call it");
        Key<Path> path = Key.required("path", Scalars.ABSOLUTE_PATH, "where it is, in at most 107 bytes");
        Key<Integer> mode =
                Key.of("mode", Scalars.MODE, "its permission bits, octal", "`0600`, or `0660` if a group is named");
        Key<Long> group =
                Key.of("group", Scalars.GROUP, "the group that owns it, a name or a number", "the agent's own");
        Key<Boolean> pid = Key.of(
                "pid",
                Choice.of(List.of(true, false), required -> required ? "required" : "any"),
                "whether a caller must be in a PID namespace that the agent sees; `any` serves the others too",
                "`required`");
        return new Section<>(
                List.of(name, path, mode, group, pid),
                f -> new Draft.Socket(
                        f.required(name),
                        f.required(path),
                        f.find(mode).map(Located::value),
                        f.find(group).map(Located::value),
                        f.get(pid, true)));
    }

    private static Section<Draft.Workload> workload() {
        Key<String> name = Key.required("name", Scalars.NAME, "what decisions and audit records call the rule");
        Key<Draft.Selectors> match = Key.required(
                "match",
                MATCH,
                "the callers it is for: every selector given must fit, and any one item of a list is enough");
        Key<List<Located<String>>> allow = Key.of(
                "allow",
                ListOf.of(Scalars.LOCATION_PATTERN),
                "what they may have, as `PROVIDER:PATH`; `*` stops at `/`, `**` does not; a store's PATH without `/` lies in the default project and environment",
                "nothing");
        Key<List<Located<String>>> deny = Key.of(
                "deny",
                ListOf.of(Scalars.LOCATION_PATTERN),
                "what they may not have, whatever `allow` says",
                "nothing");
        Key<List<Located<String>>> injectAll = Key.of(
                "inject-all",
                ListOf.of(Scalars.STORE_PATTERN),
                "what of the store a launcher gets that asks for everything; of that only what `allow` and `deny` leave",
                "nothing");
        Key<List<Located<Scope>>> scopes = Key.of(
                "scopes",
                ListOf.of(Scalars.SCOPE),
                "the scopes of secrets that they may have",
                "only secrets without scopes");
        Key<RuleLimits> limits = Key.of(
                "limits",
                LIMITS,
                "how often they may ask, all of them together; beyond it they are told to wait",
                "no limit");
        return new Section<>(
                List.of(name, match, allow, deny, injectAll, scopes, limits),
                f -> new Draft.Workload(
                        f.required(name),
                        f.required(match),
                        new Draft.Patterns(
                                f.get(allow, List.of()),
                                f.get(deny, List.of()),
                                f.get(injectAll, List.of()),
                                values(f.get(scopes, List.of()))),
                        f.get(limits, RuleLimits.NONE)));
    }

    static Section<RuleLimits> limits() {
        Key<RuleLimits.Rate> rate = Key.of(
                "rate", Scalars.RATE, "requests in a second, a minute or an hour; as many may come at once", "any");
        Key<Integer> concurrent = Key.of("concurrent", Scalars.COUNT, "requests that run at once", "any");
        return new Section<>(
                List.of(rate, concurrent),
                f -> new RuleLimits(
                        f.find(rate).map(Located::value), f.find(concurrent).map(Located::value)));
    }

    private static Section<Draft.Grant> grant() {
        Key<Long> uid = Key.of("uid", Scalars.USER, "the user, a name or a number", "the group decides");
        Key<Long> group = Key.of("group", Scalars.GROUP, "the group, a name or a number", "the user decides");
        Key<AdminConfig.Role> role = Key.required("role", Choice.of(AdminConfig.Role.class), "what they may do");
        return new Section<>(
                List.of(uid, group, role),
                f -> new Draft.Grant(
                        f.find(uid).map(Located::value),
                        f.find(group).map(Located::value),
                        f.required(role).value()));
    }

    private static Section<Draft.Admin> admin() {
        return new Section<>(
                List.of(ADMIN_SOCKET, REVEAL, ROLES, Key.later("http", "an address for the admin page")),
                f -> new Draft.Admin(
                        f.find(ADMIN_SOCKET),
                        values(f.get(REVEAL, List.of())).stream()
                                .flatMap(Set::stream)
                                .toList(),
                        f.get(ROLES, List.of())));
    }

    private static Section<AuditConfig> audit() {
        Key<Path> path =
                Key.of("path", Scalars.PATH, "the file; relative paths begin in the state folder", "`audit.log`");
        Key<AuditConfig.Durability> durability = Key.of(
                "durability",
                Choice.of(AuditConfig.Durability.class),
                "what a record survives before anything is served: `write` the end of the agent, `fsync` that of the machine",
                "`write`");
        Key<Long> rotate =
                Key.of("rotate", Scalars.SIZE, "the size at which a new file is begun; `0`: never", "`100MiB`");
        Key<Duration> keep =
                Key.of("keep", Scalars.DURATION, "how long a file that was rotated away is kept; `0`: for ever", "`0`");
        return new Section<>(
                List.of(path, durability, rotate, keep),
                f -> new AuditConfig(
                        f.get(path, DEFAULT_AUDIT.path()),
                        f.get(durability, DEFAULT_AUDIT.durability()),
                        f.get(rotate, DEFAULT_AUDIT.rotateBytes()),
                        f.get(keep, DEFAULT_AUDIT.keep())));
    }

    private static Section<CacheConfig> cache() {
        Key<Duration> ttl = Key.of(
                "ttl",
                Scalars.DURATION,
                "of a value; in its last fifth it is fetched again as soon as a launch asks for it; `0`: fetched each time",
                "`5m`");
        Key<Duration> stale = Key.of(
                "stale-if-error",
                Scalars.DURATION,
                "how much longer a value counts while its backend cannot be asked; it is then marked as stale",
                "`0`: a launch fails");
        Key<Duration> negative = Key.of(
                "negative-ttl",
                Scalars.DURATION,
                "of an answer that a secret does not exist, or is denied to the agent",
                "`10s`");
        return new Section<>(
                List.of(ttl, stale, negative),
                f -> new CacheConfig(
                        f.get(ttl, DEFAULT_CACHE.ttl()),
                        f.get(stale, DEFAULT_CACHE.staleIfError()),
                        f.get(negative, DEFAULT_CACHE.negativeTtl())));
    }

    private static Section<HealthConfig> health() {
        Key<Address> http =
                Key.of("http", Scalars.ADDRESS, "`IP:PORT` with only `/ready` and `/live`", "there is none");
        return new Section<>(List.of(http), f -> new HealthConfig(f.find(http).map(Located::value)));
    }

    private static Section<LogConfig> log() {
        return new Section<>(
                List.of(LOG_LEVEL, LOG_FORMAT),
                f -> new LogConfig(f.get(LOG_LEVEL, DEFAULT_LOG.level()), f.get(LOG_FORMAT, DEFAULT_LOG.format())));
    }

    private static Choice<Set<AdminConfig.Role>> revealers() {
        Stream<Set<AdminConfig.Role>> roles =
                Stream.of(AdminConfig.Role.values()).map(Set::of);
        return Choice.of(
                Stream.concat(Stream.of(Set.<AdminConfig.Role>of()), roles).toList(),
                set -> set.stream().map(AdminConfig.Role::text).findFirst().orElse("none"));
    }

    static <T> List<T> values(List<Located<T>> located) {
        return located.stream().map(Located::value).toList();
    }
}
