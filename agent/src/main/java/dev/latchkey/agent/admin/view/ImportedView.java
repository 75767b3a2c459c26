package dev.latchkey.agent.admin.view;

import dev.latchkey.agent.secret.SecretStore;
import java.util.Locale;
import java.util.Optional;

/**
 * What importing one value did, or would do.
 *
 * @param outcome {@code created}, {@code added}, {@code revived}, {@code unchanged}, {@code skipped} or {@code exists}
 * @param version that is current afterwards; absent where nothing was written that would be
 */
public record ImportedView(String outcome, Optional<Long> version) {
    public static ImportedView of(SecretStore.Imported imported) {
        return new ImportedView(imported.outcome().name().toLowerCase(Locale.ROOT), imported.version());
    }
}
