package dev.latchkey.agent.store;

import dev.latchkey.agent.crypto.KeyEncryptionKey;
import dev.latchkey.agent.crypto.KeyMemory;
import dev.latchkey.agent.secret.NamingRule;
import java.util.List;

/**
 * How the store is set up.
 *
 * @param keys at least one; every data key is wrapped under all of them and any one opens it
 * @param memory where the data keys live
 * @param naming the rule of project {@code default} when it is made, at the first start
 */
public record StoreConfig(List<KeyEncryptionKey> keys, KeyMemory memory, NamingRule naming) {
    public StoreConfig {
        keys = List.copyOf(keys);
        if (keys.isEmpty()) {
            throw new IllegalStateException("a store without a key-encryption key");
        }
    }
}
