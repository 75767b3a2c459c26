package dev.latchkey.agent.consumers;

import dev.latchkey.agent.sys.ProcessCalls;
import java.io.File;
import java.util.HashMap;
import java.util.Map;

/**
 * Counts what users have of something that is scarce, so that no user has it all: the last eighth is for users who have hardly any. Of consumers, each of
 * which costs a descriptor, so that connections never lack one; and of what they hold. Any thread.
 */
public final class Room {
    /** More would cost more of the heap than is worth it. */
    private static final int MOST = 1 << 16;

    /** A connection has its socket and its caller's pidfd. */
    private static final int OF_A_CONNECTION = 2;

    /** Files, connections to backends, and whatever else. */
    private static final int OTHERS = 256;

    private static final int RESERVE = 8;

    /** Whoever has this part of all or less may take of the reserve. */
    private static final int HARDLY_ANY = 64;

    private final int most;
    private final Map<Long, Integer> ofUser = new HashMap<>();
    private int all;

    public Room(int most) {
        this.most = most;
    }

    /**
     * What this process has besides its connections; where its descriptors are few, half of those that are left now.
     *
     * @param connections the most at once
     */
    public static Room ofThisProcess(int connections) {
        String[] open = new File("/proc/self/fd").list();
        return ofDescriptors(ProcessCalls.descriptorLimit() - (open == null ? 0 : open.length), connections);
    }

    static Room ofDescriptors(long left, int connections) {
        long besides = left - (long) OF_A_CONNECTION * connections - OTHERS;
        return new Room(Math.clamp(Math.max(left / 2, besides), 0, MOST));
    }

    /** Takes a place for a process of that user; false: there is none. */
    boolean take(long uid) {
        return take(uid, 1);
    }

    /** Takes that many places at once; false: there are fewer. */
    synchronized boolean take(long uid, int count) {
        int taken = ofUser.getOrDefault(uid, 0) + count;
        boolean few = taken <= Math.max(1, most / HARDLY_ANY);
        if (all + count > (few ? most : most - most / RESERVE)) {
            return false;
        }
        all += count;
        ofUser.put(uid, taken);
        return true;
    }

    void giveBack(long uid) {
        giveBack(uid, 1);
    }

    synchronized void giveBack(long uid, int count) {
        int left = ofUser.getOrDefault(uid, 0) - count;
        all -= count;
        if (left > 0) {
            ofUser.put(uid, left);
        } else {
            ofUser.remove(uid);
        }
    }
}
