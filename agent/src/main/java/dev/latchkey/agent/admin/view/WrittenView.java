package dev.latchkey.agent.admin.view;

import dev.latchkey.agent.secret.SecretStore;
import java.util.Locale;

/**
 * What writing a value did.
 *
 * @param effect {@code created}, {@code added}, {@code revived} or {@code unchanged}
 */
public record WrittenView(long version, String effect) {
    public static WrittenView of(SecretStore.Written written) {
        return new WrittenView(written.version(), written.effect().name().toLowerCase(Locale.ROOT));
    }
}
