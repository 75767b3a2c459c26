package dev.latchkey.agent.admin;

import dev.latchkey.agent.admin.http.AdminServer;
import dev.latchkey.agent.admin.http.AdminSettings;
import dev.latchkey.agent.admin.http.Reach;
import dev.latchkey.agent.admin.http.Routes;
import dev.latchkey.agent.admin.view.ExplanationView;
import dev.latchkey.agent.admin.view.RefreshedView;
import dev.latchkey.agent.admin.view.StatusView;
import dev.latchkey.agent.consumers.Consumers;
import dev.latchkey.agent.consumers.FakeProcess;
import dev.latchkey.agent.consumers.FakeWatch;
import dev.latchkey.agent.consumers.Room;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.health.Readiness;
import dev.latchkey.agent.secret.Holding;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.telemetry.Log;
import dev.latchkey.agent.workload.Caller;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A whole admin interface on a real socket, with fakes behind it and a peer of any uid before it. */
public final class AdminFixture implements AutoCloseable {
    public static final long AGENT_UID = 900;
    public static final long EDITOR = 1001;
    public static final long VIEWER = 1002;
    public static final long NOBODY = 1003;
    public static final Clock CLOCK = Clock.fixed(FakeStore.NOW, ZoneOffset.UTC);

    public final FakeStore store = new FakeStore();
    public final FakeAudit audit = new FakeAudit();
    public final FakeOutside outside = new FakeOutside();
    public final FakeCustody custody = new FakeCustody();
    public final Consumers consumers = consumers();
    public final Readiness readiness = new Readiness();
    public final ByteArrayOutputStream logged = new ByteArrayOutputStream();
    public final Path folder;
    public final Path socket;

    /** Who connects next. */
    public volatile Caller peer = new Caller("", 42, AGENT_UID, AGENT_UID, List.of());

    public volatile Access access = new Access(
            AGENT_UID,
            List.of(new RoleGrant.ToUser(EDITOR, Role.EDITOR), new RoleGrant.ToUser(VIEWER, Role.VIEWER)),
            Set.of());

    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final AdminServer.Base base;
    private final AdminSettings settings;
    private final Routes routes;
    public final AdminServer server;

    public AdminFixture() throws IOException {
        this(Duration.ofSeconds(10), 32);
    }

    public AdminFixture(Duration deadline, int connections) throws IOException {
        folder = Files.createTempDirectory("admin");
        socket = folder.resolve("admin.sock");
        readiness.serving();
        Accountability accountability = new Accountability(audit, () -> access);
        routes = routes(accountability);
        Log log = new Log(
                new PrintStream(logged, true, StandardCharsets.UTF_8), CLOCK, Log.Level.DEBUG, Log.Format.LOGFMT);
        base = new AdminServer.Base(group, workers, _ -> peer, accountability, log);
        settings = new AdminSettings(
                new Reach.Owner(), () -> Namespace.DEFAULT, deadline, Duration.ofSeconds(10), connections);
        server = another(socket);
    }

    /** Of processes that are told of by hand. */
    public static Consumers consumers() {
        return new Consumers(new FakeWatch(), new Room(100), CLOCK);
    }

    /** A process got these versions, each {@code NAME@VERSION}, or {@code PROVIDER:PATH@VERSION}. */
    public FakeProcess consumer(int pid, long uid, String... versions) {
        FakeProcess process = new FakeProcess(pid, uid);
        consumers.delivered(
                process,
                "flow",
                Arrays.stream(versions).map(AdminFixture::holding).toList());
        return process;
    }

    private static Holding holding(String text) {
        String[] parts = text.split("@", 2);
        String[] location = (parts[0].contains(":") ? parts[0] : "store:default/default/" + parts[0]).split(":", 2);
        return new Holding(new SecretLocation(location[0], location[1]), parts[1]);
    }

    /** A second server at that path. */
    public AdminServer another(Path path) {
        AdminServer made = listening(path);
        serve(made);
        return made;
    }

    /** One that does not answer yet. */
    public AdminServer listening(Path path) {
        return new AdminServer(path, base, settings);
    }

    public void serve(AdminServer listening) {
        listening.serve(routes);
    }

    private Routes routes(Accountability accountability) {
        OversightCommands oversight = new OversightCommands(
                accountability, readiness, this::status, AdminFixture::explain, audit, AdminFixture::refresh);
        return new Routes(
                new SecretCommands(accountability, store),
                new ImportCommands(accountability, store, outside),
                new PlaceCommands(accountability, store),
                new CustodyCommands(accountability, custody),
                oversight,
                new ConsumerCommands(accountability, consumers, new FakeVersions(store)),
                CLOCK);
    }

    public void as(long uid) {
        peer = new Caller("", 42, uid, uid, List.of());
    }

    private StatusView status() {
        return new StatusView(
                readiness.state() == Readiness.State.READY,
                "1.2.3",
                Duration.ofSeconds(3725),
                "/run/latchkey/agent.sock",
                new StatusView.StoreView("sqlite", "/state/store.db", 1, 2),
                List.of(new StatusView.ProviderView("store", "store", "ok", Optional.empty())),
                Optional.empty(),
                Optional.empty(),
                List.of(new StatusView.ProbeView("key-file", "warning", Optional.of("beside the store"))));
    }

    private static RefreshedView refresh(String reference, Namespace defaults) {
        if (reference.startsWith("store:")) {
            throw new AgentException(FailureKind.BAD_ARGUMENT, "nothing of store is kept in the cache");
        }
        return new RefreshedView(reference, "7");
    }

    private static List<ExplanationView> explain(PolicyExplainer.Question question) {
        return question.references().stream()
                .map(reference -> reference.equals("open")
                        ? new ExplanationView(reference, "allow", Optional.of("flow"), "allowed by store:default/**")
                        : new ExplanationView(
                                reference,
                                "deny",
                                Optional.empty(),
                                "no rule matches uid "
                                        + question.caller().credentials().uid()))
                .toList();
    }

    @Override
    public void close() {
        server.close();
        group.shutdownGracefully(0, 1, java.util.concurrent.TimeUnit.SECONDS).awaitUninterruptibly();
        workers.close();
        consumers.close();
        try {
            Files.delete(folder);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("the server left something behind", e);
        }
    }
}
