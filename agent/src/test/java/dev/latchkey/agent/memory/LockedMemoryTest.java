package dev.latchkey.agent.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
        long protectedBefore = mapped("dd", "wf");
        long lockedBefore = mapped("dd", "wf", "lo");
        try (WipedSegment segment = memory.allocate(100_000)) {
            segment.buffer().put(0, (byte) 1);
            assertTrue(mapped("dd", "wf") - protectedBefore >= 100_000, "it is left out of dumps and of forks");
            // Where the limit does not allow locking, that was reported instead.
            assertEquals(notLocked.isEmpty(), mapped("dd", "wf", "lo") - lockedBefore >= 100_000);
            assertEquals(notLocked.stream().findFirst(), memory.failure());
        }
    }

    @Test
    void manySmallSegmentsAreThereAtOnce() {
        List<WipedSegment> segments = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            segments.add(memory.allocate(1 << 10));
            segments.getLast().buffer().putInt(0, i);
        }
        for (int i = 0; i < 200; i++) {
            assertEquals(i, segments.get(i).buffer().getInt(0));
            segments.get(i).close();
        }
        try (WipedSegment again = memory.allocate(1 << 10)) {
            assertEquals(ByteBuffer.allocate(1 << 10), again.buffer());
        }
    }

    @Test
    void nextSmallSegmentHoldsNothingOfTheOneBefore() {
        byte[] canary = "canary".getBytes(StandardCharsets.US_ASCII);
        try (WipedSegment first = memory.allocate(canary.length)) {
            first.buffer().put(canary);
        }
        try (WipedSegment second = memory.allocate(16 << 10)) {
            assertEquals(ByteBuffer.allocate(16 << 10), second.buffer());
        }
    }

    @Test
    void segmentsInUseShareNothing() {
        try (WipedSegment one = memory.allocate(8)) {
            try (WipedSegment other = memory.allocate(8)) {
                one.buffer().putLong(1);
                other.buffer().putLong(2);
                assertEquals(1, one.buffer().getLong());
            }
        }
    }

    @Test
    void closedLargeSegmentIsGone() throws IOException {
        long before = mapped("dd", "wf");
        WipedSegment segment = memory.allocate(100_000);
        segment.close();
        segment.close();
        assertThrows(IllegalStateException.class, segment::buffer);
        assertEquals(before, mapped("dd", "wf"));
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

    /**
     * The bytes of all mappings with these flags: {@code dd} is left out of dumps, {@code wf} emptied in forks, {@code lo} locked. Not
     * their number, because the kernel makes one of two neighbours with the same flags, and segments of other tests may still be kept.
     */
    private static long mapped(String... flags) throws IOException {
        long bytes = 0;
        long size = 0;
        for (String line : Files.readAllLines(Path.of("/proc/self/smaps"), StandardCharsets.ISO_8859_1)) {
            if (line.startsWith("Size:")) {
                size = 1024 * Long.parseLong(line.replaceAll("[^0-9]", ""));
            } else if (line.startsWith("VmFlags:")
                    && List.of(line.split(" +", -1)).containsAll(List.of(flags))) {
                bytes += size;
            }
        }
        return bytes;
    }
}
