package dev.latchkey.agent.provider.store;

import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretProvider;
import dev.latchkey.agent.secret.SecretReference;
import java.util.Optional;

/** The store as far as names go, for deciding where no store is open. */
public record StoreNames(String name) implements SecretProvider {
    @Override
    public SecretLocation locate(SecretReference reference, Namespace defaults) {
        return StoreProvider.locate(name, reference, defaults);
    }

    @Override
    public boolean hasScopes() {
        return true;
    }

    @Override
    public Lookup find(SecretLocation location, Optional<String> version) {
        throw new IllegalStateException("decisions are made on names, without looking anything up");
    }
}
