package dev.latchkey.agent;

import dev.latchkey.agent.admin.Accountability;
import dev.latchkey.agent.admin.ConsumerCommands;
import dev.latchkey.agent.admin.CustodyCommands;
import dev.latchkey.agent.admin.ImportCommands;
import dev.latchkey.agent.admin.LoggedRecords;
import dev.latchkey.agent.admin.OversightCommands;
import dev.latchkey.agent.admin.PlaceCommands;
import dev.latchkey.agent.admin.PolicyExplainer;
import dev.latchkey.agent.admin.SecretCommands;
import dev.latchkey.agent.admin.http.AdminServer;
import dev.latchkey.agent.admin.http.AdminSettings;
import dev.latchkey.agent.admin.http.Reach;
import dev.latchkey.agent.admin.http.Routes;
import dev.latchkey.agent.admin.view.ExplanationView;
import dev.latchkey.agent.admin.view.RefreshedView;
import dev.latchkey.agent.admin.view.StatusView.ProbeView;
import dev.latchkey.agent.audit.AuditClock;
import dev.latchkey.agent.audit.AuditEvent;
import dev.latchkey.agent.audit.AuditLog;
import dev.latchkey.agent.audit.AuditSettings;
import dev.latchkey.agent.audit.Checkpoints;
import dev.latchkey.agent.audit.FileAuditLog;
import dev.latchkey.agent.audit.SigningKey;
import dev.latchkey.agent.config.Accounts;
import dev.latchkey.agent.config.AgentConfig;
import dev.latchkey.agent.config.ConfigSecrets;
import dev.latchkey.agent.config.Host;
import dev.latchkey.agent.config.RunPlaces;
import dev.latchkey.agent.config.SocketConfig;
import dev.latchkey.agent.config.StoreKey;
import dev.latchkey.agent.consumers.Consumers;
import dev.latchkey.agent.consumers.EpollWatch;
import dev.latchkey.agent.consumers.Room;
import dev.latchkey.agent.crypto.KeyMemory;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.health.Readiness;
import dev.latchkey.agent.health.http.HealthServer;
import dev.latchkey.agent.injection.Explainer;
import dev.latchkey.agent.injection.Injection;
import dev.latchkey.agent.injection.Providers;
import dev.latchkey.agent.memory.LockedMemory;
import dev.latchkey.agent.provider.store.StoreProvider;
import dev.latchkey.agent.reference.ReferenceParser;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.server.Limits;
import dev.latchkey.agent.server.Services;
import dev.latchkey.agent.server.WorkloadServer;
import dev.latchkey.agent.store.EmbeddedStore;
import dev.latchkey.agent.store.StateFolder;
import dev.latchkey.agent.store.StoreConfig;
import dev.latchkey.agent.sys.ErrnoException;
import dev.latchkey.agent.telemetry.Event;
import dev.latchkey.agent.telemetry.Key;
import dev.latchkey.agent.telemetry.Log;
import dev.latchkey.agent.workload.Caller;
import dev.latchkey.agent.workload.linux.LinuxAttestor;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * All parts, constructed in the order in which they need each other and stopped in the reverse. Serves from construction until it is
 * closed; a constructor that throws leaves nothing open.
 */
final class Agent implements AutoCloseable {
    /** How long what runs may take to finish once the agent is told to stop. */
    private static final Duration DRAIN = Duration.ofSeconds(10);

    private final Log log;
    private final Host host;
    private final Readiness readiness = new Readiness();
    private final Undo undo = new Undo();
    private final Adapters adapters;
    private final Backends backends;
    private final ConfigSecrets secrets;
    private final StoreKeys storeKeys;
    private final EmbeddedStore store;
    private final AuditLog audit;
    private final AtomicReference<InForce> inForce;
    private long drainEnd;

    /**
     * What is given to an agent from outside.
     *
     * @param probes of the process, made before
     * @param completion reads the configuration again where it names secrets of the store
     */
    record Base(
            String version,
            Host host,
            Clock clock,
            SecureRandom random,
            Log log,
            List<ProbeView> probes,
            Completion completion) {}

    /** The configuration with what only the open store can tell. */
    interface Completion {
        /**
         * @throws AgentException of kind {@code BAD_CONFIGURATION}
         */
        AgentConfig complete(ConfigSecrets secrets);
    }

