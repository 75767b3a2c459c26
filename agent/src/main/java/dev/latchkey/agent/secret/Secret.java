package dev.latchkey.agent.secret;

import java.time.Instant;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What is known of a secret without opening it.
 *
 * @param version the current version, the highest that is not purged; absent if there is none
 * @param disabled whether the current version is disabled, so that nothing is served without naming another
 * @param expires when the current version expires
 * @param deleted when it was deleted, which hides all its versions
 */
public record Secret(
        SecretPath path,
        Optional<Long> version,
        boolean disabled,
        Instant created,
        Instant updated,
        Optional<Instant> expires,
        Optional<Instant> deleted,
        SortedSet<Scope> scopes,
        Optional<String> description) {
    public Secret {
        scopes = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(scopes));
    }
}
