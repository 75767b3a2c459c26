package dev.latchkey.agent.server;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.health.Readiness;
import dev.latchkey.agent.injection.ComposedRequest;
import dev.latchkey.agent.injection.InjectionResult;
import dev.latchkey.agent.injection.InjectionResult.BindingFailure;
import dev.latchkey.agent.injection.InjectionResult.PlanEntry;
import dev.latchkey.agent.injection.InjectionResult.Planned;
import dev.latchkey.agent.injection.InjectionResult.Refused;
import dev.latchkey.agent.injection.LaunchRequest;
import dev.latchkey.agent.policy.Decision;
import dev.latchkey.agent.secret.Freshness;
import dev.latchkey.agent.workload.BearerToken;
import dev.latchkey.agent.workload.LaunchedCommand;
import dev.latchkey.agent.workload.Sha256;
import dev.latchkey.protocol.Ask;
import dev.latchkey.protocol.FrameType;
import dev.latchkey.protocol.MalformedException;
import dev.latchkey.protocol.Plan;
import dev.latchkey.protocol.Proof;
import dev.latchkey.protocol.Refusal;
import dev.latchkey.protocol.Request;
import dev.latchkey.protocol.Status;
import dev.latchkey.protocol.Supply;
import dev.latchkey.protocol.Texts;
import dev.latchkey.protocol.Token;
import dev.latchkey.protocol.Version;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Between the words of the use case and those of the protocol. */
final class Answers {
    private static final Duration RETRY_AFTER = Duration.ofMillis(250);
    /** A failure's field without its message. */
    private static final int FAILURE_BYTES = 6 + 4;
    /** Something that is asked for, without its name. */
    private static final int WANTED_BYTES = 6 + 2;
    /** Texts of a plan that configuration or a provider bounds elsewhere; cut here, so that a plan always fits. */
    private static final int MAX_PLAN_TEXT = 128;
    /** Shorter than the protocol allows, so that eight of them fit into a frame. */
    private static final int MAX_REASON = 384;

    private Answers() {}

    static LaunchRequest launchRequest(Request request) {
        List<LaunchRequest.RequestedBinding> bindings = request.bindings().stream()
                .map(b -> new LaunchRequest.RequestedBinding(b.target(), b.reference(), b.dangerousNameAllowed()))
                .toList();
        return new LaunchRequest(
                request.dryRun(),
                request.project(),
                request.environment(),
                request.token().map(Answers::token),
                request.command(),
                request.proof().map(Answers::command),
                bindings);
    }

    private static LaunchedCommand command(Proof proof) {
        return new LaunchedCommand(
                proof.path(), Optional.of(new Sha256(proof.executable())), new Sha256(proof.arguments()));
    }

    static ComposedRequest composedRequest(Supply supply) {
        Supply.Terms terms = supply.terms();
        Supply.Options options = terms.options();
        List<LaunchRequest.RequestedBinding> bindings = supply.sources().bindings().stream()
                .map(b -> new LaunchRequest.RequestedBinding(b.target(), b.reference(), b.dangerousNameAllowed()))
                .toList();
        return new ComposedRequest(
                new LaunchRequest(
                        options.dryRun(),
                        terms.project(),
                        terms.environment(),
                        terms.token().map(Answers::token),
                        terms.command(),
                        terms.proof().map(Answers::command),
                        bindings),
                files(supply.sources().bindings()),
                supply.sources().documents().stream().map(Answers::document).toList(),
                supply.sources().spreads(),
                new ComposedRequest.Switches(options.all(), options.rawNames(), options.dangerousNamesAllowed()),
                terms.backend(),
                new Freshness(terms.maxAge(), options.offline()),
                new ComposedRequest.Surroundings(
                        new HashSet<>(supply.surroundings().taken()),
                        new HashSet<>(supply.surroundings().inherited()),
                        options.keep()),
                given(supply.given()));
    }

    private static Set<Integer> files(List<Supply.Binding> bindings) {
        return IntStream.range(0, bindings.size())
                .filter(index -> bindings.get(index).file())
                .boxed()
                .collect(Collectors.toSet());
    }

