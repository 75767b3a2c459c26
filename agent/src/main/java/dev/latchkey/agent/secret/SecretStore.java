package dev.latchkey.agent.secret;

import dev.latchkey.agent.failure.AgentException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Our own encrypted persistence, as operators use it. Whatever a method reports as done is durable when it returns.
 *
 * <p>All methods may block and throw {@link AgentException}: {@code UNKNOWN_PROJECT}, {@code UNKNOWN_ENVIRONMENT}, {@code
 * SECRET_NOT_FOUND} and {@code VERSION_NOT_FOUND} where they name a thing that is not there (a deleted secret counts as not there except for {@link #put},
 * {@link #restore}, {@link #purge}, {@link #show} and {@link #versions}), {@code PROVIDER_UNAVAILABLE} where the disk or the database fails.
 */
public interface SecretStore {
    List<Project> projects();

    /**
     * Makes the project and its default environment.
     *
     * @throws AgentException {@code ALREADY_EXISTS}
     */
    Project createProject(ProjectName name, NamingRule naming);

    /**
     * @throws AgentException {@code NOT_EMPTY} while a secret, deleted ones too, lives in it
     */
    void deleteProject(ProjectName name);

    List<Environment> environments(ProjectName project);

    /**
     * @throws AgentException {@code ALREADY_EXISTS}
     */
    Environment createEnvironment(ProjectName project, EnvironmentName name);

    /**
     * @throws AgentException {@code NOT_EMPTY} while a secret, deleted ones too, lives in it
     */
    void deleteEnvironment(ProjectName project, EnvironmentName name);

    /** Secrets in the order of their names, deleted ones too. */
    List<Secret> list(Namespace namespace);

    Secret show(SecretPath path);

    /** Versions that were not purged, newest first. */
    List<SecretVersion> versions(SecretPath path);

    /**
     * Creates the secret, adds a version, or revives a deleted name. A value equal to the current one changes no version, unless that one is
     * disabled or expired, though the details given are set.
     *
     * @throws AgentException {@code BAD_NAME} if the project's naming rule forbids a new name
     */
    Written put(SecretPath path, SecretValue value, Details details, Optional<Instant> expires);

    /**
     * As {@link #put}, except that a name which is there already gets no other value unless that is meant. A value equal to the current one, which is
     * served, changes nothing whatever is said. All of it is one step.
     *
     * @param write false: only tells what would be done
     * @throws AgentException as {@link #put}
     */
    Imported importValue(SecretPath path, SecretValue value, OnExisting onExisting, boolean write);

    /** As {@link #put}, but only for a secret that exists. */
    Written rotate(SecretPath path, SecretValue value);

    /**
     * Adds a version with the bytes of that one.
     *
     * @throws AgentException {@code VERSION_DISABLED}, {@code EXPIRED}
     */
    Written rollback(SecretPath path, long version);

    /** Sets what is present; an expiry belongs to the current version. */
    void set(SecretPath path, Details details, Optional<Expiry> expires);

    void delete(SecretPath path);

    void restore(SecretPath path);

    /** Destroys one version, or the secret with all its versions, beyond recovery by us. */
    void purge(SecretPath path, Optional<Long> version);

    void disable(SecretPath path, long version);

    void enable(SecretPath path, long version);

    /**
     * Looks a version up without opening it. Says why there is nothing to serve.
     *
     * @param version absent: the current one, the highest that is not purged. Where that one is disabled the answer is {@code
     *     VERSION_DISABLED}, never an older version
     */
    Lookup find(SecretPath path, Optional<Long> version);

    /** Whether {@link #find} would now find a small value that can be opened at once, without asking the disk. Never blocks. */
    default boolean isAtHand(SecretPath path, Optional<Long> version) {
        return false;
    }

    /** What describes a secret; what is absent stays as it is. */
    record Details(Optional<String> description, Optional<Set<Scope>> scopes) {
        /** The longest description, in characters. */
        public static final int MAX_DESCRIPTION = 1024;

        public static final Details NONE = new Details(Optional.empty(), Optional.empty());
    }

    /** A new expiry: at a time, or never. */
    sealed interface Expiry {
        record At(Instant time) implements Expiry {}

        record Never() implements Expiry {}
    }

    /**
     * What importing a value did, or would do.
     *
     * @param version that is current afterwards, where it is known; none of a deleted secret
     */
    record Imported(Optional<Long> version, Outcome outcome) {
        public enum Outcome {
            CREATED,
            ADDED,
            REVIVED,
            UNCHANGED,
            /** It is there with another value, and stays. */
            SKIPPED,
            /** It is there with another value, which was not to be. */
            EXISTS
        }
    }

    /** What writing a value did. */
    record Written(long version, Effect effect) {
        public enum Effect {
            CREATED,
            ADDED,
            REVIVED,
            UNCHANGED
        }
    }
}
