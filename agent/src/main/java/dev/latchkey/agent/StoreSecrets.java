package dev.latchkey.agent;

import dev.latchkey.agent.config.ConfigSecrets;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.secret.FoundSecret;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.Scope;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretProvider;
import dev.latchkey.agent.secret.SecretReference;
import dev.latchkey.agent.secret.SecretReference.Absence;
import dev.latchkey.agent.secret.SecretValue;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * The secrets that agent.yaml names, from the store that is open. SECURITY: what a backend's library takes is a String, so a credential is one from here
 * on, for as long as its configuration is in force.
 *
 * @param namespace where names without one live
 */
record StoreSecrets(SecretProvider store, Namespace namespace) implements ConfigSecrets {
    @Override
    public Found find(SecretReference reference) {
        boolean plain = reference.field().isEmpty()
                && reference.decode().isEmpty()
                && reference.encode().isEmpty()
                && reference.absence() instanceof Absence.Fails;
        if (!plain) {
            return new Found.Missing("neither a field nor an option can stand in this file");
        }
        try {
            SecretLocation location = store.locate(reference, namespace);
            return switch (store.find(location, reference.version())) {
                case Lookup.Absent(Failure failure, Set<Scope> _) ->
                    new Found.Missing(location.path() + ": " + failure.message());
                case Lookup.Found(FoundSecret secret) -> value(location, secret);
            };
        } catch (AgentException refused) {
            return new Found.Missing(refused.failure().message());
        }
    }

    private static Found value(SecretLocation location, FoundSecret secret) {
        try (secret;
                SecretValue value = secret.open()) {
            return value.lend(bytes -> text(location, bytes));
        }
    }

    private static Found text(SecretLocation location, ByteBuffer bytes) {
        try {
            return new Found.Value(
                    StandardCharsets.UTF_8.newDecoder().decode(bytes).toString());
        } catch (CharacterCodingException e) {
            return new Found.Missing(location.path() + ": the value is not UTF-8");
        }
    }
}
