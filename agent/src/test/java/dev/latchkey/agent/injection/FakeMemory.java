package dev.latchkey.agent.injection;

import dev.latchkey.agent.memory.WipedSegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Segments whose content can be looked at after they were closed. */
final class FakeMemory implements WipedSegment.Source {
    private final List<Segment> segments = new ArrayList<>();
    private int room = Integer.MAX_VALUE;
    private long mostOpen;

    /** Makes that many segments more, then fails. */
    void failAfter(int more) {
        room = segments.size() + more;
    }

    int allocated() {
        return segments.size();
    }

    /** Segments that were not closed. */
    long stillOpen() {
        return segments.stream().filter(s -> !s.closed).count();
    }

    /** The most segments that were open at any one time. */
    long mostOpen() {
        return mostOpen;
    }

    @Override
    public WipedSegment allocate(int bytes) {
        if (segments.size() >= room) {
            throw new IllegalStateException("no memory");
        }
        Segment segment = new Segment(bytes);
        segments.add(segment);
        mostOpen = Math.max(mostOpen, stillOpen());
        return segment;
    }

    private static final class Segment implements WipedSegment {
        private final ByteBuffer bytes;
        private boolean closed;

        Segment(int size) {
            bytes = ByteBuffer.allocateDirect(size);
        }

        @Override
        public ByteBuffer buffer() {
            if (closed) {
                throw new IllegalStateException("used after it was closed");
            }
            return bytes;
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
