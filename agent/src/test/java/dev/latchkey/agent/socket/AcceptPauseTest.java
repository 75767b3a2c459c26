package dev.latchkey.agent.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.telemetry.Log;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AcceptPauseTest {
    private final ByteArrayOutputStream lines = new ByteArrayOutputStream();

    private final Log log = new Log(
            new PrintStream(lines, true, StandardCharsets.UTF_8), Clock.systemUTC(), Log.Level.WARN, Log.Format.LOGFMT);
    private final EmbeddedChannel channel = new EmbeddedChannel(new AcceptPause(log));

    @Test
    void acceptsAgainAfterAMomentAndSaysItOnce() {
        channel.pipeline().fireExceptionCaught(new IOException("too many open files"));
        channel.pipeline().fireExceptionCaught(new IOException("too many open files"));
        assertFalse(channel.config().isAutoRead());
        assertEquals(1, saidLines());

        channel.advanceTimeBy(AcceptFailures.PAUSE.toMillis(), TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
        assertTrue(channel.config().isAutoRead());
        channel.checkException();
    }

    @Test
    void saysLittleWhereItGoesOn() {
        for (int pause = 0; pause <= AcceptFailures.PAUSES_PER_LINE; pause++) {
            channel.pipeline().fireExceptionCaught(new IOException("too many open files"));
            assertEquals(pause < AcceptFailures.PAUSES_PER_LINE ? 1 : 2, saidLines());
            channel.advanceTimeBy(AcceptFailures.PAUSE.toMillis(), TimeUnit.MILLISECONDS);
            channel.runScheduledPendingTasks();
        }
    }

    private long saidLines() {
        return lines.toString(StandardCharsets.UTF_8).lines().count();
    }
}
