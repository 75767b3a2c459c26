package dev.latchkey.agent.config;

import dev.latchkey.agent.policy.CallerSelector;
import dev.latchkey.agent.policy.Grants;
import dev.latchkey.agent.policy.Match;
import dev.latchkey.agent.policy.PolicyCheck;
import dev.latchkey.agent.policy.Rule;
import dev.latchkey.agent.policy.RuleProblem;
import dev.latchkey.agent.policy.Selector;
import dev.latchkey.agent.policy.TokenSelector;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.NamingRule;
import dev.latchkey.agent.workload.BearerToken;
import dev.latchkey.agent.yaml.Located;
import dev.latchkey.agent.yaml.Position;
import dev.latchkey.agent.yaml.Problem;
import dev.latchkey.agent.yaml.Problems;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Makes a configuration of a draft, and reports what in it does not fit together. */
final class Assembly {
    private static final String CREDENTIALS = "CREDENTIALS_DIRECTORY";
    private static final Path KEK = Path.of("kek");

    private final Draft draft;
    private final Reading reading;
    private final Problems problems;
    private final Set<String> writtenListeners;
    private final Set<String> listeners;
    private final Namespace namespace;

    /**
     * @param writtenListeners the names of all sockets as the file has them, those that could not be read included
     */
    Assembly(Draft draft, Set<String> writtenListeners, Reading reading) {
        this.draft = draft;
        this.reading = reading;
        this.problems = reading.problems();
        this.writtenListeners =
                new TreeSet<>(writtenListeners.isEmpty() ? Set.of(SocketConfig.DEFAULT_NAME) : writtenListeners);
        this.listeners = Stream.concat(
                        this.writtenListeners.stream(),
                        socketDrafts().stream()
                                .map(socket -> socket.value().name().value()))
                .collect(Collectors.toSet());
        this.namespace = new Namespace(draft.project(), draft.environment());
    }

    AgentConfig assemble() {
        List<SocketConfig> sockets = sockets();
        List<ProviderConfig> providers = providers();
        return new AgentConfig(
                namespace,
                draft.state(),
                sockets,
                providers,
                defaultProvider(storeName(providers)),
                draft.cache(),
                workloads(providers),
                admin(),
                draft.audit(),
                draft.health(),
                draft.log());
    }

    private List<SocketConfig> sockets() {
        List<Located<Draft.Socket>> sockets = socketDrafts();
        requireDistinct(sockets.stream().map(s -> s.value().name()).toList(), "socket name");
        requireDistinct(
                sockets.stream().map(s -> s.value().path().map(Path::toString)).toList(), "socket path");
        sockets.forEach(socket -> checkPath(socket.value().path()));
        requireOwnFolders(sockets.stream().map(s -> s.value().path()).toList());
        return sockets.stream().map(socket -> socket.value().config()).toList();
    }

    private List<Located<Draft.Socket>> socketDrafts() {
        return draft.sockets().map(Located::value).orElse(List.of());
    }

    private void requireDistinct(List<Located<String>> values, String what) {
        Map<String, Position> taken = new HashMap<>();
        for (Located<String> value : values) {
            Position earlier = taken.putIfAbsent(value.value(), value.at());
            if (earlier != null) {
                problems.add(
                        value.at(),
                        "the " + what + " " + written(value) + " is taken",
                        "it stands in line " + earlier.line() + " already");
            }
        }
    }

    /** A folder that is mounted into a container hands over every socket in it: so each is an identity of its own. */
    private void requireOwnFolders(List<Located<Path>> paths) {
        Map<Path, Located<Path>> taken = new HashMap<>();
        for (Located<Path> path : paths) {
            Path folder = Objects.requireNonNullElse(path.value().normalize().getParent(), path.value());
            Located<Path> earlier = taken.putIfAbsent(folder, path);
            if (earlier != null && !earlier.value().equals(path.value())) {
                problems.add(
                        path.at(),
                        "the socket " + written(path.map(Path::toString)) + " lies in the folder of another one",
                        "give each its own folder, which is what containers mount; the other stands in line "
                                + earlier.at().line());
            }
        }
    }

