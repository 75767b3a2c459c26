package dev.latchkey.agent.injection;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.workload.PinnedCaller;

/** The use case as the server sees it. Its methods may block, except for the questions. */
public interface Injector {
    /**
     * Whether {@link #inject} would now take well under a millisecond and wait for nothing, so that changing threads for it would cost more than it
     * does. A hint, which never blocks. SECURITY: it does not depend on whether there is what the caller may not have, for the time of an answer
     * would tell.
     */
    default boolean injectsAtOnce(LaunchRequest request, PinnedCaller caller) {
        return false;
    }

    /** The same of {@link #conclude}. */
    default boolean concludesAtOnce() {
        return false;
    }

    /**
     * Attest, decide, audit, resolve, assemble. Whatever is refused is a value, so that every reason can be told at once.
     *
     * @throws AgentException of kind {@code AUDIT_UNAVAILABLE} if a record cannot be written: if that of the request, nothing was looked up; if that
     *     of its end, nothing is delivered
     */
    InjectionResult inject(LaunchRequest request, PinnedCaller caller);

    /** The same for a request with documents, whose texts may first have to be asked for. Wipes what the request was given. */
    InjectionResult inject(ComposedRequest request, PinnedCaller caller);

    /** Records how the hand-over of a bundle ended. Does not close the bundle. */
    void conclude(Bundle bundle, HandOver result);

    /** How a hand-over ended. */
    enum HandOver {
        /** Every byte was given to the kernel for the caller. */
        DELIVERED,
        /** The caller had ended before the first byte was written. */
        CALLER_GONE,
        /** The connection failed, or the deadline passed, while writing. */
        CONNECTION_LOST
    }
}
