package dev.latchkey.agent.admin.http;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/** How much of the admin socket one user can have: so many connections at a time, and so many a second. Any thread. */
final class PeerQuota {
    private static final int USERS_REMEMBERED = 1024;
    private static final double NANOS = 1e9;

    private final Limits limits;
    private final LongSupplier nanoTime;
    private final Map<Long, Share> shares = new LinkedHashMap<>(16, 0.75f, true);

    PeerQuota(Limits limits, LongSupplier nanoTime) {
        this.limits = limits;
        this.nanoTime = nanoTime;
    }

    /**
     * What one user may have.
     *
     * @param open connections at a time
     * @param burst connections at once after a pause
     * @param perSecond connections a second in the long run
     */
    record Limits(int open, int burst, double perSecond) {}

    private static final class Share {
        int open;
        double tokens;
        long refilled;
    }

    /** Takes a connection from the user's share; false: there is none left. Each true asks for one {@link #leave}. */
    synchronized boolean enter(long uid) {
        Share share = shares.computeIfAbsent(uid, _ -> fresh());
        refill(share);
        forgetIdle();
        if (share.open >= limits.open() || share.tokens < 1) {
            return false;
        }
        share.open++;
        share.tokens--;
        return true;
    }

    synchronized void leave(long uid) {
        Share share = shares.get(uid);
        if (share != null) {
            share.open--;
        }
    }

    private Share fresh() {
        Share share = new Share();
        share.tokens = limits.burst();
        share.refilled = nanoTime.getAsLong();
        return share;
    }

    private void refill(Share share) {
        long now = nanoTime.getAsLong();
        share.tokens = Math.min(limits.burst(), share.tokens + (now - share.refilled) / NANOS * limits.perSecond());
        share.refilled = now;
    }

    /** Those that were here least lately go first; who has a connection stays. */
    private void forgetIdle() {
        Iterator<Share> eldest = shares.values().iterator();
        while (shares.size() > USERS_REMEMBERED && eldest.hasNext()) {
            if (eldest.next().open == 0) {
                eldest.remove();
            }
        }
    }
}
