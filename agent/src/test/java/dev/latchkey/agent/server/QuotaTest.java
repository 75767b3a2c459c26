package dev.latchkey.agent.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class QuotaTest {
    private final Quota quota = new Quota(4_096, 512);

    /** Takes as many as there are for that uid. */
    private List<Quota.Place> takeAll(long uid) {
        List<Quota.Place> places = new ArrayList<>();
        for (Optional<Quota.Place> place = quota.take(uid); place.isPresent(); place = quota.take(uid)) {
            places.add(place.get());
        }
        return places;
    }

    @Test
    void oneUserGetsNoMoreThanItsShare() {
        assertEquals(512, takeAll(1).size());
        assertTrue(quota.take(2).isPresent());
    }

    @Test
    void manyUsersTogetherLeaveAReserveForWhoHasHardlyAny() {
        int taken = 0;
        for (long uid = 1; uid <= 20; uid++) {
            taken += takeAll(uid).size();
        }
        assertEquals(4_096 - 512 + 13 * 8, taken, "seven had their share, thirteen eight of the reserve");
        assertEquals(8, takeAll(21).size());
    }

    @Test
    void theReserveEndsToo() {
        int taken = 0;
        for (long uid = 1; uid <= 200; uid++) {
            taken += takeAll(uid).size();
        }
        assertEquals(4_096, taken);
        assertFalse(quota.take(201).isPresent());
    }

    @Test
    void whatIsGivenBackIsFreeAgain() {
        List<Quota.Place> places = takeAll(1);
        places.forEach(Quota.Place::giveBack);
        assertEquals(512, takeAll(1).size());
    }

    @Test
    void aSmallQuotaHasNoReserve() {
        Quota small = new Quota(2, 1);
        assertTrue(small.take(1).isPresent());
        assertTrue(small.take(2).isPresent());
        assertFalse(small.take(3).isPresent());
    }
}
