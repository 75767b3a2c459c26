package dev.latchkey.agent.consumers;

import dev.latchkey.agent.secret.Holding;
import dev.latchkey.agent.secret.SecretLocation;
import java.lang.ref.WeakReference;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;

/**
 * What all consumers hold. Launches of one command get the same versions again and again, in whatever order they ask; their consumers share one list,
 * for as long as one of them has it. What came under a lease is nobody else's and is never shared.
 *
 * <p>SECURITY: bounded by the holdings in all lists, and no user can have the last, for a process chooses how much it holds and in how many selections.
 * Locations, which may be long, are there once each. Any thread.
 */
final class CommonHoldings {
    /** More would cost more of the heap than is worth it: some 130 bytes each. */
    static final int MOST = 1 << 17;

    /** Four times what one launch can ask for. What a process asks for again and again is merged each time, so it is not to grow without end. */
    static final int MOST_OF_ONE = 1 << 12;

    private static final Comparator<Holding> BY_LOCATION = Comparator.comparing(
                    (Holding holding) -> holding.location().toString())
            .thenComparing(Holding::version);

    private final Room room;
    private final Map<List<Holding>, Held> shared = new HashMap<>();
    private final Map<SecretLocation, WeakReference<SecretLocation>> locations = new WeakHashMap<>();

    CommonHoldings(Room room) {
        this.room = room;
    }

    /** A list that consumers have, until each gave it back. */
    static final class Held {
        private final List<Holding> list;
        private final long uid;
        private int takers = 1;

        private Held(List<Holding> list, long uid) {
            this.list = list;
            this.uid = uid;
        }

        List<Holding> list() {
            return list;
        }
    }

    /**
     * The list of these, by location, for a process of that user; absent: there is no room.
     *
     * @param holdings in any order
     */
    synchronized Optional<Held> take(long uid, List<Holding> holdings) {
        List<Holding> sorted = holdings.stream().sorted(BY_LOCATION).toList();
        Held known = shared.get(sorted);
        if (known != null) {
            known.takers++;
            return Optional.of(known);
        }
        if (sorted.size() > MOST_OF_ONE || !room.take(uid, sorted.size())) {
            return Optional.empty();
        }
        Held held = new Held(sorted.stream().map(this::compact).toList(), uid);
        if (isCommon(sorted)) {
            shared.put(held.list, held);
        }
        return Optional.of(held);
    }

    synchronized void giveBack(Held held) {
        held.takers--;
        if (held.takers == 0) {
            room.giveBack(held.uid, held.list.size());
            shared.remove(held.list, held);
        }
    }

    private static boolean isCommon(List<Holding> holdings) {
        return holdings.stream().allMatch(holding -> holding.hold().isEmpty());
    }

    private Holding compact(Holding holding) {
        return new Holding(shared(holding.location()), holding.version(), holding.hold());
    }

    private SecretLocation shared(SecretLocation location) {
        WeakReference<SecretLocation> reference = locations.get(location);
        SecretLocation known = reference == null ? null : reference.get();
        if (known != null) {
            return known;
        }
        locations.put(location, new WeakReference<>(location));
        return location;
    }
}