    private void checkPath(Located<Path> path) {
        if (!Places.fits(path.value())) {
            problems.add(
                    path.at(),
                    "the socket's path is over " + Places.MAX_SOCKET_PATH + " bytes: "
                            + written(path.map(Path::toString)),
                    "name a shorter path; the kernel has room for no more");
        }
    }

    private List<ProviderConfig> providers() {
        List<NamedBy.Entry<Draft.Provider>> readable =
                providerEntries().stream().filter(e -> e.value().isPresent()).toList();
        draft.providers().ifPresent(section -> checkOneStore(section.at(), readable));
        List<ProviderConfig> all = new ArrayList<>(readable.stream()
                .map(e -> provider(e.name().value(), e.value().orElseThrow()))
                .toList());
        if (all.stream().noneMatch(ProviderConfig.Store.class::isInstance)) {
            all.add(store(Keys.DEFAULT_STORE, new Draft.Provider.Store(NamingRule.ANY, Optional.empty())));
        }
        return all;
    }

    private ProviderConfig provider(String name, Draft.Provider provider) {
        return switch (provider) {
            case Draft.Provider.Store store -> store(name, store);
            case Draft.Provider.Other(BiFunction<String, Path, ProviderConfig> config) ->
                config.apply(name, reading.expansion().folder());
        };
    }

    /** A section that could not be read may have been the store, so that then none is missed. */
    private void checkOneStore(Position section, List<NamedBy.Entry<Draft.Provider>> readable) {
        List<NamedBy.Entry<Draft.Provider>> stores = readable.stream()
                .filter(e -> e.value().orElseThrow() instanceof Draft.Provider.Store)
                .toList();
        if (stores.isEmpty() && readable.size() == providerEntries().size()) {
            problems.add(section, "providers has none of type 'store'", "add store: {type: store}");
        }
        stores.stream()
                .skip(1)
                .forEach(e -> problems.add(
                        e.name().at(),
                        "providers." + Problems.plain(e.name().value()) + " is a second store",
                        "an agent has one store"));
    }

    private List<NamedBy.Entry<Draft.Provider>> providerEntries() {
        return draft.providers().map(Located::value).orElse(List.of());
    }

    private ProviderConfig.Store store(String name, Draft.Provider.Store provider) {
        List<StoreKey> keys = provider.keys().orElse(List.of()).stream()
                .map(key -> key.apply(reading.expansion().folder()))
                .toList();
        return new ProviderConfig.Store(name, provider.naming(), keys.isEmpty() ? List.of(defaultKey()) : keys);
    }

    /** The key that systemd handed over, if it did; else one beside the store. */
    private StoreKey defaultKey() {
        Host host = reading.host();
        Optional<Path> handedOver =
                host.folder(CREDENTIALS).map(folder -> folder.resolve(KEK)).filter(host.exists());
        return new StoreKey.KeyFile(handedOver.orElse(KEK));
    }

    private Set<String> providerNames(List<ProviderConfig> providers) {
        return Stream.concat(
                        providers.stream().map(ProviderConfig::name),
                        providerEntries().stream().map(e -> e.name().value()))
                .collect(Collectors.toSet());
    }

