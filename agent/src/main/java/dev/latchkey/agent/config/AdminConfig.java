package dev.latchkey.agent.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The admin interface.
 *
 * @param reveal the roles that may read values back; empty: nobody
 * @param roles the first grant that fits the peer decides; root and the agent's uid are admin without one
 */
public record AdminConfig(AdminSocket socket, Set<Role> reveal, List<Grant> roles) {
    public AdminConfig {
        reveal = Set.copyOf(reveal);
        roles = List.copyOf(roles);
    }

    /** From the most rights to the fewest. */
    public enum Role {
        ADMIN,
        EDITOR,
        VIEWER;

        /** As it is written in configuration and audit records. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A role for one user or for one group; exactly one of {@code uid} and {@code gid} is there. */
    public record Grant(Optional<Long> uid, Optional<Long> gid, Role role) {
        public Grant {
            if (uid.isPresent() == gid.isPresent()) {
                throw new IllegalStateException("a role is for one user or one group");
            }
        }
    }

    /** Where the admin socket is. */
    public sealed interface AdminSocket {
        /** {@code admin.sock} in the state folder. */
        record InState() implements AdminSocket {}

        /** At an absolute path of at most 107 bytes. */
        record At(Path path) implements AdminSocket {}

        /** Nowhere. */
        record None() implements AdminSocket {}
    }
}
