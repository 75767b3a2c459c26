package dev.latchkey.agent.store;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.EnvironmentName;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.ProjectName;
import dev.latchkey.agent.secret.SecretPath;
import java.time.Instant;
import java.util.Optional;

/**
 * Why the store has nothing to serve, in words. The messages of look-ups leave out the secret's name, because a look-up stands beside the
 * reference that asked for it; {@link #named} puts it in front.
 */
final class Refusals {
    private Refusals() {}

    static AgentException named(SecretPath path, Failure failure) {
        return new AgentException(new Failure(failure.kind(), path.name() + ": " + failure.message(), failure.hint()));
    }

    static Failure unknownProject(ProjectName project) {
        return Failure.of(
                FailureKind.UNKNOWN_PROJECT,
                "project " + project + " does not exist",
                "make it with: agent project create " + project);
    }

    static Failure unknownEnvironment(ProjectName project, EnvironmentName environment) {
        return Failure.of(
                FailureKind.UNKNOWN_ENVIRONMENT,
                "environment " + environment + " does not exist in project " + project,
                "make it with: agent environment create " + environment + " --project " + project);
    }

    static Failure notFound(SecretPath path) {
        return Failure.of(
                FailureKind.SECRET_NOT_FOUND,
                "not found in " + path.namespace(),
                "`agent secret put " + options(path) + "` makes it");
    }

    static Failure deleted(SecretPath path, Instant when) {
        return Failure.of(
                FailureKind.SECRET_NOT_FOUND,
                "not found in " + path.namespace(),
                "it was deleted at " + when + "; bring it back with: agent secret restore " + options(path));
    }

    static Failure versionNotFound(SecretPath path, long version, Optional<Long> newest) {
        String message = "version " + version + " not found in " + path.namespace();
        return newest.map(n -> Failure.of(FailureKind.VERSION_NOT_FOUND, message, "the newest version is " + n))
                .orElseGet(() -> Failure.of(FailureKind.VERSION_NOT_FOUND, message));
    }

    static Failure noVersion(SecretPath path) {
        return Failure.of(
                FailureKind.VERSION_NOT_FOUND,
                "every version was purged in " + path.namespace(),
                "give it a new value with: agent secret put " + options(path));
    }

    static Failure disabled(SecretPath path, long version) {
        return Failure.of(
                FailureKind.VERSION_DISABLED,
                "version " + version + " is disabled in " + path.namespace(),
                "agent secret enable " + path.name() + " " + version + place(path));
    }

    /** What {@link #disabled} says, where a reference names no version and so has more ways out. */
    static Failure currentDisabled(SecretPath path, long version) {
        return Failure.of(
                FailureKind.VERSION_DISABLED,
                disabled(path, version).message(),
                "enable it with: agent secret enable " + path.name() + " " + version + place(path)
                        + "; or put a new value, or roll back to an older version");
    }

    static Failure expired(SecretPath path, long version, Instant when) {
        return Failure.of(
                FailureKind.EXPIRED,
                "version " + version + " expired at " + when + " in " + path.namespace(),
                "give it a new value with: agent secret put " + options(path));
    }

    static Failure notDeleted(SecretPath path) {
        return Failure.of(FailureKind.ALREADY_EXISTS, "was not deleted in " + path.namespace());
    }

    static Failure notAuthentic(SecretPath path, long version) {
        return Failure.of(
                FailureKind.DECRYPTION_FAILED,
                "decryption failed: " + path + "@" + version + " is not what was stored there",
                "agent store verify lists every such row; agent restore brings a backup back");
    }

    /** The name with the options that lead to it from anywhere. */
    private static String options(SecretPath path) {
        return path.name() + place(path);
    }

    private static String place(SecretPath path) {
        return path.namespace().equals(Namespace.DEFAULT)
                ? ""
                : " --project " + path.project() + " --environment " + path.environment();
    }
}
