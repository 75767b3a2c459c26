package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Machines that are tight or divided: few descriptors, callers from PID namespaces that the agent cannot see. */
final class SurroundingsTest {
    private static final int FLOOD = 200;

    @Test
    void neitherSpinsNorStaysAwayWhenDescriptorsRunOut() throws Exception {
        Machine.needs("prlimit");
        try (TestAgent agent =
                TestAgent.prepared().startedBy("prlimit", "--nofile=64:64").start()) {
            agent.put("plain");
            List<SocketChannel> flood = new ArrayList<>();
            try {
                Duration before = processorTime(agent.pid());
                long start = System.nanoTime();
                for (int i = 0; i < FLOOD; i++) {
                    flood.add(SocketChannel.open(UnixDomainSocketAddress.of(agent.socket())));
                }
                // The agent hangs up on silent peers after some seconds, in which it is to rest.
                awaitEnd(flood.getFirst());
                Duration passed = Duration.ofNanos(System.nanoTime() - start);
                Duration spent = processorTime(agent.pid()).minus(before);
                assertTrue(spent.multipliedBy(2).compareTo(passed) < 0, () -> spent + " of " + passed);
            } finally {
                for (SocketChannel channel : flood) {
                    channel.close();
                }
            }
            agent.launch("--wait", "5s", "--secret", "V=plain", "--", "true")
                    .succeeds()
                    .tookUnder(Duration.ofSeconds(1));
        }
    }

    private static void awaitEnd(SocketChannel channel) throws IOException {
        assertTrue(channel.read(ByteBuffer.allocate(1)) < 0, "a silent peer was answered");
    }

    /** Of user and system together, from fields 14 and 15 of stat, which are in clock ticks of 10 ms. */
    private static Duration processorTime(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Duration.ofMillis(10 * (Long.parseLong(fields[11]) + Long.parseLong(fields[12])));
    }

    @Test
    void servesACallerOfASiblingPidNamespaceOnlyWhereItsSocketSaysSo() {
        Machine.needsRoot();
        Machine.needs("unshare");
        try (TestAgent agent = TestAgent.prepared()) {
            Path any = agent.folder().resolve("any/agent.sock");
            agent.configured("""
                    sockets:
                      - {name: main, path: %s}
                      - {name: any, path: %s, pid: any}
                    workloads:
                      - {name: siblings, match: {listener: any, uid: 0}, allow: ["store:**"]}
                      - {name: tests, match: {uid: 0}, allow: ["store:**"]}
                    """.formatted(agent.socket(), any));
            agent.startedBy("unshare", "--pid", "--fork", "--mount-proc").begin();
            agent.launch("--socket", any.toString(), "--wait", "30s", "--check").succeeds();
            Canary canary = agent.put("plain");
            launchFromSibling(agent.socket()).refuses(121, "PID namespace");
            launchFromSibling(any).succeeds();
            agent.assertDelivers("V", canary, "--socket", any.toString(), "--secret", "V=plain");
        }
    }

    private static Finished launchFromSibling(Path socket) {
        List<String> words = new ArrayList<>(List.of("unshare", "--pid", "--fork", "--mount-proc"));
        words.addAll(List.of(Machine.LAUNCHER, "--socket", socket.toString(), "--wait", "2s"));
        words.addAll(List.of("--secret", "V=plain", "--", "true"));
        return Command.of(words).run();
    }
}
