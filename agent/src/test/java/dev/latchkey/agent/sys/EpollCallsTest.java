package dev.latchkey.agent.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Real processes, watched and signalled through their pidfds. */
class EpollCallsTest {
    private static final int PATIENCE_MILLIS = 10_000;
    private static final int SIGTERM = 15;
    private static final int CLOSED = 1 << 20;
    private static final Path NEXT_PID = Path.of("/proc/sys/kernel/ns_last_pid");

    private final int epoll = EpollCalls.create();
    private final List<Integer> pidfds = new ArrayList<>();
    private final List<Process> processes = new ArrayList<>();
    private final long[] data = new long[4];

    @AfterEach
    void stop() {
        processes.forEach(Process::destroyForcibly);
        pidfds.forEach(SocketCalls::close);
        SocketCalls.close(epoll);
    }

    @Test
    void tellsOnceThatAProcessEnded() throws InterruptedException {
        Process process = sleep();
        EpollCalls.add(epoll, pidfd(process), 0x7fff_ffff_ffff_fff1L);
        assertEquals(0, EpollCalls.await(epoll, data, 0), "it lives");

        process.destroyForcibly();
        assertEquals(1, EpollCalls.await(epoll, data, PATIENCE_MILLIS));
        assertEquals(0x7fff_ffff_ffff_fff1L, data[0]);
        process.waitFor();
        assertEquals(0, EpollCalls.await(epoll, data, 0), "it was told");
    }

    @Test
    void tellsOfAProcessThatEndedBefore() throws InterruptedException {
        Process process = sleep();
        int pidfd = pidfd(process);
        process.destroyForcibly();
        process.waitFor();
        EpollCalls.add(epoll, pidfd, 7);
        assertEquals(1, EpollCalls.await(epoll, data, PATIENCE_MILLIS));
        assertEquals(7, data[0]);
    }

    @Test
    void tellsOfAZombieThatNobodyWaitsFor() throws Exception {
        Process parent = start(
                "import os,time\npid=os.fork()\nif pid==0: time.sleep(60)\nprint(pid,flush=True)\ntime.sleep(60)");
        int pid = Integer.parseInt(line(parent));
        int pidfd = SocketCalls.openPidfd(pid);
        pidfds.add(pidfd);
        EpollCalls.add(epoll, pidfd, 8);
        SignalCalls.send(pidfd, SIGTERM);
        assertEquals(1, EpollCalls.await(epoll, data, PATIENCE_MILLIS));
        assertTrue(
                Files.readString(Path.of("/proc", Integer.toString(pid), "stat"))
                        .contains(") Z "),
                "it is a zombie");
    }

