package dev.latchkey.agent.failure;

import java.util.Locale;

/**
 * The closed list of failures. The first part are those a launcher can be told about and carry the names of the protocol's
 * error table (a test compares both); the second part only the admin interface can meet.
 */
public enum FailureKind {
    STARTING,
    DRAINING,
    DENIED,
    SCOPE_DENIED,
    CALLER_UNKNOWN,
    SECRET_NOT_FOUND,
    VERSION_NOT_FOUND,
    FIELD_NOT_FOUND,
    NO_VALUE,
    EXPIRED,
    VERSION_DISABLED,
    UNKNOWN_PROJECT,
    UNKNOWN_ENVIRONMENT,
    NOT_DECODABLE,
    CHECK_FAILED,
    PROVIDER_UNAVAILABLE,
    DECRYPTION_FAILED,
    AUDIT_UNAVAILABLE,
    TIMED_OUT,
    BUSY,
    NOT_JSON,
    INTERNAL,
    PROVIDER_DENIED,
    PROVIDER_MALFORMED,
    UNSUPPORTED_VERSION,
    MALFORMED,
    BAD_NAME,
    BAD_TARGET,
    BAD_REFERENCE,
    UNKNOWN_PROVIDER,
    DUPLICATE_TARGET,
    DANGEROUS_TARGET,
    VALUE_HAS_NUL,
    VALUE_TOO_LONG,
    BUNDLE_TOO_LARGE,
    NOT_AVAILABLE,
    BAD_DOCUMENT,
    TARGET_IN_USE,

    /** The peer's role does not allow this admin command. */
    FORBIDDEN,
    /** A thing of that name is there already. */
    ALREADY_EXISTS,
    /** A project or an environment still has something in it. */
    NOT_EMPTY,
    /** A value that is empty without having been allowed to be, or over 1 MiB. */
    BAD_VALUE,
    /** A description, scope, time or other argument outside its range. */
    BAD_ARGUMENT,
    /** The state folder, the database, a key file or a backup cannot be used as it is. */
    STATE_UNUSABLE,
    /** The configuration was refused. */
    BAD_CONFIGURATION,
    /** Whoever asked was gone before the answer was complete; told to the logs alone. */
    CONNECTION_LOST;

    private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /** The stable code that users and programs see, as in {@code secret-not-found}. */
    public String text() {
        return text;
    }
}
