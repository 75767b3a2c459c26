package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Many hostile peers: thousands of idle connections of another user, and frames that were changed at random. */
final class CrowdTest {
    private static final String ANY_USER = """
            sockets: [{name: main, path: %s, mode: "0666"}]
            workloads: [{name: tests, match: {uid: 0}, allow: ["store:**"]}]
            """;

    /** Keeps so many connections, each of which does nothing; what is cut is opened again within a second. */
    private static final String CROWD = """
            import select, socket, sys, time
            path, wanted = sys.argv[1], int(sys.argv[2])
            poll, peers, cut, first = select.epoll(), {}, 0, True
            while True:
                for _ in range(max(0, min(wanted - len(peers), wanted // 10))):
                    s = socket.socket(socket.AF_UNIX); s.setblocking(False)
                    try: s.connect(path)
                    except OSError: s.close(); continue
                    peers[s.fileno()] = s; poll.register(s, select.EPOLLIN)
                end = time.monotonic() + 0.1
                while time.monotonic() < end:
                    for fd, _ in poll.poll(max(0, end - time.monotonic()), 1024):
                        poll.unregister(fd); peers.pop(fd).close(); cut += 1
                if first and cut > 0: print('up', flush=True); first = False
            """;

    /** Launches one after another, and prints how many failed, and the median and the 99th percentile in microseconds. */
    private static final String LAUNCHES = """
            import os, sys, time
            failed, times = 0, []
            for _ in range(int(sys.argv[1])):
                start = time.perf_counter()
                pid = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
                failed += os.waitpid(pid, 0)[1] != 0
                times.append(time.perf_counter() - start)
            times.sort()
            print(failed, int(times[len(times) // 2] * 1e6), int(times[len(times) * 99 // 100] * 1e6))
            """;

    private record Launches(int failed, long median, long p99) {
        static Launches of(TestAgent agent, int count) {
            Finished finished = Command.python(
                            LAUNCHES,
                            Integer.toString(count),
                            Machine.LAUNCHER,
                            "--secret",
                            "V=plain",
                            "--",
                            "/bin/true")
                    .env("LATCHKEY_SOCKET", agent.socket().toString())
                    .within(Duration.ofMinutes(5))
                    .run()
                    .succeeds();
            String[] words = finished.output().strip().split(" ", -1);
            return new Launches(Integer.parseInt(words[0]), Long.parseLong(words[1]), Long.parseLong(words[2]));
        }
    }

    @Test
    void everyLaunchSucceedsBesideACrowdOfIdleConnections() throws Exception {
        Machine.needsRoot();
        Machine.needs("prlimit");
        int crowd = Machine.full() ? 5_000 : 1_000;
        int launches = Machine.full() ? 3_000 : 200;
        try (TestAgent agent = TestAgent.prepared().openedToOthers()) {
            agent.configured(ANY_USER.formatted(agent.socket())).start();
            agent.put("plain");
            Launches.of(agent, launches);
            Launches idle = Launches.of(agent, launches);
            String[] words = {
                "prlimit",
                "--nofile=8192:8192",
                Machine.python(),
                "-c",
                CROWD,
                agent.socket().toString(),
                "" + crowd
            };
            Process process = Command.of(Machine.as(Machine.STRANGER, Machine.STRANGER, "", words))
                    .start();
            Launches crowded;
            try {
                assertEquals("up", process.inputReader().readLine());
                crowded = Launches.of(agent, launches);
                assertTrue(process.isAlive(), "the crowd went away");
            } finally {
                process.destroyForcibly();
            }
            System.err.println("crowd of " + crowd + ": idle " + idle + ", beside the crowd " + crowded);
            assertEquals(0, idle.failed + crowded.failed);
            // A tail of few launches on a machine with other work says little, so the rule of the threat model is for
            // the full size.
            long most = Machine.full() ? 2 * idle.p99 : 20 * idle.p99;
            assertTrue(crowded.p99 < most, () -> crowded + " beside the crowd, " + idle + " without");
        }
    }

    /** Sends an honest frame, changed: bits flipped, cut, lengthened, pieces repeated, lengths replaced. Prints how many got a delivery. */
    private static final String MUTATOR = """
            import random, socket, sys
            path, good, count = sys.argv[1], bytes.fromhex(sys.argv[2]), int(sys.argv[3])
            random.seed(int(sys.argv[4])); delivered = 0
            LENGTHS = [0, 1, 11, 0x7fffffff, 0x80000000, 0xffffffff, 262144, 262145]
            def mutated():
                frame = bytearray(good)
                for _ in range(random.randint(1, 4)):
                    at = random.randrange(len(frame)); kind = random.randrange(6)
                    if kind == 0: frame[at] ^= 1 << random.randrange(8)
                    elif kind == 1: frame = frame[:at + 1]
                    elif kind == 2: frame[at:at] = bytes(random.randrange(256) for _ in range(random.randint(1, 40)))
                    elif kind == 3: frame[at:at] = frame[at:at + 30]
                    elif kind == 4: frame[8:12] = random.choice(LENGTHS).to_bytes(4, 'big')
                    else: frame[at] = random.randrange(256)
                return bytes(frame)
            for _ in range(count):
                s = socket.socket(socket.AF_UNIX)
                try:
                    s.connect(path); s.sendall(mutated()); s.shutdown(socket.SHUT_WR)
                    answer = s.recv(12); delivered += len(answer) > 6 and answer[6] == 2
                except OSError: pass
                s.close()
            print(delivered)
            """;

    @Test
    void memoryAndDescriptorsStayFlatUnderMutatedFrames() {
        Machine.needsRoot();
        int frames = Machine.full() ? 1_000_000 : 6_000;
        try (TestAgent agent = TestAgent.prepared().openedToOthers()) {
            agent.configured(ANY_USER.formatted(agent.socket())).start();
            agent.put("plain");
            // Until compilers and pools have what they need.
            int warm = frames / 5;
            mutate(agent, warm, 1);
            long memory = resident(agent);
            long descriptors = descriptors(agent);
            int delivered = mutate(agent, frames - warm, 2);
            System.err.println("mutated frames: " + frames + ", of which deliveries " + delivered + "; resident KiB "
                    + memory + " -> " + resident(agent));
            Await.until("descriptors are given back", () -> descriptors(agent) <= descriptors + 3);
            // What the compilers took goes back every two seconds.
            Await.until("memory is given back", () -> resident(agent) < memory + (24 << 10));
            agent.launch("--wait", "5s", "--secret", "V=plain", "--", "true").succeeds();
        }
    }

    private static int mutate(TestAgent agent, int frames, int seed) {
        return Integer.parseInt(Command.python(
                        MUTATOR,
                        agent.socket().toString(),
                        Frames.request("plain"),
                        Integer.toString(frames),
                        Integer.toString(seed))
                .within(Duration.ofMinutes(20))
                .run()
                .succeeds()
                .output()
                .strip());
    }

    private static long resident(TestAgent agent) {
        try {
            return Files.readString(Path.of("/proc/" + agent.pid() + "/status"), StandardCharsets.ISO_8859_1)
                    .lines()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long descriptors(TestAgent agent) {
        try (Stream<Path> all = Files.list(Path.of("/proc/" + agent.pid() + "/fd"))) {
            return all.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