    private static ComposedRequest.Document document(Supply.Document document) {
        return new ComposedRequest.Document(
                document.template() ? Optional.of(document.target()) : Optional.empty(),
                document.label(),
                document.content());
    }

    private static ComposedRequest.Given given(Supply.Given given) {
        Map<ComposedRequest.Key, Optional<byte[]>> variables = new HashMap<>();
        Map<ComposedRequest.Key, ComposedRequest.GivenFile> files = new HashMap<>();
        given.variables().forEach(v -> variables.put(new ComposedRequest.Key(v.document(), v.name()), v.value()));
        given.files()
                .forEach(f -> files.put(
                        new ComposedRequest.Key(f.document(), f.path()),
                        new ComposedRequest.GivenFile(f.content(), f.reason())));
        return new ComposedRequest.Given(variables, files);
    }

    /**
     * The whole answer to a request, where no value goes with it.
     *
     * @throws IllegalStateException where it has no place in the protocol
     */
    static ByteBuffer frame(InjectionResult result, Version version) {
        return switch (result) {
            case Refused refused -> refusal(refused).encode(version);
            case Planned planned
            when planned.entries().size() > Request.MAX_BINDINGS ->
                refusal(Failure.of(
                                FailureKind.BUNDLE_TOO_LARGE,
                                planned.entries().size() + " variables and files, of at most " + Request.MAX_BINDINGS))
                        .encode(version);
            case Planned planned -> plan(planned).encode(version);
            case InjectionResult.Asked asked
            when bytes(asked) > FrameType.ASK.maxBody() ->
                refusal(Failure.of(
                                FailureKind.BUNDLE_TOO_LARGE,
                                "the names of variables and files that the documents need are over "
                                        + FrameType.ASK.maxBody() + " bytes"))
                        .encode(version);
            case InjectionResult.Asked asked -> ask(asked).encode(version);
            case InjectionResult.Delivered _ -> throw new IllegalStateException("values go another way");
        };
    }

    private static long bytes(InjectionResult.Asked asked) {
        return Stream.concat(asked.variables().stream(), asked.files().stream())
                .mapToLong(w -> WANTED_BYTES + w.name().getBytes(StandardCharsets.UTF_8).length)
                .sum();
    }

    static Ask ask(InjectionResult.Asked asked) {
        return new Ask(wanted(asked.variables()), wanted(asked.files()));
    }

    private static List<Ask.Wanted> wanted(List<InjectionResult.Wanted> wanted) {
        return wanted.stream().map(w -> new Ask.Wanted(w.document(), w.name())).toList();
    }

    /** SECURITY: what goes on is its hash; the token itself is zeroed. */
    private static BearerToken token(Token token) {
        byte[] bytes = token.bytes();
        try {
            return BearerToken.of(bytes);
        } finally {
            Arrays.fill(bytes, (byte) 0);
            token.wipe();
        }
    }

    static Refusal refusal(Failure failure) {
        return new Refusal(
                List.of(new Refusal.Failure(
                        Codes.of(failure.kind()).number(),
                        Optional.empty(),
                        Texts.fit(failure.message(), Texts.MAX_MESSAGE))),
                hints(failure.hint().stream().toList()),
                retryAfter(failure.kind()));
    }

    static Refusal refusal(AgentException e) {
        return refusal(e.failure());
    }

    static Refusal refusal(MalformedException e) {
        return switch (e.failureClass()) {
            case BAD_VERSION -> refusal(Failure.of(FailureKind.UNSUPPORTED_VERSION, e.detail()));
            default ->
                refusal(Failure.of(FailureKind.MALFORMED, e.failureClass().text() + ": " + e.detail()));
        };
    }

    static Refusal refusal(Refused refused) {
        List<BindingFailure> failures = told(refused.failures());
        int messageBytes = Math.min(Texts.MAX_MESSAGE, messageBudget(failures.size()));
        return new Refusal(
                failures.stream().map(failure -> failure(failure, messageBytes)).toList(),
                hints(refused.hints()),
                failures.stream()
                        .flatMap(f -> retryAfter(f.failure().kind()).stream())
                        .findFirst());
    }

