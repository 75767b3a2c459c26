package dev.latchkey.agent.admin.http;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledDirectByteBuf;
import io.netty.buffer.UnpooledHeapByteBuf;
import io.netty.util.internal.CleanableDirectBuffer;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Makes unpooled buffers whose memory is zeroed whenever it is given up: on release, and when a buffer grows into other memory.
 *
 * <p>SECURITY: the pooled and adaptive allocators hand a value's bytes to whoever allocates next.
 */
public final class WipingAllocator extends AbstractByteBufAllocator {
    private final Consumer<ByteBuffer> given;

    /** The one to use. */
    public WipingAllocator() {
        this(_ -> {});
    }

    /**
     * @param given hears of memory after it was zeroed and before it is given back
     */
    WipingAllocator(Consumer<ByteBuffer> given) {
        super(true);
        this.given = given;
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
        return new Heap(this, initialCapacity, maxCapacity);
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
        return new Direct(this, initialCapacity, maxCapacity);
    }

    @Override
    public boolean isDirectBufferPooled() {
        return false;
    }

    private static void zero(ByteBuffer memory) {
        ByteBuffer all = memory.duplicate().clear();
        while (all.remaining() >= Long.BYTES) {
            all.putLong(0);
        }
        while (all.hasRemaining()) {
            all.put((byte) 0);
        }
    }

    private static final class Heap extends UnpooledHeapByteBuf {
        private final WipingAllocator allocator;

        Heap(WipingAllocator allocator, int initialCapacity, int maxCapacity) {
            super(allocator, initialCapacity, maxCapacity);
            this.allocator = allocator;
        }

        @Override
        protected void freeArray(byte[] array) {
            Arrays.fill(array, (byte) 0);
            allocator.given.accept(ByteBuffer.wrap(array));
            super.freeArray(array);
        }
    }

    private static final class Direct extends UnpooledDirectByteBuf {
        Direct(WipingAllocator allocator, int initialCapacity, int maxCapacity) {
            // INVARIANT: the superclass takes its first memory past the method below, so that one is empty and it grows
            // at once.
            super(allocator, 0, maxCapacity);
            capacity(initialCapacity);
        }

        @Override
        protected CleanableDirectBuffer allocateDirectBuffer(int capacity) {
            return new Wiped(super.allocateDirectBuffer(capacity), ((WipingAllocator) alloc()).given);
        }
    }

    /** Zeroes before it cleans. */
    private record Wiped(CleanableDirectBuffer inner, Consumer<ByteBuffer> given) implements CleanableDirectBuffer {
        @Override
        public ByteBuffer buffer() {
            return inner.buffer();
        }

        @Override
        public boolean hasMemoryAddress() {
            return inner.hasMemoryAddress();
        }

        @Override
        public long memoryAddress() {
            return inner.memoryAddress();
        }

        @Override
        public void clean() {
            zero(inner.buffer());
            given.accept(inner.buffer());
            inner.clean();
        }
    }
}
