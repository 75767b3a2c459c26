package dev.latchkey.agent.admin.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;

class BodyStreamTest {
    private final EmbeddedChannel channel = new EmbeddedChannel();

    @Test
    void releasesWhatComesAfterItIsClosed() {
        BodyStream stream = new BodyStream(channel, Duration.ofSeconds(1));
        ByteBuf before = buffer();
        stream.offer(before);
        stream.close();
        ByteBuf after = buffer();
        stream.offer(after);
        assertEquals(List.of(0, 0), List.of(before.refCnt(), after.refCnt()));
    }

    @Test
    void releasesWhatComesWhileItIsClosed() throws Exception {
        List<ByteBuf> buffers = new ArrayList<>();
        for (int round = 0; round < 3_000; round++) {
            BodyStream stream = new BodyStream(channel, Duration.ofSeconds(1));
            ByteBuf buffer = buffer();
            buffers.add(buffer);
            CyclicBarrier both = new CyclicBarrier(2);
            Thread loop = Thread.ofVirtual().start(() -> {
                await(both);
                stream.offer(buffer);
            });
            await(both);
            stream.close();
            loop.join();
        }
        assertTrue(buffers.stream().allMatch(buffer -> buffer.refCnt() == 0));
    }

    private static ByteBuf buffer() {
        return Unpooled.buffer(1).writeByte(1);
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (InterruptedException | BrokenBarrierException e) {
            throw new IllegalStateException(e);
        }
    }
}
