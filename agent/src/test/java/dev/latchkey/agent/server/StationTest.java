package dev.latchkey.agent.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StationTest {
    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Station station = new Station(loops.next());

    @AfterEach
    void stop() {
        var _ = loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }

    @Test
    void ofAFrameThatWasNotTakenWholeNothingStays() {
        ByteBuffer in = station.input().put(new byte[] {1, 2, 3, 4}).flip();
        in.get();

        station.wipeInput();

        assertEquals(ByteBuffer.allocate(in.capacity()), station.input());
    }
}
