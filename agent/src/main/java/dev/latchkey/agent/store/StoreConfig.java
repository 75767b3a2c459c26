package dev.latchkey.agent.store;

import dev.latchkey.agent.crypto.KeyEncryptionKey;
import dev.latchkey.agent.crypto.KeyMemory;
import dev.latchkey.agent.secret.NamingRule;
import java.time.Duration;
import java.util.List;

/**
 * How the store is set up.
 *
 * @param keys at least one; every data key is wrapped under all of them and any one opens it
 * @param memory where the data keys live
 * @param naming the rule of project {@code default} when it is made, at the first start
 * @param patience how long all remote keys together may take to answer one question
 */
public record StoreConfig(List<KeyEncryptionKey> keys, KeyMemory memory, NamingRule naming, Duration patience) {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    public StoreConfig(List<KeyEncryptionKey> keys, KeyMemory memory, NamingRule naming) {
        this(keys, memory, naming, PATIENCE);
    }

    public StoreConfig {
        keys = List.copyOf(keys);
        if (keys.isEmpty()) {
            throw new IllegalStateException("a store without a key-encryption key");
        }
    }
}
