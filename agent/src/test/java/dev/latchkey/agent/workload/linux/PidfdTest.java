package dev.latchkey.agent.workload.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.sys.SocketCalls;
import dev.latchkey.agent.workload.Signalled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PidfdTest {
    private static final int SIGTERM = 15;

    private Process process;

    PidfdTest() throws IOException {
        process = new ProcessBuilder("sleep", "60").start();
    }

    private int descriptor;

    @BeforeEach
    void open() {
        descriptor = SocketCalls.openPidfd((int) process.pid());
    }

    @AfterEach
    void stop() {
        process.destroyForcibly();
    }

    private boolean isOpen() {
        return Files.exists(
                Path.of("/proc/self/fd", Integer.toString(descriptor)), java.nio.file.LinkOption.NOFOLLOW_LINKS);
    }

    @Test
    void theLastOfThoseWhoKeepItClosesIt() {
        Pidfd first = new Pidfd(descriptor, 7);
        Pidfd kept = first.kept();
        first.close();
        assertTrue(isOpen());
        assertTrue(kept.alive());
        kept.close();
        assertFalse(kept.alive());
        assertFalse(isOpen());
    }

    @Test
    void whatWasGivenBackIsNeitherKeptNorClosedAgain() {
        Pidfd pidfd = new Pidfd(descriptor, 7);
        pidfd.close();
        assertThrows(IllegalStateException.class, pidfd::close);
        assertThrows(IllegalStateException.class, pidfd::kept);
        assertEquals(Signalled.GONE, pidfd.signal(SIGTERM), "its number may be another's by now");
    }

    @Test
    void signalsItsProcessUntilThatHasEnded() throws InterruptedException {
        Pidfd pidfd = new Pidfd(descriptor, 7);
        assertEquals(Signalled.SENT, pidfd.signal(SIGTERM));
        assertEquals(128 + SIGTERM, process.waitFor());
        assertEquals(Signalled.GONE, pidfd.signal(SIGTERM));
        pidfd.close();
    }

    @Test
    void pinsThatNothingLastingTellsApartAreEachTheirOwn() {
        assertNotEquals(SenderCheck.BY_PID.lastingIdentity(42), SenderCheck.BY_PID.lastingIdentity(42));
        assertEquals(42, SenderCheck.BY_PIDFD.lastingIdentity(42));
        SocketCalls.close(descriptor);
    }
}
