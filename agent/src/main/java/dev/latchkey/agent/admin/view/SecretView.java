package dev.latchkey.agent.admin.view;

import dev.latchkey.agent.secret.Scope;
import dev.latchkey.agent.secret.Secret;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A secret without its value. */
public record SecretView(
        String project,
        String environment,
        String name,
        Optional<Long> version,
        Instant created,
        Instant updated,
        Optional<Instant> expires,
        Optional<Instant> deleted,
        List<String> scopes,
        Optional<String> description) {
    public SecretView {
        scopes = List.copyOf(scopes);
    }

    public static SecretView of(Secret secret) {
        return new SecretView(
                secret.path().project().text(),
                secret.path().environment().text(),
                secret.path().name().text(),
                secret.version(),
                secret.created(),
                secret.updated(),
                secret.expires(),
                secret.deleted(),
                secret.scopes().stream().map(Scope::text).toList(),
                secret.description());
    }
}
