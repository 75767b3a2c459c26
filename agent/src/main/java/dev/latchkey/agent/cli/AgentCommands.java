package dev.latchkey.agent.cli;

import dev.latchkey.agent.admin.view.ExplanationView;
import dev.latchkey.agent.admin.view.Order;
import dev.latchkey.agent.admin.view.ReadyView;
import dev.latchkey.agent.admin.view.RefreshedView;
import dev.latchkey.agent.admin.view.StatusView;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands that run the agent or look at it. */
final class AgentCommands {
    private AgentCommands() {}

    /** {@code agent run}. */
    @Command(
            name = "run",
            description =
                    "serve secrets until SIGTERM or SIGINT; with '-- COMMAND…', as long as the command runs, and exit with its status",
            customSynopsis =
                    "agent run [--config FILE] [--state DIR] [--socket PATH] [--log-level LEVEL] [--log-format FORMAT] [-- COMMAND…]")
    static final class Run implements Callable<Integer> {
        @Option(names = "--config", paramLabel = "FILE", description = "the configuration  [LATCHKEY_CONFIG]")
        Optional<Path> config = Optional.empty();

        @Option(
                names = "--state",
                paramLabel = "DIR",
                description = "the folder for the agent's state  [LATCHKEY_STATE]")
        Optional<Path> state = Optional.empty();

        @Option(names = "--socket", paramLabel = "PATH", description = "the workload socket  [LATCHKEY_SOCKET]")
        Optional<Path> socket = Optional.empty();

        @Option(
                names = "--log-level",
                paramLabel = "LEVEL",
                completionCandidates = Choices.Levels.class,
                description = "error, warn, info or debug")
        Optional<String> logLevel = Optional.empty();

        @Option(
                names = "--log-format",
                paramLabel = "FORMAT",
                completionCandidates = Choices.LogFormats.class,
                description = "logfmt or json")
        Optional<String> logFormat = Optional.empty();

        private final Session session;
        private final List<String> command;

        Run(Session session, List<String> command) {
            this.session = session;
            this.command = command;
        }

        @Override
        public Integer call() {
            Choices.require("--log-level", logLevel, RunArguments.LEVELS);
            Choices.require("--log-format", logFormat, RunArguments.FORMATS);
            return session.collaborators()
                    .runner()
                    .run(new AgentRunner.Options(config, state, socket, logLevel, logFormat, command));
        }
    }

    /** {@code agent ready}. */
    @Command(name = "ready", description = "exit 0 if the agent serves, else 1 with the reasons")
    static final class Ready implements Callable<Integer> {
        @Mixin
        Connection connection = new Connection();

        @Mixin
        Format format = new Format();

        private final Session session;

        Ready(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            boolean json = format.json();
            ReadyView view =
                    session.client(connection).get(Target.of("/v1/ready"), body -> Session.read(body, ReadyView.class));
            if (json) {
                session.printJson(view);
            } else if (view.ready()) {
                session.println("ready");
            } else {
                session.note("not ready: " + String.join("; ", view.reasons()));
            }
            return view.ready() ? 0 : CommandFailure.FAILED;
        }
    }

    /** {@code agent status}. */
    @Command(name = "status", description = "show the state of the agent, exit 0 if it serves, else 1")
    static final class Status implements Callable<Integer> {
        @Mixin
        Connection connection = new Connection();

        @Mixin
        Format format = new Format();

        private final Session session;

        Status(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            StatusView view = session.show(
                    session.client(connection), Target.of("/v1/status"), format, StatusView.class, Status::table);
            return view.ready() ? 0 : CommandFailure.FAILED;
        }

        private static String table(StatusView status) {
            StatusView.StoreView store = status.store();
            Table table = new Table("ready", status.ready() ? "yes" : "no")
                    .row("version", status.version())
                    .row("uptime", text(status.uptime()))
                    .row("socket", status.socket())
                    .row("store", store.type() + ", " + store.place())
                    .row(
                            "secrets",
                            store.secrets() + " in " + store.projects()
                                    + (store.projects() == 1 ? " project" : " projects"));
            status.providers()
                    .forEach(provider -> table.row(
                            "provider",
                            provider.name() + " (" + provider.type() + "): " + provider.state() + leases(provider)));
            table.row(
                    "cache",
                    status.cache()
                            .map(cache -> cache.entries() + " entries, " + cache.hits() + " hits, " + cache.misses()
                                    + " misses, " + cache.stale() + " stale"));
            table.row("consumers", status.consumers());
            status.probes().forEach(probe -> table.row("probe", probe.name() + ": " + probe.state() + detail(probe)));
            return table.toString();
        }

