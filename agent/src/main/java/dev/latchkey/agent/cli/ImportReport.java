package dev.latchkey.agent.cli;

import dev.latchkey.agent.admin.view.ImportView;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Tells what came of an import, without any value. */
final class ImportReport {
    private ImportReport() {}

    /**
     * Prints it, and gives the exit status.
     *
     * @param interrupted by a signal
     */
    static int print(Session session, ImportView report, boolean json, boolean interrupted) {
        if (json) {
            session.printJson(report);
        } else {
            session.print(table(report) + sentence(report));
        }
        if (report.refused() + report.waiting() == 0) {
            return 0;
        }
        boolean stored = report.created() + report.added() + report.revived() > 0;
        boolean begun = report.refused() == 0 || stored;
        if (interrupted && !report.dryRun()) {
            session.note(
                    stored ? "the import was interrupted" : "the import was interrupted, and nothing is stored yet");
            session.hint("what was stored stays; the same command again goes on where it ended");
        } else if (interrupted) {
            session.note("the dry run was interrupted");
        } else if (report.dryRun()) {
            session.note("it would be refused");
            hintAtExisting(session, report);
        } else if (begun) {
            session.note("the import broke off");
            session.hint("what was stored stays; the same command again goes on where it ended");
        } else {
            session.note("nothing was stored");
            hintAtExisting(session, report);
        }
        return CommandFailure.FAILED;
    }

    /** Those that have a name of their own and were refused are there already, or else their own reason says what to do. */
    private static void hintAtExisting(Session session, ImportView report) {
        if (report.secrets().stream()
                .anyMatch(line -> line.outcome().equals("refused")
                        && line.reason().stream().anyMatch(Import::isThere))) {
            session.hint("--on-existing skip leaves what is there as it is, --on-existing new-version adds to it");
        }
    }

    private static Table table(ImportView report) {
        Table table = new Table("NAME", "FROM", "OUTCOME", "VERSION", "REASON");
        report.secrets()
                .forEach(line -> table.row(line.name(), line.from(), line.outcome(), line.version(), line.reason()));
        return table;
    }

    private static String sentence(ImportView report) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        counts.put("created", report.created());
        counts.put("added", report.added());
        counts.put("revived", report.revived());
        counts.put("unchanged", report.unchanged());
        counts.put("skipped", report.skipped());
        counts.put("refused", report.refused());
        counts.put("waiting", report.waiting());
        String said = counts.entrySet().stream()
                .filter(count -> count.getValue() > 0)
                .map(count -> count.getValue() + " " + count.getKey())
                .collect(Collectors.joining(", "));
        return report.dryRun() ? "it would be " + said + "; a dry run, nothing was stored\n" : said + "\n";
    }
}
