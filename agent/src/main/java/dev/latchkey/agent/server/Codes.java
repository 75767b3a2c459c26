package dev.latchkey.agent.server;

import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.protocol.Code;

/** The protocol's code of each failure. */
final class Codes {
    private Codes() {}

    static Code of(FailureKind kind) {
        return switch (kind) {
            case STARTING -> Code.STARTING;
            case DRAINING -> Code.DRAINING;
            case DENIED -> Code.DENIED;
            case SCOPE_DENIED -> Code.SCOPE_DENIED;
            case CALLER_UNKNOWN -> Code.CALLER_UNKNOWN;
            case SECRET_NOT_FOUND -> Code.SECRET_NOT_FOUND;
            case VERSION_NOT_FOUND -> Code.VERSION_NOT_FOUND;
            case FIELD_NOT_FOUND -> Code.FIELD_NOT_FOUND;
            case NO_VALUE -> Code.NO_VALUE;
            case EXPIRED -> Code.EXPIRED;
            case VERSION_DISABLED -> Code.VERSION_DISABLED;
            case UNKNOWN_PROJECT -> Code.UNKNOWN_PROJECT;
            case UNKNOWN_ENVIRONMENT -> Code.UNKNOWN_ENVIRONMENT;
            case NOT_DECODABLE -> Code.NOT_DECODABLE;
            case PROVIDER_UNAVAILABLE -> Code.PROVIDER_UNAVAILABLE;
            case DECRYPTION_FAILED -> Code.DECRYPTION_FAILED;
            case AUDIT_UNAVAILABLE -> Code.AUDIT_UNAVAILABLE;
            case TIMED_OUT -> Code.TIMED_OUT;
            case BUSY -> Code.BUSY;
            case NOT_JSON -> Code.NOT_JSON;
            case PROVIDER_DENIED -> Code.PROVIDER_DENIED;
            case PROVIDER_MALFORMED -> Code.PROVIDER_MALFORMED;
            case UNSUPPORTED_VERSION -> Code.UNSUPPORTED_VERSION;
            case MALFORMED -> Code.MALFORMED;
            case BAD_NAME -> Code.BAD_NAME;
            case BAD_TARGET -> Code.BAD_TARGET;
            case BAD_REFERENCE -> Code.BAD_REFERENCE;
            case UNKNOWN_PROVIDER -> Code.UNKNOWN_PROVIDER;
            case DUPLICATE_TARGET -> Code.DUPLICATE_TARGET;
            case DANGEROUS_TARGET -> Code.DANGEROUS_TARGET;
            case VALUE_HAS_NUL -> Code.VALUE_HAS_NUL;
            case VALUE_TOO_LONG -> Code.VALUE_TOO_LONG;
            case BUNDLE_TOO_LARGE -> Code.BUNDLE_TOO_LARGE;
            case NOT_AVAILABLE -> Code.NOT_AVAILABLE;
            case BAD_DOCUMENT -> Code.BAD_DOCUMENT;
            case TARGET_IN_USE -> Code.TARGET_IN_USE;
            case CHECK_FAILED -> Code.CHECK_FAILED;
            // The others belong to the admin interface: to a launcher they are a fault of the agent.
            case INTERNAL,
                    FORBIDDEN,
                    ALREADY_EXISTS,
                    NOT_EMPTY,
                    BAD_VALUE,
                    BAD_ARGUMENT,
                    STATE_UNUSABLE,
                    BAD_CONFIGURATION,
                    CONNECTION_LOST -> Code.INTERNAL;
        };
    }
}
