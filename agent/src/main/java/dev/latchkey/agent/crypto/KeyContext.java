package dev.latchkey.agent.crypto;

/**
 * What a wrapped key is bound to; a key service gets the same as its encryption context.
 *
 * @param store the id of the store that the key belongs to
 * @param use what the key seals: {@code project NAME}, {@code backup}
 * @param key the id of the key that is wrapped
 */
public record KeyContext(String store, String use, String key) {
    public AssociatedData toAssociatedData() {
        return AssociatedData.of("latchkey wrapped key 1").with(store).with(use).with(key);
    }
}
