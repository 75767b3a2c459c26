package dev.latchkey.agent.admin.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WipingAllocatorTest {
    private final List<Boolean> zeroed = new ArrayList<>();
    private final WipingAllocator allocator = new WipingAllocator(memory -> zeroed.add(isZero(memory)));

    private static boolean isZero(ByteBuffer memory) {
        ByteBuffer all = memory.duplicate().clear();
        while (all.hasRemaining()) {
            if (all.get() != 0) {
                return false;
            }
        }
        return true;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void zeroesWhenItGrowsAndWhenItIsReleased(boolean direct) {
        ByteBuf buffer = direct ? allocator.directBuffer(13, 1000) : allocator.heapBuffer(13, 1000);
        buffer.writeBytes("thirteen byte".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        buffer.writeByte(1);
        assertEquals(List.of(true), zeroed);
        ByteBuf slice = buffer.retainedSlice();
        buffer.release();
        assertEquals(List.of(true), zeroed);
        slice.release();
        assertEquals(List.of(true, true), zeroed);
    }
}