    /**
     * Starts everything; the workload sockets come last.
     *
     * @throws AgentException for whatever keeps it from serving; then nothing is left open
     */
    Agent(AgentConfig read, RunPlaces places, Base base) {
        this.log = base.log();
        this.host = base.host();
        boolean started = false;
        try {
            LockedMemory memory =
                    new LockedMemory(reason -> log.warn(Event.HARDENING_INCOMPLETE, Key.MESSAGE.of(reason)));
            KeyMemory keys = new KeyMemory(memory);
            StoreNews news = new StoreNews(log);
            StateFolder state = undo.closing(StateFolder.open(places.state(), news));
            state.refuseEmptiedStore(SigningKey.FILE);
            this.storeKeys = undo.closing(new StoreKeys(new KeyAdapters(places, base, keys)::made));
            this.store = undo.closing(EmbeddedStore.open(
                    state,
                    new StoreConfig(
                            storeKeys.of(read.store().keys()),
                            keys,
                            read.store().naming()),
                    news,
                    base.clock(),
                    base.random()));
            StoreProvider ours = new StoreProvider(read.store().name(), store);
            this.secrets = new StoreSecrets(ours, read.namespace());
            AgentConfig config = base.completion().complete(secrets);
            AuditSettings auditSettings = Translation.audit(config.audit(), places);
            FileAuditLog chain = undo.closing(FileAuditLog.open(auditSettings, AuditClock.system(), readiness, log));
            Checkpoints checkpoints = undo.closing(chain.signWith(SigningKey.open(
                    state.path(), base.random(), file -> log.info(Event.AUDIT_KEY_CREATED, Key.FILE.of(file)))));
            this.audit = chain;
            this.backends = new Backends(config.cache(), keys, base.random(), log);
            undo.by(() -> backends.stop(drainTime()));
            this.adapters = new Adapters(host, base.clock(), _ -> ours, backends::cached);
            Providers providers = adapters.of(config);
            backends.serving(providers);
            this.inForce = new AtomicReference<>(InForce.of(config, host, providers));
            chain.append(new AuditEvent.Started(base.version(), policyVersion()));
            undo.by(() -> chain.append(new AuditEvent.Stopped()));

            EventLoopGroup loops = undo.closing(new Loops()).group();
            LinuxAttestor attestor = new LinuxAttestor();
            Limits limits = Limits.defaults();
            Consumers consumers = undo.closing(
                    new Consumers(new EpollWatch(), Room.ofThisProcess(limits.connections()), base.clock()));
            config.health()
                    .http()
                    .ifPresent(address ->
                            undo.closing(new HealthServer(address.toSocketAddress(), loops, readiness, log)));
            Parts parts = new Parts(store, memory, auditSettings, loops, consumers, base.probes());
            Optional<Operators> operators = places.adminSocket().map(path -> listen(path, places, parts));
            serveWorkloads(places, new Workloads(attestor, consumers, limits), memory);
            readiness.serving();
            // What operators are served by takes its time to be made, and workloads have nothing of it.
            operators.ifPresent(o -> o.server().serve(routes(places, base, parts, o.accountability())));
            checkpoints.begin();
            backends.prepare();
            undo.by(readiness::draining);
            started = true;
        } finally {
            if (!started) {
                undo.close();
            }
        }
    }

    /** What the admin interface is made of besides the configuration. */
    private record Parts(
            EmbeddedStore store,
            LockedMemory memory,
            AuditSettings audit,
            EventLoopGroup loops,
            Consumers consumers,
            List<ProbeView> probes) {}

    /** Who is served, and who they are afterwards. */
    private record Workloads(LinuxAttestor attestor, Consumers consumers, Limits limits) {}

    /** Where operators wait until they are served, and what is written down of them. */
    private record Operators(AdminServer server, Accountability accountability) {}

    private Operators listen(Path socket, RunPlaces places, Parts parts) {
        Accountability accountability =
                new Accountability(audit, () -> inForce.get().access());
        Executor workers = task -> Thread.ofVirtual().name("admin").start(task);
        AdminServer server = new AdminServer(
                socket,
                new AdminServer.Base(parts.loops(), workers, Agent::identifyOperator, accountability, log),
                AdminSettings.usual(
                        reach(places), () -> inForce.get().settings().namespace()));
        undo.by(() -> server.drain(drainTime()));
        return new Operators(server, accountability);
    }

