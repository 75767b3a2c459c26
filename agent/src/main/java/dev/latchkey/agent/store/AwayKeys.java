package dev.latchkey.agent.store;

import dev.latchkey.agent.crypto.KeyEncryptionKey;
import dev.latchkey.agent.secret.StoreCustody.KeyAway;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The KEKs that could not be used when they were last asked. Any thread; the listener hears of each change once. */
final class AwayKeys {
    private final StoreListener listener;
    private final Map<KeyEncryptionKey, String> reasons = new LinkedHashMap<>();

    AwayKeys(StoreListener listener) {
        this.listener = listener;
    }

    void note(Finding finding) {
        note(finding.kek(), finding.problem());
    }

    synchronized void note(KeyEncryptionKey kek, Optional<String> problem) {
        boolean was = reasons.containsKey(kek);
        if (problem.isPresent()) {
            reasons.put(kek, problem.get());
            if (!was) {
                listener.keyAway(kek.where(), problem.get());
            }
        } else if (was) {
            reasons.remove(kek);
            listener.keyBack(kek.where());
        }
    }

    /** Forgets those that are configured no more. */
    synchronized void keepOnly(Collection<KeyEncryptionKey> configured) {
        reasons.keySet().retainAll(configured);
    }

    synchronized boolean isEmpty() {
        return reasons.isEmpty();
    }

    /** In the order of the configuration. */
    synchronized List<KeyAway> of(List<KeyEncryptionKey> configured) {
        return configured.stream()
                .flatMap(
                        kek -> Optional.ofNullable(reasons.get(kek))
                                .map(reason -> new KeyAway(kek.kind(), kek.where(), reason))
                                .stream())
                .toList();
    }
}
