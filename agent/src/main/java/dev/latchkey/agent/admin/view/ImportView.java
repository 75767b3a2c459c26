package dev.latchkey.agent.admin.view;

import java.util.List;
import java.util.Optional;

/**
 * The report of an import: what became of each secret, and how many there are of each outcome. Without any value.
 *
 * @param dryRun nothing was written
 * @param waiting not reached, because the import was refused as a whole or ended early
 */
public record ImportView(
        boolean dryRun,
        int created,
        int added,
        int revived,
        int unchanged,
        int skipped,
        int refused,
        int waiting,
        List<Line> secrets) {
    public ImportView {
        secrets = List.copyOf(secrets);
    }

    /**
     * One secret.
     *
     * @param name in the store; absent if nothing of the source's name can be one, or it is not to be had there
     * @param from its name or path in the source
     * @param outcome {@code created}, {@code added}, {@code revived}, {@code unchanged}, {@code skipped}, {@code refused} or {@code waiting}
     */
    public record Line(
            Optional<String> name, String from, String outcome, Optional<Long> version, Optional<String> reason) {}
}