    /** All that the protocol has room for; the last says how many more there are. */
    private static List<BindingFailure> told(List<BindingFailure> failures) {
        if (failures.size() <= Refusal.MAX_FAILURES) {
            return failures;
        }
        List<BindingFailure> told = new ArrayList<>(failures.subList(0, Refusal.MAX_FAILURES - 1));
        int more = failures.size() - told.size();
        told.add(new BindingFailure(
                Optional.empty(), Failure.of(failures.getLast().failure().kind(), "and " + more + " more")));
        return told;
    }

    /** Every failing binding is told, so where there are many each gets a shorter message. */
    private static int messageBudget(int failures) {
        int hints = Refusal.MAX_HINTS * (6 + Texts.MAX_MESSAGE);
        int retryAfter = 6 + 4;
        return (FrameType.REFUSAL.maxBody() - hints - retryAfter) / Math.max(1, failures) - FAILURE_BYTES;
    }

    private static Refusal.Failure failure(BindingFailure failure, int messageBytes) {
        return new Refusal.Failure(
                Codes.of(failure.failure().kind()).number(),
                failure.binding(),
                Texts.fit(failure.failure().message(), messageBytes));
    }

    private static List<String> hints(List<String> hints) {
        return hints.stream()
                .filter(hint -> !hint.isEmpty())
                .map(hint -> Texts.fit(hint, Texts.MAX_MESSAGE))
                .distinct()
                .limit(Refusal.MAX_HINTS)
                .toList();
    }

    private static Optional<Duration> retryAfter(FailureKind kind) {
        return switch (kind) {
            case BUSY, STARTING, DRAINING -> Optional.of(RETRY_AFTER);
            default -> Optional.empty();
        };
    }

    static Plan plan(Planned planned) {
        return new Plan(planned.entries().stream().map(Answers::entry).toList(), hints(planned.hints()));
    }

    private static Plan.Entry entry(PlanEntry entry) {
        return new Plan.Entry(
                entry.failure().map(f -> Codes.of(f.kind()).number()).orElse(0),
                entry.failure().map(f -> Texts.fit(f.message(), Texts.MAX_MESSAGE)),
                isAllowed(entry),
                entry.decision().flatMap(Answers::rule).map(Answers::planText),
                entry.decision().map(d -> planText(d.location().provider())),
                entry.version().map(Answers::planText),
                entry.size().map(Integer::longValue),
                entry.age().map(Duration::toSeconds),
                entry.removed(),
                entry.origin().map(Answers::origin));
    }

    /** What needs no secret needs no leave. */
    private static boolean isAllowed(PlanEntry entry) {
        return entry.decision().filter(Decision.Allow.class::isInstance).isPresent()
                || entry.origin().filter(o -> o.reference().isEmpty()).isPresent();
    }

    private static Plan.Origin origin(InjectionResult.Origin origin) {
        return new Plan.Origin(
                Texts.fit(origin.target(), MAX_PLAN_TEXT),
                origin.file(),
                origin.reference().map(Answers::planText),
                origin.replaces());
    }

    private static Optional<String> rule(Decision decision) {
        return switch (decision) {
            case Decision.Allow allow -> Optional.of(allow.rule());
            case Decision.Deny deny -> deny.rule();
        };
    }

    private static String planText(String text) {
        return Texts.fit(text, MAX_PLAN_TEXT);
    }

    static Status status(Readiness readiness) {
        Readiness.State state = readiness.state();
        List<String> reasons = readiness.reasons().stream()
                .filter(reason -> !reason.isEmpty())
                .map(reason -> Texts.fit(reason, MAX_REASON))
                .limit(Status.MAX_REASONS)
                .toList();
        return new Status(
                switch (state) {
                    case READY -> Status.State.READY;
                    case STARTING -> Status.State.STARTING;
                    case FAILING -> Status.State.FAILING;
                    case DRAINING -> Status.State.DRAINING;
                },
                reasons);
    }
}
