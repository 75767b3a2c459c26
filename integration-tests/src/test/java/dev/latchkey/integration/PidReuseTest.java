package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** T12: a caller that ended and whose number another process got is served nothing. */
final class PidReuseTest {
    private static final Path NEXT = Path.of("/proc/sys/kernel/ns_last_pid");

    /**
     * Each round: a process connects, leaves its socket to a child and ends; another process is given its number; only then the child asks, or
     * the agent, which was stopped since before the connection, sees what was asked. Prints how often a number was reused, and how often the
     * answer was a delivery in either case.
     */
    private static final String REUSER = """
            import os, signal, socket, sys
            path, frame, rounds, agent = sys.argv[1], bytes.fromhex(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])

            def again(pid):
                for _ in range(50):
                    with open('/proc/sys/kernel/ns_last_pid', 'w') as last: last.write(str(pid - 1))
                    child = os.fork()
                    if child == 0:
                        signal.pause(); os._exit(0)
                    if child == pid: return child
                    os.kill(child, 9); os.waitpid(child, 0)
                return None

            def stop():
                # A thread that still runs for a moment would serve a caller that lives, as it should.
                os.kill(agent, signal.SIGSTOP)
                states = '/proc/%d/task' % agent
                while not all(open(states + '/' + t + '/stat').read().rsplit(')', 1)[1].split()[0] == 'T'
                              for t in os.listdir(states)): pass

            def turn(stopped):
                ready, go, said = os.pipe(), os.pipe(), os.pipe()
                if stopped: stop()
                first = os.fork()
                if first == 0:
                    s = socket.socket(socket.AF_UNIX); s.connect(path)
                    if stopped: s.sendall(frame)
                    if os.fork() == 0:
                        os.write(ready[1], b'r'); os.read(go[0], 1)
                        answer = b''
                        try:
                            if not stopped: s.sendall(frame)
                            answer = s.recv(12, socket.MSG_WAITALL)
                        except OSError: pass
                        os.write(said[1], bytes([answer[6] if len(answer) > 6 else 0])); os._exit(0)
                    os._exit(0)
                os.read(ready[0], 1); os.waitpid(first, 0)
                other = again(first)
                if stopped: os.kill(agent, signal.SIGCONT)
                os.write(go[1], b'g')
                kind = os.read(said[0], 1)[0]
                if other: os.kill(other, 9); os.waitpid(other, 0)
                for pair in (ready, go, said): os.close(pair[0]); os.close(pair[1])
                return other is not None, kind == 2

            reused = tries = 0
            served = [0, 0]
            while reused < rounds and tries < 3 * rounds:
                was, got = turn(tries % 2 == 1)
                reused += was; served[tries % 2] += got; tries += 1
            s = socket.socket(socket.AF_UNIX); s.connect(path); s.sendall(frame)
            print(reused, served[0], served[1], s.recv(12, socket.MSG_WAITALL)[6])
            """;

    @Test
    void aReusedNumberIsNotTheCaller() {
        Machine.needsRoot();
        assumeTrue(Files.isWritable(NEXT), "needs to write " + NEXT);
        int rounds = Machine.full() ? 1_000 : 30;
        try (TestAgent agent = TestAgent.started()) {
            agent.put("plain");
            Finished finished = Command.python(
                            REUSER,
                            agent.socket().toString(),
                            Frames.request("plain"),
                            Integer.toString(rounds),
                            Long.toString(agent.pid()))
                    .within(Duration.ofMinutes(10))
                    .run()
                    .succeeds();
            System.err.println("pid reuse: reused, served, and the answer to an honest caller: " + finished.output());
            String[] counts = finished.output().strip().split(" ", -1);
            assertTrue(Integer.parseInt(counts[0]) >= rounds, finished::toString);
            assertEquals("0", counts[1], () -> "asked after its end: " + finished);
            assertEquals("0", counts[2], () -> "asked before its end: " + finished);
            assertEquals("2", counts[3], "the request itself is fine");
        }
    }
}
