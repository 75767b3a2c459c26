package dev.latchkey.agent.backend.azure;

import dev.latchkey.agent.failure.AgentException;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The agent's token: got when it is first needed, and again shortly before it ends. */
final class AzureSession implements AutoCloseable {
    private static final Duration MARGIN = Duration.ofMinutes(5);
    private static final Duration NEW = Duration.ofSeconds(30);

    private final Identity identity;
    private final LongSupplier nanoTime;
    private @Nullable Grant current;
    private long since;
    private long notBefore;

    AzureSession(Identity identity, LongSupplier nanoTime) {
        this.identity = identity;
        this.nanoTime = nanoTime;
    }

    /**
     * What a request carries as {@code Authorization}.
     *
     * @return a copy, the caller's to wipe
     * @throws AgentException as {@link Identity#grant}
     */
    synchronized byte[] authorization(Duration within) {
        Grant grant = current;
        long now = nanoTime.getAsLong();
        if (grant == null || now - since >= grant.lifetime().toNanos()) {
            grant = replaced(within);
        } else if (isDue(grant, now)) {
            grant = renewed(grant, within);
        }
        return grant.copyOfHeader();
    }

    private boolean isDue(Grant grant, long now) {
        Duration half = grant.lifetime().dividedBy(2);
        Duration margin = half.compareTo(MARGIN) < 0 ? half : MARGIN;
        return now - since >= grant.lifetime().minus(margin).toNanos() && now - notBefore >= 0;
    }

    /** The old one still holds: it is used where no other is to be had soon, and the next attempt waits a while. */
    private Grant renewed(Grant old, Duration within) {
        try {
            return replaced(within.dividedBy(2));
        } catch (AgentException e) {
            notBefore = nanoTime.getAsLong() + NEW.toNanos();
            return old;
        }
    }

    private Grant replaced(Duration within) {
        Grant grant = identity.grant(within);
        close();
        current = grant;
        since = nanoTime.getAsLong();
        notBefore = since;
        return grant;
    }

    /** Forgets a token that was refused, and says whether another may help: one that is new was refused for what it may, not for what it is. */
    synchronized boolean renounce(byte[] refused) {
        Grant grant = current;
        if (grant == null || !grant.is(refused)) {
            return true;
        }
        if (nanoTime.getAsLong() - since < NEW.toNanos()) {
            return false;
        }
        close();
        return true;
    }

    /** Wipes it; whoever asks after that gets another. */
    @Override
    public synchronized void close() {
        if (current != null) {
            current.close();
            current = null;
        }
    }
}
