package dev.latchkey.agent.cli;

import dev.latchkey.agent.admin.Signal;
import dev.latchkey.agent.admin.view.ConsumerView;
import dev.latchkey.agent.admin.view.Order;
import dev.latchkey.agent.admin.view.SignalledView;
import dev.latchkey.agent.config.Suggestion;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code agent consumers}. */
@Command(
        name = "consumers",
        description =
                "list the live processes that hold secrets and the version that each holds, or signal those that hold one")
final class ConsumersCommand implements Callable<Integer> {
    private static final String UNKNOWN = "-";

    @Parameters(
            paramLabel = "NAME",
            arity = "0..1",
            description = "a secret; without it all are listed, or those of the project and environment that are given")
    Optional<String> name = Optional.empty();

    @Option(names = "--older", description = "only processes whose version is older than the one that is current now")
    boolean older;

    @Option(
            names = "--signal",
            paramLabel = "NAME",
            completionCandidates = Choices.Signals.class,
            description = "send this signal to them, as in HUP; a secret must be named")
    Optional<String> signal = Optional.empty();

    @Option(names = "--terminate", description = "send them SIGTERM; a secret must be named")
    boolean terminate;

    @Mixin
    Place place = new Place();

    @Mixin
    Format format = new Format();

    private final Session session;

    ConsumersCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        if (signal.isPresent() && terminate) {
            throw CommandFailure.usage("--signal and --terminate exclude each other", "--terminate is --signal TERM");
        }
        Optional<Signal> wanted = terminate ? Optional.of(Signal.TERM) : signal.map(ConsumersCommand::signal);
        if (wanted.isEmpty()) {
            list();
            return 0;
        }
        String secret = name.orElseThrow(() -> CommandFailure.usage(
                "a signal is sent to those who hold one secret, and none is named",
                "name the secret: 'agent consumers NAME --older --terminate'"));
        return send(wanted.get(), secret);
    }

    /** SECURITY: what was typed is not repeated. */
    private static Signal signal(String text) {
        return Signal.find(text).orElseThrow(() -> {
            String bare = text.toUpperCase(Locale.ROOT).replaceFirst("^SIG", "");
            String meant = Suggestion.nearest(bare, Signal.names())
                    .map(near -> "did you mean " + near + "? ")
                    .orElse("");
            return CommandFailure.usage(
                    "not a value for --signal", meant + "--signal is one of " + String.join(", ", Signal.names()));
        });
    }

    private void list() {
        Target target = place.in(Target.of("/v1/consumers").with("secret", name));
        if (older) {
            target.with("older", true);
        }
        session.list(session.client(place.connection), target, format, ConsumerView.class, ConsumersCommand::table);
    }

    private static Table table(List<ConsumerView> all) {
        Table table = new Table("WORKLOAD", "PID", "UID", "SINCE", "SECRET", "VERSION", "CURRENT", "OLDER");
        all.forEach(one -> table.row(
                one.workload(),
                one.pid(),
                one.uid(),
                one.since(),
                one.location(),
                one.version(),
                one.current(),
                one.current().isPresent() ? (Object) one.older() : UNKNOWN));
        return table;
    }

    private int send(Signal wanted, String secret) {
        boolean json = format.json();
        List<SignalledView> done = session.client(place.connection)
                .order(
                        "POST",
                        Target.of("/v1/consumers/signal"),
                        new Order.SignalConsumers(secret, place.project, place.environment, older, wanted.name()),
                        body -> Session.readList(body, SignalledView.class));
        if (json) {
            session.printJson(done);
        } else {
            Table table = new Table("WORKLOAD", "PID", "UID", "SECRET", "VERSION", "RESULT");
            done.forEach(one ->
                    table.row(one.workload(), one.pid(), one.uid(), one.location(), one.versions(), one.result()));
            session.print(table.toString());
        }
        requireAll(done, json);
        return 0;
    }

    private void requireAll(List<SignalledView> done, boolean json) {
        List<SignalledView> failed = done.stream().filter(SignalledView::failed).toList();
        if (failed.isEmpty()) {
            return;
        }
        if (!json) {
            failed.forEach(one -> session.note("not signalled: "
                    + one.pid().map(pid -> "process " + pid).orElse("a process of another PID namespace")
                    + " of workload "
                    + one.workload() + ", uid " + one.uid() + ": " + one.result()));
        }
        throw CommandFailure.failed(
                "not-signalled",
                failed.size() + " of " + done.size() + " processes were not signalled",
                "to signal other users' processes the agent needs CAP_KILL, as by AmbientCapabilities= of its unit; none reaches"
                        + " those of a PID namespace that it cannot see");
    }
}
