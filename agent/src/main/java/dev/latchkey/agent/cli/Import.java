package dev.latchkey.agent.cli;

import dev.latchkey.agent.admin.view.ImportView;
import dev.latchkey.agent.admin.view.ImportedView;
import dev.latchkey.agent.cli.ImportSource.Offered;
import dev.latchkey.agent.imports.ImportName;
import dev.latchkey.agent.secret.OnExisting;
import dev.latchkey.agent.secret.SecretName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One import: everything is checked first, and only if nothing is refused is anything stored, one secret after the other. What was stored when an
 * import breaks off stays; the same command again finds it unchanged and goes on.
 */
final class Import {
    private static final String WAITING = "waiting";
    private static final String REFUSED = "refused";
    private static final String SKIPPED = "skipped";
    private static final String EXISTS = "exists";
    private static final String THERE = "it is there already: ";

    /** What its source lists and does not serve: no part of the import. */
    private static final Set<String> GONE =
            Set.of("secret-not-found", "version-not-found", "version-disabled", "expired");

    /** What is wrong with one secret and says nothing of the others. */
    private static final Set<String> OF_ONE = Set.of(
            "bad-name",
            "bad-value",
            "field-not-found",
            "no-value",
            "scope-denied",
            "not-json",
            "provider-denied",
            "provider-malformed",
            "provider-unavailable",
            "decryption-failed",
            "busy");

    private final Session session;
    private final ImportSource source;
    private final Wanted wanted;
    private final Interruption interruption;
    private final Pace pace = new Pace();
    private final List<Line> lines = new ArrayList<>();
    private volatile int reached;
    private volatile String doing = "checking";

    /** Whether that is the reason of something that is there already. */
    static boolean isThere(String reason) {
        return reason.startsWith(THERE);
    }

    /** What an operator wants of it. */
    record Wanted(Place place, OnExisting onExisting, boolean dryRun) {}

    /** What has become of one secret so far. */
    private record Line(
            Optional<SecretName> name, String from, String outcome, Optional<Long> version, Optional<String> reason) {
        static Line refused(Optional<SecretName> name, String from, String reason) {
            return new Line(name, from, REFUSED, Optional.empty(), Optional.of(reason));
        }

        static Line leftOut(String from, String reason) {
            return new Line(Optional.empty(), from, SKIPPED, Optional.empty(), Optional.of(reason));
        }

        Line becomes(ImportedView done) {
            return switch (done.outcome()) {
                case EXISTS -> refused(name, from, stands(done));
                case SKIPPED -> new Line(name, from, SKIPPED, done.version(), Optional.of(stands(done)));
                default -> new Line(name, from, done.outcome(), done.version(), Optional.empty());
            };
        }

        /** Why it is not written. */
        private static String stands(ImportedView done) {
            return THERE
                    + done.version()
                            .map(version -> "version " + version + " has another value or is disabled")
                            .orElse("it was deleted");
        }

        /** What was only supposed to be done was not. */
        Line postponed() {
            boolean nothingToDo = Set.of(REFUSED, "unchanged", SKIPPED).contains(outcome);
            return nothingToDo ? this : new Line(name, from, WAITING, Optional.empty(), Optional.empty());
        }

        boolean isRefused() {
            return outcome.equals(REFUSED);
        }

        ImportView.Line view() {
            return new ImportView.Line(name.map(SecretName::text), from, outcome, version, reason);
        }
    }

    Import(Session session, ImportSource source, Wanted wanted, Interruption interruption) {
        this.session = session;
        this.source = source;
        this.wanted = wanted;
        this.interruption = interruption;
    }

    /**
     * The report, also of what was done before it was interrupted.
     *
     * @throws CommandFailure if nothing could be done at all
     */
    ImportView run() {
        source.offered().forEach(offered -> lines.add(named(offered)));
        if (lines.isEmpty()) {
            throw CommandFailure.failed(
                    "nothing-there", "there are no secrets in it, so nothing was stored", source.whereToLook());
        }
        refuseTwins();
        try (Progress _ = Progress.of(session, () -> doing + " " + reached + " of " + lines.size())) {
            check();
            if (!wanted.dryRun()) {
                lines.replaceAll(Line::postponed);
                if (lines.stream().noneMatch(Line::isRefused) && !interruption.came()) {
                    store();
                }
            }
        }
        return view();
    }

