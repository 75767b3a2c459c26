package dev.latchkey.agent.admin.view;

import dev.latchkey.agent.secret.StoreCustody;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The keys of the store.
 *
 * @param wrapped data keys that are wrapped under all of {@code keys}
 * @param since when the key-encryption key in use was made; absent: none can be looked at
 */
public record KeyStatusView(List<KeyView> keys, long wrapped, Optional<Instant> since) {
    public KeyStatusView {
        keys = List.copyOf(keys);
    }

    /** One key-encryption key. */
    public record KeyView(String kind, String id, String where, boolean usable, Optional<String> problem) {}

    public static KeyStatusView of(StoreCustody.KeyStatus status) {
        return new KeyStatusView(
                status.keks().stream()
                        .map(kek -> new KeyView(kek.kind(), kek.id(), kek.where(), kek.usable(), kek.problem()))
                        .toList(),
                status.dataKeys(),
                status.since());
    }
}
