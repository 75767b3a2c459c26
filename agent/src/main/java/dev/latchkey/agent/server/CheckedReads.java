package dev.latchkey.agent.server;

import dev.latchkey.agent.workload.PinnedCaller;
import dev.latchkey.agent.workload.Sender;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;

/**
 * Makes the buffers of one connection's reads, and learns right before each read whose bytes it will get. A read stops where another
 * process's bytes begin, so what was learnt holds for all of it. Lives on the connection's event loop.
 *
 * <p>This is where Netty lets us in between readiness and reading: it asks for a buffer once for every read.
 */
final class CheckedReads extends DefaultMaxMessagesRecvByteBufAllocator {
    private final PinnedCaller caller;
    private final int socket;
    private final int bytes;
    private Sender sender = Sender.NOBODY;

    /**
     * @param bytes of a buffer
     */
    CheckedReads(PinnedCaller caller, int socket, int bytes) {
        this.caller = caller;
        this.socket = socket;
        this.bytes = bytes;
    }

    /** Who sent what was read last. SECURITY: nobody, if it came after we had looked. */
    Sender sender() {
        return sender;
    }

    @Override
    @SuppressWarnings("deprecation") // Netty's own allocators are made of it
    public Handle newHandle() {
        return new MaxMessageHandle() {
            @Override
            public int guess() {
                return bytes;
            }

            @Override
            public ByteBuf allocate(ByteBufAllocator allocator) {
                sender = caller.nextSender(socket);
                return super.allocate(allocator);
            }
        };
    }
}
