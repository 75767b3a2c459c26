package dev.latchkey.agent.consumers;

import dev.latchkey.agent.secret.Holding;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Launches of one command get the same versions again and again; their consumers share one list of them. What came under a lease is nobody else's and is
 * never shared. Any thread.
 */
final class CommonHoldings {
    private static final int MOST = 1_024;

    private final Map<List<Holding>, List<Holding>> known = new ConcurrentHashMap<>();

    /** An equal list, which others may have too. */
    List<Holding> of(List<Holding> holdings) {
        for (Holding holding : holdings) {
            if (holding.hold().isPresent()) {
                return holdings;
            }
        }
        List<Holding> common = known.get(holdings);
        if (common != null) {
            return common;
        }
        if (known.size() >= MOST) {
            // Those that consumers have they keep.
            known.clear();
        }
        known.put(holdings, holdings);
        return holdings;
    }
}
