package dev.latchkey.agent.admin.http;

import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import io.netty.handler.codec.http.HttpResponseStatus;

/** A request that never becomes a command. */
final class Refused extends Exception {
    private final transient HttpResponseStatus status;
    private final transient Failure failure;

    Refused(HttpResponseStatus status, Failure failure) {
        super(failure.message(), null, false, false);
        this.status = status;
        this.failure = failure;
    }

    static Refused malformed(String message) {
        return new Refused(HttpResponseStatus.BAD_REQUEST, Failure.of(FailureKind.MALFORMED, message));
    }

    HttpResponseStatus status() {
        return status;
    }

    Failure failure() {
        return failure;
    }
}