    @Test
    void tellsOfAProcessThatExecutedAnotherProgramOnlyWhenThatEnds() throws Exception {
        Process process = start("import os\nprint('x',flush=True)\nos.read(0,1)\nos.execvp('sleep',['sleep','60'])");
        line(process);
        EpollCalls.add(epoll, pidfd(process), 9);
        process.outputWriter(StandardCharsets.UTF_8).append('x').flush();
        Path name = Path.of("/proc", Long.toString(process.pid()), "comm");
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
        while (!Files.readString(name).equals("sleep\n") && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        assertEquals(0, EpollCalls.await(epoll, data, 0));
        process.destroyForcibly();
        assertEquals(1, EpollCalls.await(epoll, data, PATIENCE_MILLIS));
    }

    @Test
    void tellsAsManyAsThereIsRoomForAndTheRestNext() {
        for (int i = 1; i <= 6; i++) {
            Process process = sleep();
            EpollCalls.add(epoll, pidfd(process), i);
            process.destroyForcibly();
        }
        long sum = 0;
        int told = 0;
        while (told < 6) {
            int count = EpollCalls.await(epoll, data, PATIENCE_MILLIS);
            assertTrue(count > 0 && count <= data.length, "count " + count);
            for (int i = 0; i < count; i++) {
                sum += data[i];
            }
            told += count;
        }
        assertEquals(21, sum);
    }

    @Test
    void tellsNothingOfWhatWasRemoved() throws InterruptedException {
        Process process = sleep();
        int pidfd = pidfd(process);
        EpollCalls.add(epoll, pidfd, 7);
        EpollCalls.remove(epoll, pidfd);
        process.destroyForcibly();
        process.waitFor();
        assertEquals(0, EpollCalls.await(epoll, data, 0));
        assertThrows(ErrnoException.class, () -> EpollCalls.remove(epoll, pidfd));
    }

    @Test
    void aReadyDescriptorEndsAWaitWithoutEnd() throws InterruptedException {
        int ready = EpollCalls.ready();
        pidfds.add(ready);
        Thread waiting = Thread.ofPlatform().start(() -> assertEquals(1, EpollCalls.await(epoll, data, -1)));
        EpollCalls.add(epoll, ready, 5);
        assertTrue(waiting.join(java.time.Duration.ofMillis(PATIENCE_MILLIS)));
        assertEquals(5, data[0]);
    }

    @Test
    void signalsReachTheProcess() throws InterruptedException {
        Process process = sleep();
        SignalCalls.send(pidfd(process), SIGTERM);
        assertEquals(128 + SIGTERM, process.waitFor());
    }

    @Test
    void aSignalNeverReachesWhoeverGotTheNumber() throws Exception {
        assumeTrue(Files.isWritable(NEXT_PID), "needs the right to choose the next pid");
        Process first = sleep();
        int pidfd = pidfd(first);
        first.destroyForcibly();
        first.waitFor();
        Process other = another(first.pid());

        ErrnoException e = assertThrows(ErrnoException.class, () -> SignalCalls.send(pidfd, SIGTERM));
        assertEquals(ErrnoException.ESRCH, e.errno());
        assertTrue(other.isAlive());
    }

    /** Another process with that number. */
    private Process another(long pid) throws IOException {
        for (int i = 0; i < 200; i++) {
            Files.writeString(NEXT_PID, Long.toString(pid - 1));
            Process process = sleep();
            if (process.pid() == pid) {
                return process;
            }
            process.destroyForcibly();
        }
        throw new IllegalStateException("the number was not given again");
    }

    @Test
    void failuresNameTheirCall() {
        assertEquals(
                "epoll_ctl add failed with errno 9",
                assertThrows(ErrnoException.class, () -> EpollCalls.add(epoll, CLOSED, 1))
                        .getMessage());
        assertEquals(
                "epoll_wait failed with errno 9",
                assertThrows(ErrnoException.class, () -> EpollCalls.await(CLOSED, data, 0))
                        .getMessage());
        assertEquals(
                "pidfd_send_signal failed with errno 9",
                assertThrows(ErrnoException.class, () -> SignalCalls.send(CLOSED, SIGTERM))
                        .getMessage());
    }

    @Test
    void theLimitOnDescriptorsIsThatOfThisProcess() throws IOException {
        String limits = Files.readString(Path.of("/proc/self/limits"));
        String soft = limits.lines()
                .filter(line -> line.startsWith("Max open files"))
                .findFirst()
                .orElseThrow()
                .split(" {2,}", -1)[1];
        assertEquals(Long.parseLong(soft), ProcessCalls.descriptorLimit());
    }

    private Process sleep() {
        try {
            Process process = new ProcessBuilder("sleep", "60").start();
            processes.add(process);
            return process;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Process start(String python) throws IOException {
        Process process = new ProcessBuilder("python3", "-c", python).start();
        processes.add(process);
        return process;
    }

    private static String line(Process process) throws IOException {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)).readLine();
    }

    private int pidfd(Process process) {
        int pidfd = SocketCalls.openPidfd((int) process.pid());
        pidfds.add(pidfd);
        return pidfd;
    }
}
