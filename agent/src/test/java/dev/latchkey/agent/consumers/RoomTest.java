package dev.latchkey.agent.consumers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoomTest {
    /** With two users, of whom the second has hardly any. */
    private static int most(Room room) {
        int taken = 0;
        while (room.take(taken)) {
            taken++;
        }
        return taken;
    }

    @ParameterizedTest
    @CsvSource({
        "20000, 4096, 11552", // what its connections and 256 others do not need
        "1000, 4096, 500", // few: half of what there is
        "20, 4096, 10",
        "-3, 4096, 0",
        "1000000, 4096, 65536"
    })
    void leavesWhatConnectionsNeed(long left, int connections, int expected) {
        assertEquals(expected, most(Room.ofDescriptors(left, connections)));
    }

    @Test
    void theLastEighthIsForUsersWhoHaveHardlyAny() {
        Room room = new Room(128);
        for (int i = 0; i < 112; i++) {
            assertTrue(room.take(1000), "place " + i);
        }
        assertFalse(room.take(1000));
        assertTrue(room.take(1001));
        assertTrue(room.take(1001));
        assertFalse(room.take(1001), "two of 128 are hardly any, three are not");
        room.giveBack(1000);
        room.giveBack(1001);
        room.giveBack(1001);
        assertTrue(room.take(1000), "a place that was given back");
    }

    @Test
    void thisProcessHasRoom() {
        assertTrue(Room.ofThisProcess(16).take(1000));
    }
}
