package dev.latchkey.agent.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SysTest {
    private static final int CLOSED = 1 << 20;

    @Test
    void failingCallNamesItselfAndItsErrno() {
        ErrnoException e = assertThrows(ErrnoException.class, () -> SocketCalls.peerCredentials(CLOSED));
        assertEquals(ErrnoException.EBADF, e.errno());
        assertEquals("getsockopt peercred failed with errno 9", e.getMessage());
        assertEquals(
                ErrnoException.EBADF,
                assertThrows(ErrnoException.class, () -> SocketCalls.peerGroups(CLOSED))
                        .errno());
        assertEquals(
                ErrnoException.EBADF,
                assertThrows(ErrnoException.class, () -> SocketCalls.isAlive(CLOSED))
                        .errno());
    }

    @Test
    void tellsWhichFileSystemAPathIsOn() {
        assertEquals(0x9FA0, FileCalls.fileSystem(Path.of("/proc/self")));
        ErrnoException e = assertThrows(ErrnoException.class, () -> FileCalls.fileSystem(Path.of("/no/such/path")));
        assertEquals("statfs failed with errno 2", e.getMessage());
        Path tooLong = Path.of("/" + "x".repeat(5000));
        assertEquals(
                36,
                assertThrows(ErrnoException.class, () -> FileCalls.fileSystem(tooLong))
                        .errno());
    }

    @Test
    void impossibleMappingFailsInsteadOfAnsweringAnAddress() {
        ErrnoException e = assertThrows(ErrnoException.class, () -> MemoryCalls.map(1L << 62));
        assertEquals(ErrnoException.ENOMEM, e.errno());
    }

    @Test
    void wipedMemoryHoldsZeroes() {
        long page = MemoryCalls.pageSize();
        long address = MemoryCalls.map(page);
        try {
            ByteBuffer view = MemoryCalls.view(address, (int) page);
            view.duplicate().put("some-value".getBytes(StandardCharsets.UTF_8));
            MemoryCalls.wipe(address, page);
            assertEquals(ByteBuffer.allocate((int) page), view);
        } finally {
            MemoryCalls.unmap(address, page);
        }
    }

    @Test
    void secretMemoryIsReadByNobodyElse() throws Exception {
        assumeTrue(MemoryCalls.hasSecretMemory(), "needs a kernel with memfd_secret");
        long page = MemoryCalls.pageSize();
        long address = MemoryCalls.mapSecret(page);
        try (RandomAccessFile memory = new RandomAccessFile("/proc/self/mem", "r")) {
            ByteBuffer view = MemoryCalls.view(address, (int) page);
            assertEquals(ByteBuffer.allocate((int) page), view);
            view.put(0, (byte) 42);
            assertEquals(42, view.get(0));
            memory.seek(address);
            assertThrows(IOException.class, memory::read, "the kernel does not read it for us");
        } finally {
            MemoryCalls.unmap(address, page);
        }
    }

    @Test
    void dumpableCanBeTurnedOffAndOn() {
        ProcessCalls.setDumpable(false);
        assertFalse(ProcessCalls.isDumpable());
        ProcessCalls.setDumpable(true);
        assertTrue(ProcessCalls.isDumpable());
    }

    @Test
    void umaskIsSetAndReturned() {
        int before = ProcessCalls.umask(077);
        assertEquals(077, ProcessCalls.umask(before));
    }

    @Test
    void pidfdFollowsItsProcess() throws IOException, InterruptedException {
        Process process = new ProcessBuilder("sleep", "60").start();
        int pidfd = SocketCalls.openPidfd((int) process.pid());
        try {
            assertTrue(SocketCalls.isAlive(pidfd));
            process.destroyForcibly();
            process.waitFor();
            assertFalse(SocketCalls.isAlive(pidfd));
        } finally {
            SocketCalls.close(pidfd);
        }
    }

    @Test
    void ordersAreWaitedForInTheirOrder() throws Exception {
        SignalCalls.catchOrders();
        BlockingQueue<Integer> heard = new LinkedBlockingQueue<>();
        Thread.ofPlatform().daemon().start(() -> {
            while (true) {
                heard.add(SignalCalls.awaitOrder());
            }
        });
        for (int signal : List.of(SignalCalls.SIGHUP, SignalCalls.SIGTERM)) {
            String pid = Long.toString(ProcessHandle.current().pid());
            assertEquals(
                    0, new ProcessBuilder("kill", "-" + signal, pid).start().waitFor());
            assertEquals(signal, heard.poll(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void statesReachTheServiceManager(@TempDir Path folder) throws Exception {
        // A datagram socket on a path is nothing that the JDK can open, so another program listens.
        Path socket = folder.resolve("notify");
        Process listener = new ProcessBuilder(
                        "python3",
                        "-c",
                        "import socket,sys\ns=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM)\ns.bind(sys.argv[1])\n"
                                + "print('bound',flush=True)\nprint(s.recv(99).decode(),flush=True)",
                        socket.toString())
                .start();
        try (var lines = listener.inputReader(StandardCharsets.UTF_8)) {
            assertEquals("bound", lines.readLine());
            ProcessCalls.notify(socket.toString(), "READY=1");
            assertEquals("READY=1", lines.readLine());
        } finally {
            listener.destroyForcibly();
        }
    }

    @Test
    void addressThatIsTooLongIsRefused() {
        assertThrows(ErrnoException.class, () -> ProcessCalls.notify("/" + "x".repeat(200), "READY=1"));
    }
}
