package dev.latchkey.agent.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileSystemKindTest {
    @Test
    void takesTheNameFromTheListOfMounts() throws Exception {
        assertEquals("proc", FileSystemKind.typeOf(Path.of("/proc/self")));
    }

    @ParameterizedTest
    @ValueSource(longs = {0x6969, 0xFF53_4D42L, 0x6573_5546, 0x0102_1997})
    void refusesByNumberWhatItRefusesByName(long number) {
        assertTrue(FileSystemKind.isNetwork(FileSystemKind.nameOf(number)));
    }

    @ParameterizedTest
    @ValueSource(longs = {0xEF53, 0x5846_5342, 0x9123_683E, 0x0102_1994, 0x794C_7630})
    void takesLocalOnesByNumber(long number) {
        assertFalse(FileSystemKind.isNetwork(FileSystemKind.nameOf(number)));
    }
}
