package dev.latchkey.agent.server;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Counts connections, so that one user cannot have them all. Any thread. */
final class Quota {
    /** Stands for all callers whose uid could not be learnt. */
    static final long UNKNOWN_UID = -1;

    private final int most;
    private final int mostOfUser;
    private final Map<Long, Integer> ofUser = new HashMap<>();
    private int all;

    Quota(int most, int mostOfUser) {
        this.most = most;
        this.mostOfUser = mostOfUser;
    }

    /** Takes a place for that uid; whoever got one gives it back once. Absent: there is none. */
    synchronized Optional<Runnable> take(long uid) {
        int taken = ofUser.getOrDefault(uid, 0);
        if (all >= most || taken >= mostOfUser) {
            return Optional.empty();
        }
        all++;
        ofUser.put(uid, taken + 1);
        return Optional.of(() -> giveBack(uid));
    }

    private synchronized void giveBack(long uid) {
        int left = ofUser.getOrDefault(uid, 0) - 1;
        all--;
        if (left > 0) {
            ofUser.put(uid, left);
        } else {
            ofUser.remove(uid);
        }
    }
}
