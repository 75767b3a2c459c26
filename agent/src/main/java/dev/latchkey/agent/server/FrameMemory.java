package dev.latchkey.agent.server;

import java.util.HashMap;
import java.util.Map;

/**
 * Counts the bytes of requests that are held at once. SECURITY: the heap is small and connections are many, so without this one user
 * could fill it with frames that never end. Any thread.
 *
 * <p>The first {@link #FREE} bytes of a frame count for nothing: what other users take can never refuse an ordinary request.
 */
final class FrameMemory {
    /** More than an ordinary request has, and as much as one read takes. */
    static final int FREE = 4_096;

    private final long most;
    private final long mostOfUser;
    private final Map<Long, Long> ofUser = new HashMap<>();
    private long all;

    FrameMemory(long most, long mostOfUser) {
        this.most = most;
        this.mostOfUser = mostOfUser;
    }

    /** The account of one connection of that uid. */
    Share share(long uid) {
        return new Share(uid);
    }

    private synchronized boolean take(long uid, long bytes) {
        long taken = ofUser.getOrDefault(uid, 0L);
        if (all + bytes > most || taken + bytes > mostOfUser) {
            return false;
        }
        all += bytes;
        ofUser.put(uid, taken + bytes);
        return true;
    }

    private synchronized void giveBack(long uid, long bytes) {
        all -= bytes;
        long left = ofUser.getOrDefault(uid, 0L) - bytes;
        if (left > 0) {
            ofUser.put(uid, left);
        } else {
            ofUser.remove(uid);
        }
    }

    /** What one connection holds of one frame. */
    final class Share {
        private final long uid;
        private long received;
        private long charged;

        private Share(long uid) {
            this.uid = uid;
        }

        /** Whether there is room for so many more bytes; they are held until {@link #letGo}. */
        synchronized boolean hold(int bytes) {
            long due = Math.max(0, received + bytes - FREE) - charged;
            if (due > 0 && !take(uid, due)) {
                return false;
            }
            received += bytes;
            charged += due;
            return true;
        }

        /** The frame and all that was made of it is done with. */
        synchronized void letGo() {
            if (charged > 0) {
                giveBack(uid, charged);
            }
            received = 0;
            charged = 0;
        }
    }
}
