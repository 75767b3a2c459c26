package dev.latchkey.agent.secret;

import java.util.List;
import java.util.Set;

/**
 * A provider that can tell what other names there are, so that a misspelt one can be answered with the right one.
 *
 * <p>SECURITY: it knows nothing of policy. Whoever asks shows only names that the caller may have.
 */
public interface NameSource {
    /**
     * The secrets that live where this one would, as far as they can be served. May block.
     *
     * @throws dev.latchkey.agent.failure.AgentException if the provider cannot answer
     */
    List<Sibling> siblings(SecretLocation location);

    /**
     * The secrets of all places that a pattern may mean, as far as they can be served. May block.
     *
     * @param pattern a path with stars
     * @throws dev.latchkey.agent.failure.AgentException if the provider cannot answer
     */
    default List<Sibling> candidates(String pattern) {
        return List.of();
    }

    /**
     * A secret that is there.
     *
     * @param name the last part of its path, as a reference of the same form would have it
     * @param scopes the kinds of use it is for; empty: any
     */
    record Sibling(SecretLocation location, String name, Set<Scope> scopes) {
        public Sibling {
            scopes = Set.copyOf(scopes);
        }
    }
}
