package dev.latchkey.agent.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LockedMemoryTest {
    private final List<String> notLocked = new ArrayList<>();
    private final LockedMemory memory = new LockedMemory(notLocked::add);

    @Test
    void segmentHasTheSizeAskedForAndHoldsZeroes() {
        try (WipedSegment segment = memory.allocate(5_000)) {
            ByteBuffer buffer = segment.buffer();
            assertTrue(buffer.isDirect());
            assertEquals(5_000, buffer.remaining());
            assertEquals(ByteBuffer.allocate(5_000), buffer);
        }
    }

    @Test
    void everyViewIsOfTheSameMemory() {
        try (WipedSegment segment = memory.allocate(4)) {
            segment.buffer().putInt(42);
            assertEquals(42, segment.buffer().getInt());
        }
    }

    @Test
    void emptySegmentIsFine() {
        try (WipedSegment segment = memory.allocate(0)) {
            assertEquals(0, segment.buffer().remaining());
        }
    }

    @Test
    void mappingIsLockedAndLeftOutOfDumpsAndForks() throws IOException {
        try (WipedSegment segment = memory.allocate(100_000)) {
            segment.buffer().put(0, (byte) 1);
            List<String> flags = smaps().stream()
                    .filter(line -> line.startsWith("VmFlags:") && line.contains(" dd ") && line.contains(" wf "))
                    .toList();
            assertEquals(1, flags.size(), "one mapping is left out of dumps and of forks");
            // Where the limit does not allow locking, that was reported instead.
            assertEquals(notLocked.isEmpty(), flags.getFirst().contains(" lo "));
        }
    }

    @Test
    void closedSegmentIsGone() throws IOException {
        WipedSegment segment = memory.allocate(64);
        segment.close();
        segment.close();
        assertThrows(IllegalStateException.class, segment::buffer);
        assertFalse(smaps().stream().anyMatch(line -> line.startsWith("VmFlags:") && line.contains(" wf ")));
    }

    @Test
    void whatCannotBeLockedIsReportedOnceAndStillServes() {
        // Far over any limit a test machine has, unless the limit is off: then nothing is to be reported.
        try (WipedSegment first = memory.allocate(64 << 20);
                WipedSegment second = memory.allocate(64 << 20)) {
            assertTrue(notLocked.size() <= 1, notLocked.toString());
            second.buffer().put((byte) 1);
            assertEquals(1, second.buffer().get());
            assertEquals(0, first.buffer().get());
        }
    }

    @Test
    void negativeSizeIsABug() {
        assertThrows(IllegalStateException.class, () -> memory.allocate(-1));
    }

    private static List<String> smaps() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/smaps"), StandardCharsets.ISO_8859_1);
    }
}
