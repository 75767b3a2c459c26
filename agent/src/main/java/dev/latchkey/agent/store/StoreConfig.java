package dev.latchkey.agent.store;

import dev.latchkey.agent.crypto.KeyEncryptionKey;
import dev.latchkey.agent.secret.NamingRule;
import java.util.List;

/**
 * How the store is set up.
 *
 * @param keys at least one; every data key is wrapped under all of them and any one opens it
 * @param naming the rule of project {@code default} when it is made, at the first start
 */
public record StoreConfig(List<KeyEncryptionKey> keys, NamingRule naming) {
    public StoreConfig {
        keys = List.copyOf(keys);
        if (keys.isEmpty()) {
            throw new IllegalStateException("a store without a key-encryption key");
        }
    }
}