    private Routes routes(RunPlaces places, Base base, Parts parts, Accountability accountability) {
        StatusReport status = new StatusReport(
                base.version(),
                base.clock().instant(),
                base.clock(),
                places,
                () -> inForce.get().config(),
                readiness,
                parts.store(),
                parts.store(),
                parts.memory(),
                backends,
                parts.consumers(),
                parts.probes());
        OversightCommands oversight = new OversightCommands(
                accountability,
                readiness,
                status,
                explainer(places.sockets().stream().map(SocketConfig::name).toList()),
                new LoggedRecords(parts.audit().path()),
                this::refresh);
        return new Routes(
                new SecretCommands(accountability, parts.store()),
                new ImportCommands(
                        accountability, parts.store(), new ProviderSecrets(this::providers, System::nanoTime)),
                new PlaceCommands(accountability, parts.store()),
                new CustodyCommands(accountability, parts.store()),
                oversight,
                new ConsumerCommands(
                        accountability, parts.consumers(), new VersionsInForce(parts.store(), backends, inForce::get)),
                base.clock());
    }

    private Providers providers() {
        return inForce.get().settings().providers();
    }

    private RefreshedView refresh(String reference, Namespace defaults) {
        SecretLocation location = providers().locate(ReferenceParser.parse(reference), defaults);
        return new RefreshedView(location.toString(), backends.refresh(location));
    }

    /** The accounts are read for each question, because an operator may just have changed them. */
    private PolicyExplainer explainer(List<String> listeners) {
        Explainer explainer = new Explainer(() -> inForce.get().settings());
        return question -> {
            SupposedCaller.Place place =
                    new SupposedCaller.Place(listeners, inForce.get().settings().policy(), Accounts.ofThisMachine());
            SupposedCaller supposed = SupposedCaller.of(question.caller(), place);
            return explainer
                    .explain(
                            supposed.workload(),
                            Optional.of(question.defaults().project().text()),
                            Optional.of(question.defaults().environment().text()),
                            question.references())
                    .stream()
                    .map(e -> new ExplanationView(
                            e.reference(), e.decision().text(), e.rule(), supposed.reason(e.reason())))
                    .toList();
        };
    }

    /** In the state folder, which is the owner's alone, nobody else could reach the socket whatever its mode. */
    private Reach reach(RunPlaces places) {
        boolean hidden = places.adminSocket().orElseThrow().startsWith(places.state());
        return hidden ? new Reach.Owner() : Reach.of(inForce.get().access());
    }

    private static Caller identifyOperator(int socket) throws IOException {
        try {
            return LinuxAttestor.identify(socket, "admin");
        } catch (ErrnoException e) {
            throw new IOException(e);
        }
    }

    private void serveWorkloads(RunPlaces places, Workloads workloads, LockedMemory memory) {
        Injection injection = new Injection(() -> inForce.get().settings(), audit, memory, Clock.systemUTC());
        Services services = new Services(injection, workloads.attestor(), workloads.consumers(), readiness, audit, log);
        WorkloadServer server = new WorkloadServer(services, workloads.limits());
        server.start(places.sockets().stream().map(Translation::listener).toList());
        undo.by(() -> server.drain(drainTime()));
    }

    /** What the configuration may name of the store. */
    ConfigSecrets secrets() {
        return secrets;
    }

    /** The configuration in force. */
    AgentConfig config() {
        return inForce.get().config();
    }

    String policyVersion() {
        return inForce.get().settings().policy().version();
    }

    /**
     * Puts a newly loaded configuration in force, as far as it can change while the agent runs; the rest stays as it was.
     *
     * @throws AgentException if the change cannot be recorded, or its keys do not open the store; then the old one stays
     */
    void adopt(AgentConfig config) {
        AgentConfig before = inForce.get().config();
        AgentConfig after = before.takingOver(config);
        Providers providers = adapters.of(after, before, providers());
        InForce next = InForce.of(after, host, providers);
        List<StoreKey> keys = after.store().keys();
        if (!keys.equals(before.store().keys())) {
            storeKeys.replace(before.store().keys(), keys, store::useKeys);
        }
        audit.append(new AuditEvent.PolicyChanged(next.settings().policy().version()));
        backends.serving(providers);
        inForce.set(next);
    }

    /** What is left of the ten seconds that all servers have together, counted from the first that asks. */
    private Duration drainTime() {
        long now = System.nanoTime();
        if (drainEnd == 0) {
            drainEnd = now + DRAIN.toNanos();
        }
        return Duration.ofNanos(Math.max(0, drainEnd - now));
    }

    /** Stops accepting, lets what runs finish for at most ten seconds, and closes everything. */
    @Override
    public void close() {
        undo.close();
    }

    /** The threads that everything but the workload sockets shares. */
    private static final class Loops implements AutoCloseable {
        private static final long CLOSING_MILLIS = 2_000;

        private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("admin", true), EpollIoHandler.newFactory());

        EventLoopGroup group() {
            return group;
        }

        @Override
        public void close() {
            // Where there is no memory left, nobody can be told that it ended.
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(CLOSING_MILLIS);
        }
    }
}