    private static Line named(Offered offered) {
        return switch (offered) {
            case Offered.Unusable(String from, String reason) -> Line.refused(Optional.empty(), from, reason);
            case Offered.LeftOut(String from, String reason) -> Line.leftOut(from, reason);
            case Offered.Secret(String from, String foreign) -> {
                Optional<SecretName> name = ImportName.of(foreign);
                yield name.isPresent()
                        ? new Line(name, from, WAITING, Optional.empty(), Optional.empty())
                        : Line.refused(
                                name,
                                from,
                                "a name of the store has letters, digits, '.', '_' and '-', 253 at most, and no '.' or"
                                        + " '-' in front");
            }
        };
    }

    /** Two that would get one name are both refused. */
    private void refuseTwins() {
        Map<SecretName, Integer> first = new HashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            Line line = lines.get(i);
            Integer other =
                    line.name().isEmpty() ? null : first.putIfAbsent(line.name().get(), i);
            if (other != null) {
                refuseTwin(i, lines.get(other).from());
                refuseTwin(other, line.from());
            }
        }
    }

    private void refuseTwin(int index, String other) {
        Line line = lines.get(index);
        String reason = line.from().equals(other) ? "it is there twice" : "it would have the same name as " + other;
        lines.set(index, Line.refused(line.name(), line.from(), reason));
    }

    /** Asks what would be done with each; what the agent says of one keeps no other from being asked. */
    private void check() {
        for (int i = 0; i < lines.size() && !interruption.came(); i++) {
            reached = i;
            Line line = lines.get(i);
            if (line.outcome().equals(WAITING)) {
                lines.set(i, checked(i, line));
            }
        }
    }

    private Line checked(int index, Line line) {
        try {
            return brought(index, line, false);
        } catch (CommandFailure e) {
            if (interruption.came()) {
                return line;
            }
            String code = e.error().error().code();
            String message = e.error().error().message();
            if (GONE.contains(code)) {
                return Line.leftOut(line.from(), message);
            }
            if (OF_ONE.contains(code)) {
                return Line.refused(line.name(), line.from(), message);
            }
            throw e;
        }
    }

    private Line brought(int index, Line line, boolean write) {
        return line.becomes(pace.ask(() -> source.bring(index, line.name().orElseThrow(), write)));
    }

    /** Ends with the first that fails, since what was checked a moment ago fails for a reason that the others have too. */
    private void store() {
        doing = "storing";
        for (int i = 0; i < lines.size() && !interruption.came(); i++) {
            reached = i;
            Line line = lines.get(i);
            if (line.outcome().equals(WAITING)) {
                try {
                    lines.set(i, brought(i, line, true));
                } catch (CommandFailure e) {
                    lines.set(i, interruption.came() ? unsure(line, "interrupted") : failed(line, e));
                    return;
                }
                if (lines.get(i).isRefused()) {
                    return;
                }
            }
        }
    }

    private static Line failed(Line line, CommandFailure e) {
        String message = e.error().error().message();
        String code = e.error().error().code();
        return OF_ONE.contains(code) || GONE.contains(code)
                ? Line.refused(line.name(), line.from(), message)
                : unsure(line, message);
    }

    /** Where the agent went away it may have been stored before; only the agent can say that. */
    private static Line unsure(Line line, String why) {
        return new Line(
                line.name(),
                line.from(),
                WAITING,
                Optional.empty(),
                Optional.of(why + "; the same command again tells whether it is stored"));
    }

    private ImportView view() {
        return new ImportView(
                wanted.dryRun(),
                count("created"),
                count("added"),
                count("revived"),
                count("unchanged"),
                count(SKIPPED),
                count(REFUSED),
                count(WAITING),
                lines.stream().map(Line::view).toList());
    }

    private int count(String outcome) {
        return (int)
                lines.stream().filter(line -> line.outcome().equals(outcome)).count();
    }
}
