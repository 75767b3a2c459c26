package dev.latchkey.agent.consumers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.sys.SocketCalls;
import dev.latchkey.agent.workload.PinnedProcess;
import dev.latchkey.agent.workload.Signalled;
import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The watch on real processes. */
class EpollWatchTest {
    /** A process that the test started. */
    private record Started(Process process, int descriptor, long identity) implements PinnedProcess {
        static Started of(String... command) throws IOException {
            Process process = new ProcessBuilder(command).start();
            return new Started(process, SocketCalls.openPidfd((int) process.pid()), process.pid());
        }

        @Override
        public Signalled signal(int number) {
            throw new IllegalStateException("not to be asked");
        }

        @Override
        public void close() {
            process.destroyForcibly();
            SocketCalls.close(descriptor);
        }
    }

    @Test
    void tellsByItsIdentityWhichProcessEnded() throws IOException {
        try (EpollWatch watch = new EpollWatch();
                Started lives = Started.of("sleep", "60");
                Started ends = Started.of("sleep", "60")) {
            assertTrue(watch.add(lives));
            assertTrue(watch.add(ends));
            ends.process().destroyForcibly();
            long[] ended = new long[8];
            assertEquals(1, watch.await(ended));
            assertEquals(ends.identity(), ended[0]);
            watch.remove(ends);
            watch.remove(lives);
        }
    }

    @Test
    void wokenItTellsOfNoProcess() throws Exception {
        try (EpollWatch watch = new EpollWatch()) {
            Thread waiting = Thread.ofPlatform().start(() -> assertEquals(0, watch.await(new long[8])));
            watch.wake();
            assertTrue(waiting.join(Duration.ofSeconds(10)));
        }
    }

    @Test
    void closedItTakesNobodyAndHasNoDescriptor() throws IOException {
        int before = descriptors();
        EpollWatch watch = new EpollWatch();
        assertEquals(before + 2, descriptors());
        watch.close();
        watch.close();
        assertEquals(before, descriptors());
        try (Started process = Started.of("sleep", "60")) {
            assertFalse(watch.add(process));
            watch.remove(process);
        }
    }

    private static int descriptors() {
        return Objects.requireNonNull(new File("/proc/self/fd").list()).length;
    }
}
