package dev.latchkey.agent.injection;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.injection.InjectionResult.BindingFailure;
import dev.latchkey.agent.injection.InjectionResult.Origin;
import dev.latchkey.agent.injection.InjectionResult.PlanEntry;
import dev.latchkey.agent.injection.Judged.Cleared;
import dev.latchkey.agent.injection.Output.Layer;
import dev.latchkey.agent.injection.Output.Part;
import dev.latchkey.agent.injection.Output.Shape;
import dev.latchkey.agent.json.JsonDocument;
import dev.latchkey.agent.json.JsonPart;
import dev.latchkey.agent.manifest.Check;
import dev.latchkey.agent.manifest.OwnName;
import dev.latchkey.agent.manifest.PatternBudget;
import dev.latchkey.agent.manifest.ValuePattern;
import dev.latchkey.agent.memory.WipedSegment;
import dev.latchkey.agent.policy.Decision;
import dev.latchkey.agent.reference.ReferenceParser;
import dev.latchkey.agent.secret.FoundSecret;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Lays out what a composed request leads to, item by item, from secrets that were looked up. Everything is tried, so that all that is wrong is told.
 *
 * <p>SECURITY: at most one value is open at any time besides what lies in the wiped block, and the bytes of a value go into an item as they are:
 * nothing looks for references in them.
 */
final class Packing implements AutoCloseable {
    private static final String CONNECTION_TYPES = "BRUIN_CONNECTION_TYPES";

    private final ComposedRequest request;
    private final List<Output> outputs;
    private final List<Resolved> uses;
    private final InstantSource clock;
    private final WipedSegment.Source memory;
    private final Conversion conversion;
    private final ItemBlock block;
    private final PatternBudget patterns = new PatternBudget();
    private final Failures failures;
    private final Hints hints = new Hints();
    private final List<String> removed = new ArrayList<>();
    private final List<PlanEntry> plan = new ArrayList<>();
    private final Inventory inventory = new Inventory();
    private final Map<String, Output> fields = new HashMap<>();
    private final Map<String, String> connections = new LinkedHashMap<>();
    /** For fields of spreads. */
    private int room = Composer.MAX_PARTS;

    /**
     * @param uses what became of each secret part, in the order of the outputs and their parts
     */
    Packing(
            ComposedRequest request,
            Composition.Complete complete,
            List<Resolved> uses,
            InstantSource clock,
            WipedSegment.Source memory) {
        this.request = request;
        this.outputs = complete.outputs();
        this.uses = uses;
        this.clock = clock;
        this.memory = memory;
        this.conversion = new Conversion(memory);
        this.block = new ItemBlock(memory);
        this.failures = new Failures(complete.problems());
        complete.problems().list().forEach(hints::add);
        walk((_, secrets) -> room -= Math.max(1, secrets.size()));
    }

    /**
     * The parcel, or every reason why there is none.
     *
     * @param wanted whether there is still somebody to have it; else the work ends
     */
    InjectionResult delivered(long grant, BooleanSupplier wanted) {
        pack(wanted);
        if (!failures.isEmpty()) {
            return new InjectionResult.Refused(failures.all(), hints.list());
        }
        int count = block.count();
        WipedSegment items = block.finish();
        return new InjectionResult.Delivered(new Bundle(
                grant, count, inventory.contents(inventory.sorted()), List.of(), Optional.of(removed), items));
    }

    /** What a delivery would be. SECURITY: where anything is denied nothing is opened. */
    InjectionResult planned(BooleanSupplier wanted) {
        if (Refusals.anyDenied(uses)) {
            walk((output, parts) -> parts.forEach(part -> entry(output, part, Optional.empty())));
        } else {
            pack(wanted);
        }
        boolean told = plan.stream().anyMatch(entry -> entry.failure().isPresent());
        return failures.isEmpty() || told
                ? new InjectionResult.Planned(plan, hints.list())
                : new InjectionResult.Refused(failures.all(), hints.list());
    }

    /** Nothing is opened: these are the reasons that are known. */
    InjectionResult refused() {
        walk((output, results) -> {
            for (int index = 0; index < results.size(); index++) {
                failed(output, output.secrets().get(index).at(), results.get(index));
            }
        });
        return new InjectionResult.Refused(failures.all(), hints.list());
    }

    private interface Visitor {
        void visit(Output output, List<Resolved> secrets);
    }

    private void walk(Visitor visitor) {
        int next = 0;
        for (Output output : outputs) {
            int count = output.secrets().size();
            visitor.visit(output, uses.subList(next, next + count));
            next += count;
        }
    }

