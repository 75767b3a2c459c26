package dev.latchkey.agent.admin.http;

import dev.latchkey.agent.failure.FailureKind;
import io.netty.handler.codec.http.HttpResponseStatus;

/** Which HTTP status tells of which failure. */
final class Statuses {
    private Statuses() {}

    static HttpResponseStatus of(FailureKind kind) {
        return switch (kind) {
            case UNSUPPORTED_VERSION,
                    MALFORMED,
                    BAD_NAME,
                    BAD_TARGET,
                    BAD_REFERENCE,
                    BAD_VALUE,
                    BAD_ARGUMENT,
                    UNKNOWN_PROVIDER,
                    DUPLICATE_TARGET,
                    DANGEROUS_TARGET,
                    VALUE_HAS_NUL,
                    VALUE_TOO_LONG,
                    BUNDLE_TOO_LARGE,
                    NOT_JSON,
                    NOT_DECODABLE,
                    CHECK_FAILED,
                    BAD_DOCUMENT,
                    TARGET_IN_USE -> HttpResponseStatus.BAD_REQUEST;
            case FORBIDDEN, DENIED, SCOPE_DENIED, CALLER_UNKNOWN -> HttpResponseStatus.FORBIDDEN;
            case SECRET_NOT_FOUND, VERSION_NOT_FOUND, FIELD_NOT_FOUND, NO_VALUE, UNKNOWN_PROJECT, UNKNOWN_ENVIRONMENT ->
                HttpResponseStatus.NOT_FOUND;
            case ALREADY_EXISTS, NOT_EMPTY, EXPIRED, VERSION_DISABLED -> HttpResponseStatus.CONFLICT;
            case BUSY -> HttpResponseStatus.TOO_MANY_REQUESTS;
            case STARTING, DRAINING, AUDIT_UNAVAILABLE, PROVIDER_UNAVAILABLE, PROVIDER_DENIED ->
                HttpResponseStatus.SERVICE_UNAVAILABLE;
            case TIMED_OUT, CONNECTION_LOST -> HttpResponseStatus.GATEWAY_TIMEOUT;
            case PROVIDER_MALFORMED -> HttpResponseStatus.BAD_GATEWAY;
            case NOT_AVAILABLE -> HttpResponseStatus.NOT_IMPLEMENTED;
            case DECRYPTION_FAILED, STATE_UNUSABLE, BAD_CONFIGURATION, INTERNAL ->
                HttpResponseStatus.INTERNAL_SERVER_ERROR;
        };
    }
}
