package dev.latchkey.agent.secret;

import dev.latchkey.agent.failure.AgentException;
import java.time.Duration;
import java.util.Optional;

/** A backend as far as one lease goes that it gave. It is asked once each time; who asks again, and how often, is the cache. */
public interface Lender {
    /** Whether it renews this lease at all. */
    boolean renews();

    /**
     * Asks for more time.
     *
     * @param wanted from now on
     * @param within when the answer is of no more use; it returns or throws by then
     * @return what it gives; absent: this lease is over, or is renewed no more
     * @throws dev.latchkey.agent.failure.UnavailableException where asking again may help
     * @throws AgentException {@code PROVIDER_DENIED}, {@code PROVIDER_MALFORMED}
     */
    Optional<Term> renew(Duration wanted, Duration within);

    /**
     * Gives it back: what came under it ends. One that is over already is given back too.
     *
     * @throws AgentException as {@link #renew}
     */
    void giveBack(Duration within);

    /**
     * How long it can last from now on, however often it is renewed, as far as is known; zero: the backend gave it to somebody that the agent is no
     * more, and ends it with that. Does not wait.
     */
    default Optional<Duration> most() {
        return Optional.empty();
    }

    /**
     * What a renewal gives.
     *
     * @param left from the moment that it was asked for
     * @param again whether it may be renewed once more
     */
    record Term(Duration left, boolean again) {}
}