    private static String storeName(List<ProviderConfig> providers) {
        return providers.stream()
                .filter(ProviderConfig.Store.class::isInstance)
                .map(ProviderConfig::name)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("a configuration without a store"));
    }

    private String defaultProvider(String storeName) {
        Set<String> names = draft.providers().isPresent()
                ? providerEntries().stream().map(e -> e.name().value()).collect(Collectors.toSet())
                : Set.of(storeName);
        draft.defaultProvider()
                .filter(name -> !names.contains(name.value()))
                .ifPresent(name -> problems.add(
                        name.at(),
                        "default-provider names no provider: " + written(name),
                        () -> Suggestion.hintOrAll(
                                "providers", reading.expansion().asWritten(name), new TreeSet<>(names))));
        return draft.defaultProvider().map(Located::value).orElse(storeName);
    }

    private List<Rule> workloads(List<ProviderConfig> providers) {
        if (draft.workloads().isEmpty()) {
            return List.of(DefaultRule.of(reading.host().uid(), providers));
        }
        List<Located<Draft.Workload>> workloads = draft.workloads().orElseThrow();
        PatternReader patterns = new PatternReader(namespace, providers, providerNames(providers), reading);
        workloads.forEach(
                workload -> ArnPatterns.check(providers, workload.value().patterns(), reading));
        List<Rule> rules = workloads.stream()
                .map(workload -> rule(workload.value(), patterns))
                .toList();
        List<Draft.Workload> all = workloads.stream().map(Located::value).toList();
        List<Integer> every = IntStream.range(0, rules.size()).boxed().toList();
        // One that was not read as a whole would match more callers than it says.
        List<Integer> comparable = every.stream()
                .filter(index -> all.get(index).match().value().clean() && !lacksTokens(rules.get(index)))
                .toList();
        Stream.concat(
                        problems(RuleProblem.Part.NAME, every, rules, all),
                        problems(RuleProblem.Part.MATCH, comparable, rules, all))
                .sorted(Comparator.comparingInt(RuleProblem::rule).thenComparing(RuleProblem::part))
                .forEach(problem -> report(problem, all.get(problem.rule())));
        return rules;
    }

    /** What these rules would have if they were all. */
    private Stream<RuleProblem> problems(
            RuleProblem.Part part, List<Integer> indices, List<Rule> rules, List<Draft.Workload> workloads) {
        // SECURITY: a name may have become one by a reference, so that only what the file says of it is shown.
        List<String> shown = indices.stream()
                .map(index -> written(workloads.get(index).name()))
                .toList();
        return PolicyCheck.check(indices.stream().map(rules::get).toList(), shown, surroundings()).stream()
                .filter(problem -> problem.part() == part)
                .map(problem -> new RuleProblem(indices.get(problem.rule()), part, problem.message(), problem.hint()));
    }

    private void report(RuleProblem problem, Draft.Workload workload) {
        Position at = switch (problem.part()) {
            case NAME -> workload.name().at();
            case MATCH -> workload.match().at();
        };
        problems.add(new Problem(at.line(), at.column(), problem.message(), problem.hint()));
    }

    /** Whether not every token could be read. */
    private static boolean lacksTokens(Rule rule) {
        return rule.match().selectors().stream()
                .anyMatch(selector -> selector instanceof TokenSelector(var tokens) && tokens.isEmpty());
    }

    private PolicyCheck.Surroundings surroundings() {
        Set<String> withoutPid = socketDrafts().stream()
                .map(Located::value)
                .filter(socket -> !socket.pidRequired())
                .map(socket -> socket.name().value())
                .collect(Collectors.toSet());
        return new PolicyCheck.Surroundings(
                listeners, withoutPid, notProving(), reading.host().lacking());
    }

    /** Why a socket tells no launcher from others, for each that does not. */
    private Map<String, String> notProving() {
        Map<String, String> reasons = new HashMap<>();
        // A socket that could not be read is a problem of its own.
        Map<String, Draft.Socket> read = socketDrafts().stream()
                .map(Located::value)
                .collect(Collectors.toMap(socket -> socket.name().value(), socket -> socket, (one, _) -> one));
        if (draft.sockets().isEmpty()) {
            reasons.put(SocketConfig.DEFAULT_NAME, "it is the agent's own user's");
        }
        read.forEach((name, socket) -> whyNotProving(socket.config()).ifPresent(why -> reasons.put(name, why)));
        return reasons;
    }

    private Optional<String> whyNotProving(SocketConfig socket) {
        if (!socket.pidRequired()) {
            return Optional.of("it has 'pid: any'");
        }
        if (socket.launcherGroup().isEmpty()) {
            return Optional.of("it is not for a group alone");
        }
        boolean nobody = reading.host().elsewhere().isPresent()
                || reading.host()
                        .accounts()
                        .members(socket.launcherGroup().get())
                        .isEmpty();
        return nobody ? Optional.empty() : Optional.of("its group has members, who could pretend to be the launcher");
    }

    private Rule rule(Draft.Workload workload, PatternReader patterns) {
        Draft.Patterns what = workload.patterns();
        return new Rule(
                workload.name().value(),
                match(workload),
                new Grants(
                        patterns.read(what.allow()),
                        patterns.read(what.deny()),
                        patterns.readOfStore(what.injectAll()),
                        new HashSet<>(what.scopes())),
                workload.limits());
    }

    private Match match(Draft.Workload workload) {
        Draft.Selectors selectors = workload.match().value();
        requireListeners(workload.name(), selectors.listeners());
        List<Selector> all = new ArrayList<>(selectors.others());
        if (!selectors.listeners().isEmpty()) {
            all.add(new CallerSelector.Listener(set(selectors.listeners())));
        }
        if (!selectors.tokenFiles().isEmpty()) {
            all.add(new TokenSelector(tokens(selectors.tokenFiles())));
        }
        return new Match(all);
    }

    private Map<Path, BearerToken> tokens(List<Located<Path>> files) {
        return reading.host().elsewhere().isPresent()
                ? Elsewhere.tokens(files)
                : new TokenFiles(reading.expansion(), problems).read(files);
    }

    private void requireListeners(Located<String> workload, List<Located<String>> named) {
        named.stream()
                .filter(name -> !listeners.contains(name.value()))
                .forEach(name -> problems.add(
                        name.at(),
                        "workload " + written(workload) + " names no socket: " + written(name),
                        () -> Suggestion.hintOrAll(
                                "sockets", reading.expansion().asWritten(name), writtenListeners)));
    }

    private AdminConfig admin() {
        Draft.Admin admin = draft.admin();
        admin.socket().ifPresent(this::checkAdminSocket);
        admin.roles().stream()
                .filter(role ->
                        role.value().uid().isPresent() == role.value().gid().isPresent())
                .forEach(role ->
                        problems.add(role.at(), "a role is for a uid or for a group", "write exactly one of the two"));
        return new AdminConfig(
                admin.socket().map(Located::value).orElseGet(AdminConfig.AdminSocket.InState::new),
                Set.copyOf(admin.reveal()),
                admin.roles().stream()
                        .map(Located::value)
                        .filter(role -> role.uid().isPresent() != role.gid().isPresent())
                        .map(role -> new AdminConfig.Grant(role.uid(), role.gid(), role.role()))
                        .toList());
    }

    private void checkAdminSocket(Located<AdminConfig.AdminSocket> socket) {
        if (!(socket.value() instanceof AdminConfig.AdminSocket.At(Path path))) {
            return;
        }
        checkPath(new Located<>(path, socket.at()));
        socketDrafts().stream()
                .filter(workload ->
                        Places.besideEachOther(path, workload.value().path().value()))
                .findFirst()
                .ifPresent(workload -> problems.add(
                        socket.at(),
                        "the admin socket lies beside the workload socket "
                                + written(workload.value().name()),
                        "place it in a folder of its own: whoever may enter the one must not enter the other"));
    }

    private String written(Located<String> value) {
        return Problems.quote(reading.expansion().asWritten(value));
    }

    private static <T> Set<T> set(List<Located<T>> values) {
        return values.stream().map(Located::value).collect(Collectors.toSet());
    }
}