        private static String leases(StatusView.ProviderView provider) {
            return provider.leases()
                    .filter(leases -> leases.count() > 0)
                    .map(leases -> ", " + leases.count() + " leases, " + leases.held() + " held"
                            + leases.renewal()
                                    .map(after -> ", the next renewed in " + after.toSeconds() + " s")
                                    .orElse(""))
                    .orElse("");
        }

        private static String detail(StatusView.ProbeView probe) {
            return probe.detail().map(text -> ", " + text).orElse("");
        }

        private static String text(Duration uptime) {
            String clock =
                    "%d:%02d:%02d".formatted(uptime.toHoursPart(), uptime.toMinutesPart(), uptime.toSecondsPart());
            return uptime.toDays() == 0 ? clock : uptime.toDays() + " days " + clock;
        }
    }

    /** {@code agent refresh}. */
    @Command(
            name = "refresh",
            description = "fetch a secret of an outside system again, whatever is kept of it in the cache")
    static final class Refresh implements Callable<Integer> {
        @Parameters(paramLabel = "REF", description = "the reference")
        String reference = "";

        @Mixin
        Place place = new Place();

        @Mixin
        Format format = new Format();

        private final Session session;

        Refresh(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            boolean json = format.json();
            RefreshedView done = session.client(place.connection)
                    .order(
                            "POST",
                            Target.of("/v1/refresh"),
                            new Order.Refresh(reference, place.project, place.environment),
                            body -> Session.read(body, RefreshedView.class));
            if (json) {
                session.printJson(done);
            } else {
                session.println(done.location() + " is at version " + done.version());
            }
            return 0;
        }
    }

    /** {@code agent explain}. */
    @Command(
            name = "explain",
            description = "show what the policy says to a caller, and why; exit 1 if a reference is denied")
    static final class Explain implements Callable<Integer> {
        @Option(names = "--uid", paramLabel = "N", required = true, description = "the caller's effective uid")
        long uid;

        @Option(names = "--gid", paramLabel = "N", description = "its effective gid; default: the user's own")
        Optional<Long> gid = Optional.empty();

        @Option(
                names = "--groups",
                paramLabel = "N,N",
                split = ",",
                description = "its supplementary groups; default: the user's own")
        List<Long> groups = new ArrayList<>();

        @Mixin
        SupposedArrival arrival = new SupposedArrival();

        @Mixin
        SupposedProcess process = new SupposedProcess();

        @Parameters(paramLabel = "REF", arity = "1..*", description = "the references it asks for")
        List<String> references = new ArrayList<>();

        @Mixin
        Place place = new Place();

        @Mixin
        Format format = new Format();

        private final Session session;

        Explain(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            boolean json = format.json();
            Optional<List<Long>> given = Optional.of(groups).filter(some -> !some.isEmpty());
            Order order = new Order.Explain(
                    uid,
                    gid,
                    given,
                    Optional.of(arrival.order()),
                    Optional.of(process.order()),
                    place.project,
                    place.environment,
                    references);
            List<ExplanationView> all = session.client(place.connection)
                    .order(
                            "POST",
                            Target.of("/v1/explain"),
                            order,
                            body -> Session.readList(body, ExplanationView.class));
            if (json) {
                session.printJson(all);
            } else {
                Table table = new Table("REFERENCE", "DECISION", "RULE", "REASON");
                all.forEach(one -> table.row(one.reference(), one.decision(), one.rule(), one.reason()));
                session.print(table.toString());
            }
            boolean allowed = all.stream().allMatch(one -> one.decision().equals(ExplanationView.ALLOW));
            return allowed ? 0 : CommandFailure.FAILED;
        }
    }
}