    /** Spreads come first, the strongest of them before others, for a field that they have replaces what is weaker. */
    private void pack(BooleanSupplier wanted) {
        List<Runnable> spreads = new ArrayList<>();
        List<Runnable> others = new ArrayList<>();
        List<Layer> layers = new ArrayList<>();
        walk((output, secrets) -> {
            if (output.shape() == Shape.SPREAD) {
                layers.add(output.layer());
                spreads.add(() -> packSpread(output, secrets.getFirst()));
            } else {
                others.add(() -> packItem(output, secrets));
            }
        });
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < spreads.size(); i++) {
            order.add(i);
        }
        order.sort(Comparator.comparing(layers::get).reversed());
        List<Runnable> steps = new ArrayList<>(order.stream().map(spreads::get).toList());
        steps.addAll(others);
        for (Runnable step : steps) {
            if (!wanted.getAsBoolean()) {
                failures.add(Injection.callerGone());
                return;
            }
            step.run();
        }
        packConnectionTypes();
    }

    private void packItem(Output output, List<Resolved> secrets) {
        Output field = fields.get(output.target());
        if (field != null && field.layer().compareTo(output.layer()) > 0) {
            return;
        }
        int before = failures.count();
        block.begin(output.target(), output.isFile());
        List<Resolved> results = new ArrayList<>();
        boolean whole = true;
        int next = 0;
        for (Part part : output.parts()) {
            switch (part) {
                case Part.Fixed(byte[] bytes) -> whole = whole && guarded(output, () -> block.put(bytes));
                case Part.Secret secret -> {
                    Resolved result = put(secrets.get(next++));
                    results.add(result);
                    whole &= !(result instanceof Resolved.Failed);
                    failed(output, secret.at(), result);
                }
            }
        }
        boolean gone = output.isOneSecret() && results.getFirst() instanceof Resolved.Removed;
        if (gone) {
            removed.add(output.target());
        }
        if (!whole || gone || !ends(output)) {
            block.drop();
        }
        if (results.isEmpty()) {
            plan.add(literal(output));
        }
        Optional<Failure> last = failures.count() > before ? Optional.of(failures.last()) : Optional.empty();
        results.forEach(result -> entry(output, result, last));
        noteConnection(output, results);
    }

    private boolean ends(Output output) {
        return guarded(output, () -> {
            check(output.check());
            block.end();
        });
    }

    private boolean guarded(Output output, Runnable step) {
        try {
            step.run();
            return true;
        } catch (AgentException refused) {
            fail(output, place(output), Optional.empty(), refused.failure());
            return false;
        }
    }

    /** SECURITY: says what the value is not, and nothing of what it is. */
    private void check(Check check) {
        if (check.equals(Check.NONE)) {
            return;
        }
        ByteBuffer value = block.value();
        List<String> wrong = new ArrayList<>();
        if (value.remaining() < check.minLength()) {
            wrong.add("the value is shorter than " + check.minLength() + " bytes");
        }
        if (check.json() && !JsonDocument.isJson(value)) {
            wrong.add("the value is not JSON");
        }
        check.pattern().flatMap(pattern -> check(pattern, value)).ifPresent(wrong::add);
        if (!wrong.isEmpty()) {
            throw checkFailed(String.join(", and ", wrong));
        }
    }

    private Optional<String> check(ValuePattern pattern, ByteBuffer value) {
        try (WipedSegment characters = memory.allocate(ValuePattern.room(value))) {
            return switch (pattern.test(value, characters.buffer().asCharBuffer(), patterns)) {
                case MATCHES -> Optional.empty();
                case DIFFERS -> Optional.of("the value does not match its pattern");
                case UNDECIDED -> Optional.of("whether the value matches its pattern takes too long to say");
            };
        }
    }

    private static AgentException checkFailed(String message) {
        return new AgentException(FailureKind.CHECK_FAILED, message, "check: of its entry says what it must be");
    }

    /** Writes what a secret is. */
    private Resolved put(Resolved use) {
        return switch (use) {
            case Resolved.Found(Cleared cleared, FoundSecret secret) -> put(cleared, secret, use);
            case Resolved.Defaulted(Cleared cleared, String text) -> putDefault(cleared, text, use);
            case Resolved.Removed _, Resolved.Failed _ -> use;
        };
    }

    private Resolved put(Cleared cleared, FoundSecret secret, Resolved use) {
        try {
            Optional<Integer> exact = Sizes.exact(cleared, secret);
            if (exact.isPresent()) {
                block.open(secret, exact.get());
            } else {
                conversion.write(secret, cleared.reference(), block);
            }
            inventory.add(cleared, secret);
            return use;
        } catch (AgentException refused) {
            Resolved instead = Resolved.absent(cleared, refused.failure());
            return instead instanceof Resolved.Defaulted(Cleared _, String text)
                    ? putDefault(cleared, text, instead)
                    : instead;
        }
    }

    private Resolved putDefault(Cleared cleared, String text, Resolved use) {
        try {
            block.put(text.getBytes(StandardCharsets.UTF_8));
            return use;
        } catch (AgentException refused) {
            return new Resolved.Failed(cleared, refused.failure());
        }
    }

    private void packSpread(Output output, Resolved use) {
        failed(output, Optional.empty(), use);
        if (!(use instanceof Resolved.Found(Cleared cleared, FoundSecret secret))) {
            entry(output, use, Optional.empty());
            return;
        }
        try {
            conversion.lendObject(
                    secret,
                    cleared.reference(),
                    object -> fields(object).forEach(field -> packField(output, cleared, secret, field)));
            inventory.add(cleared, secret);
        } catch (AgentException refused) {
            Resolved instead = Resolved.absent(cleared, ofSpread(refused.failure()));
            failed(output, Optional.empty(), instead);
            entry(output, instead, Optional.empty());
        }
    }

    /** There is no field to leave out. */
    private static Failure ofSpread(Failure failure) {
        return failure.kind() == FailureKind.NOT_JSON
                ? Failure.of(
                        failure.kind(),
                        failure.message(),
                        "bind the whole value under a name of its own: --secret NAME=REF")
                : failure;
    }

    /** SECURITY: found in one pass, and no more than the request has room for: its parts and all fields together are as many as parts may be. */
    private List<JsonPart> fields(ByteBuffer object) {
        List<JsonPart> found = JsonDocument.fields(object, room);
        if (found.size() > room) {
            throw new AgentException(
                    FailureKind.BUNDLE_TOO_LARGE,
                    "with its fields the request has more than " + Composer.MAX_PARTS
                            + " references, variables and files",
                    "bind the fields that the command needs");
        }
        room -= found.size();
        return found;
    }

    private void packField(Output spread, Cleared cleared, FoundSecret secret, JsonPart part) {
        String name = part.name();
        String shown = ReferenceParser.shown(cleared.binding().reference()) + "#" + name;
        Optional<String> target = OwnName.of(name, request.switches().rawNames());
        if (target.isEmpty()) {
            fail(
                    spread,
                    Optional.empty(),
                    Optional.of(shown),
                    Failure.of(FailureKind.BAD_TARGET, "no variable can be called like this field"));
            return;
        }
        Output field = new Output(
                target.get(),
                Shape.VARIABLE,
                spread.layer(),
                List.of(),
                Check.NONE,
                spread.origin() + " " + shown,
                Optional.empty(),
                false);
        if (!fieldCounts(field)) {
            return;
        }
        fields.put(field.target(), field);
        block.begin(field.target(), false);
        boolean written = guarded(field, () -> {
            conversion.writeField(part, cleared.reference(), block);
            block.end();
        });
        if (!written) {
            block.drop();
        }
        plan.add(new PlanEntry(
                Optional.of(cleared.decision()),
                Optional.of(secret.version()),
                Optional.empty(),
                age(secret),
                false,
                written ? Optional.empty() : Optional.of(failures.last()),
                Optional.of(new Origin(field.target(), false, Optional.of(shown), false))));
    }

    /** Whether nothing stronger has its target; what is as strong as it is an error. */
    private boolean fieldCounts(Output field) {
        List<Failure> wrong = new ArrayList<>();
        Layers layers = new Layers(request, wrong::add);
        boolean counts = layers.counts(field);
        if (counts) {
            layers.wrong(field).ifPresent(wrong::add);
            for (Output other : outputs) {
                boolean meets = other.shape() != Shape.SPREAD && other.target().equals(field.target());
                counts &= !(meets && other.layer().compareTo(field.layer()) > 0);
                if (meets && other.layer() == field.layer()) {
                    wrong.add(Layers.twice(other, field));
                }
            }
            Output earlier = fields.get(field.target());
            counts &= earlier == null;
            if (earlier != null && earlier.layer() == field.layer()) {
                wrong.add(Layers.twice(earlier, field));
            }
        }
        wrong.forEach(failure -> tell(field.target(), Optional.empty(), failure));
        return counts && wrong.isEmpty();
    }

    private void noteConnection(Output output, List<Resolved> results) {
        boolean document = output.layer() == Layer.DOCUMENTS || output.layer() == Layer.DEFAULTS;
        if (document
                && output.isOneSecret()
                && results.getFirst() instanceof Resolved.Found(Cleared cleared, FoundSecret secret)
                && cleared.reference().field().isEmpty()) {
            secret.connectionType().ifPresent(type -> connections.put(output.target(), type));
        }
    }

    /** For programs that were written for Bruin: which of their variables hold what kind of connection. */
    private void packConnectionTypes() {
        boolean said = outputs.stream().anyMatch(output -> output.target().equals(CONNECTION_TYPES))
                || fields.containsKey(CONNECTION_TYPES)
                || request.surroundings().taken().contains(CONNECTION_TYPES)
                || (request.surroundings().keep()
                        && request.surroundings().inherited().contains(CONNECTION_TYPES));
        if (connections.isEmpty() || said) {
            return;
        }
        StringBuilder json = new StringBuilder();
        connections.forEach((name, type) -> json.append(json.isEmpty() ? "{" : ",")
                .append(quoted(name))
                .append(':')
                .append(quoted(type)));
        block.begin(CONNECTION_TYPES, false);
        block.put(json.append('}').toString().getBytes(StandardCharsets.UTF_8));
        block.end();
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /**
     * @param at where a document names it
     */
    private void failed(Output output, Optional<String> at, Resolved result) {
        if (result instanceof Resolved.Failed(Judged judged, Failure failure)) {
            fail(output, at, Optional.of(ReferenceParser.shown(judged.binding().reference())), failure);
        }
    }

    /** A binding of the command line is told by its index, for the launcher knows it; anything else by its name. */
    private void fail(Output output, Optional<String> at, Optional<String> reference, Failure failure) {
        if (output.binding().isPresent()) {
            tell(output.target(), output.binding(), failure);
            return;
        }
        String between = output.shape() == Shape.SPREAD ? " " : "=";
        String label = at.map(place -> place + ": ").orElse("")
                + output.target()
                + reference.map(text -> between + text).orElse("");
        // A text may name several secrets, which its target does not tell apart.
        String whom = output.isOneSecret() ? output.target() : at.orElse(output.target());
        tell(whom, Optional.empty(), new Failure(failure.kind(), label + ": " + failure.message(), failure.hint()));
    }

    /** Where a document has the entry of an output that is one secret. */
    private static Optional<String> place(Output output) {
        return output.isOneSecret() ? output.secrets().getFirst().at() : Optional.empty();
    }

    /**
     * @param whom what the hint is for
     */
    private void tell(String whom, Optional<Integer> binding, Failure failure) {
        failures.add(new BindingFailure(binding, failure));
        hints.add(whom, failure);
    }

    private PlanEntry literal(Output output) {
        return new PlanEntry(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.empty(),
                Optional.of(new Origin(output.target(), output.isFile(), Optional.empty(), output.replaces())));
    }

    /**
     * @param wrong with the whole output
     */
    private void entry(Output output, Resolved result, Optional<Failure> wrong) {
        Optional<FoundSecret> secret =
                result instanceof Resolved.Found(Cleared _, FoundSecret found) ? Optional.of(found) : Optional.empty();
        Judged judged = judged(result);
        Optional<Failure> failure = result instanceof Resolved.Failed(Judged _, Failure own) ? Optional.of(own) : wrong;
        plan.add(new PlanEntry(
                decision(judged),
                secret.map(FoundSecret::version),
                secret.filter(_ -> !hasField(judged)).flatMap(FoundSecret::size),
                secret.flatMap(this::age),
                result instanceof Resolved.Removed && output.isOneSecret(),
                failure,
                Optional.of(new Origin(
                        output.target(),
                        output.isFile(),
                        Optional.of(ReferenceParser.shown(judged.binding().reference())),
                        output.replaces()))));
    }

    /** The size of the document that a field is in would tell nothing of what is delivered. */
    private static boolean hasField(Judged judged) {
        return judged instanceof Cleared cleared && !cleared.reference().field().isEmpty();
    }

    private static Judged judged(Resolved result) {
        return switch (result) {
            case Resolved.Found found -> found.cleared();
            case Resolved.Removed gone -> gone.cleared();
            case Resolved.Defaulted defaulted -> defaulted.cleared();
            case Resolved.Failed failed -> failed.judged();
        };
    }

    private static Optional<Decision> decision(Judged judged) {
        return switch (judged) {
            case Cleared cleared -> Optional.of(cleared.decision());
            case Judged.Stopped stopped -> stopped.decision();
        };
    }

    private Optional<Duration> age(FoundSecret secret) {
        return secret.created()
                .map(created -> Duration.between(created, clock.instant()))
                .map(age -> age.isNegative() ? Duration.ZERO : age);
    }

    @Override
    public void close() {
        block.close();
    }
}
