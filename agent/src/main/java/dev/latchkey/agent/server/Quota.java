package dev.latchkey.agent.server;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Counts connections, so that one user cannot have them all, nor several together: the last of them are for users who have hardly any. Any
 * thread.
 */
final class Quota {
    /** Stands for all callers whose uid could not be learnt. */
    static final long UNKNOWN_UID = -1;

    /** Of so many places one is kept in reserve. */
    private static final int RESERVE = 8;

    /** Whoever has this part of what a user may have, or less, may take of the reserve. */
    private static final int HARDLY_ANY = 64;

    private final int most;
    private final int mostOfUser;
    private final Map<Long, Integer> ofUser = new HashMap<>();
    private int all;

    Quota(int most, int mostOfUser) {
        this.most = most;
        this.mostOfUser = mostOfUser;
    }

    /**
     * A place, to be given back once.
     *
     * @param isOfFew whether its user has hardly any other
     */
    record Place(boolean isOfFew, Runnable back) {
        void giveBack() {
            back.run();
        }
    }

    /** Takes a place for that uid. Absent: there is none. */
    synchronized Optional<Place> take(long uid) {
        int taken = ofUser.getOrDefault(uid, 0);
        boolean few = taken < Math.max(1, mostOfUser / HARDLY_ANY);
        int open = few ? most : most - most / RESERVE;
        if (all >= open || taken >= mostOfUser) {
            return Optional.empty();
        }
        all++;
        ofUser.put(uid, taken + 1);
        return Optional.of(new Place(few, () -> giveBack(uid)));
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
