package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The agent stopped, killed under load, out of disk, with a clock that jumps, and with peers that die at the wrong moment. */
final class FaultsTest {
    private static final Path FAKETIME = Path.of("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1");

    // ---- the process ----

    @Test
    void everyLaunchSucceedsWithinItsWaitWhileTheAgentIsKilledUnderLoad() throws Exception {
        int kills = Machine.full() ? 50 : 4;
        try (TestAgent agent = TestAgent.started()) {
            Canary canary = agent.put("plain");
            Duration alone = killedAndServedAgain(agent);
            AtomicBoolean done = new AtomicBoolean();
            List<CompletableFuture<Integer>> load = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                load.add(Command.inBackground(() -> launchUntil(done, agent)));
            }
            List<Duration> away = new ArrayList<>();
            for (int i = 0; i < kills; i++) {
                LockSupport.parkNanos(Duration.ofMillis(100 + 37 * (i % 10)).toNanos());
                away.add(killedAndServedAgain(agent));
            }
            done.set(true);
            int launches = 0;
            for (CompletableFuture<Integer> worker : load) {
                launches += worker.get();
            }
            away.sort(null);
            Duration median = away.get(away.size() / 2);
            System.err.printf(
                    "faults: %d kills, %d launches, all succeeded; served again after %d ms (median), %d ms (most), %d ms alone%n",
                    kills, launches, median.toMillis(), away.getLast().toMillis(), alone.toMillis());
            assertTrue(launches >= kills, "too few launches: " + launches);
            // In under a second; the quick size also runs on machines that others keep busy, where a start alone takes
            // longer.
            Duration most = Duration.ofMillis(Machine.full() ? 1_000 : Math.max(1_000, 4 * alone.toMillis()));
            assertTrue(median.compareTo(most) < 0, away::toString);
            agent.assertDelivers("V", canary, "--secret", "V=plain");
            agent.does("audit", "verify");
        }
    }

    private static Duration killedAndServedAgain(TestAgent agent) {
        agent.killHard();
        long start = System.nanoTime();
        agent.start();
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private static int launchUntil(AtomicBoolean done, TestAgent agent) {
        int launches = 0;
        while (!done.get()) {
            agent.launch("--wait", "20s", "--secret", "V=plain", "--", "true").succeeds();
            launches++;
        }
        return launches;
    }

    @Test
    void launchesFailInTheirTimeWhileTheAgentIsStoppedAndTheTargetDoesNotStart() {
        Duration stopped = Duration.ofSeconds(Machine.full() ? 30 : 3);
        try (TestAgent agent = TestAgent.started()) {
            agent.put("plain");
            Path witness = agent.folder().resolve("started");
            long end = System.nanoTime() + stopped.toNanos();
            agent.signal("STOP");
            while (System.nanoTime() < end) {
                Finished failed = agent.launch(
                        "--wait", "1s", "--timeout", "1s", "--secret", "V=plain", "--", "touch", witness.toString());
                assertTrue(List.of(120, 123).contains(failed.status()), failed::toString);
                failed.tookUnder(Duration.ofSeconds(4));
            }
            agent.signal("CONT");
            agent.launch("--wait", "5s", "--secret", "V=plain", "--", "true")
                    .succeeds()
                    .tookUnder(Duration.ofSeconds(2));
            assertFalse(Files.exists(witness), "a target was started without its secret");
        }
    }

    // ---- the disk ----

    @Test
    void aFullDiskOfTheStoreRefusesPutsByNameAndServesWhatIsThere() throws Exception {
        Machine.needsRoot();
        Machine.needs("mount");
        try (TestAgent agent = TestAgent.prepared()) {
            Files.createDirectory(agent.state());
            Finished mounted = Command.of(
                            "mount",
                            "-t",
                            "tmpfs",
                            "-o",
                            "size=2m,mode=0700",
                            "tmpfs",
                            agent.state().toString())
                    .run();
            assumeTrue(mounted.status() == 0, "needs the right to mount a tmpfs");
            try {
                agent.configured("""
                        audit: {path: %s}
                        workloads: [{name: tests, match: {uid: 0}, allow: ["store:**"]}]
                        """.formatted(
                                        Files.createDirectory(agent.folder().resolve("log"))
                                                .resolve("audit.log")))
                        .start();
                Canary canary = agent.put("plain");
                Path filler = agent.state().resolve("filler");
                Command.shell("cat /dev/zero > \"$1\"; :", filler.toString()).run();
                byte[] large = new byte[300_000];
                Finished refused =
                        agent.admin("secret", "put", "large").input(large).run().exits(1);
                assertTrue(refused.errors().contains("full") || refused.errors().contains("space"), refused::toString);
                agent.assertDelivers("V", canary, "--secret", "V=plain");
                Files.delete(filler);
                agent.admin("secret", "put", "large").input(large).run().succeeds();
                agent.does("store", "verify");
                agent.stop();
            } finally {
                Command.of("umount", "--lazy", agent.state().toString()).run();
            }
        }
    }

    /** As ext4 does to itself after an error of its disk. The log is on another disk: without one nothing would be served. */
    @Test
    void aDiskOfTheStoreThatTurnsReadOnlyRefusesPutsAndServesWhatIsThere() throws Exception {
        Machine.needsRoot();
        Machine.needs("mkfs.ext4");
        Machine.needs("losetup");
        try (TestAgent agent = TestAgent.prepared()) {
            Path image = agent.folder().resolve("image");
            Path disk = Files.createDirectory(agent.folder().resolve("disk"));
            Command.of("truncate", "-s", "32M", image.toString()).run().succeeds();
            Command.of("mkfs.ext4", "-q", "-F", image.toString()).run().succeeds();
            Finished mounted = Command.of("mount", "-o", "loop,errors=remount-ro", image.toString(), disk.toString())
                    .run();
            assumeTrue(mounted.status() == 0, "needs the right to mount an image");
            try {
                String state = disk.resolve("state").toString();
                agent.option("--state", state)
                        .env("LATCHKEY_STATE", state)
                        .configured("""
                                audit: {path: %s}
                                admin: {socket: %s}
                                workloads: [{name: tests, match: {uid: 0}, allow: ["store:**"]}]
                                """.formatted(
                                        agent.folder().resolve("audit.log"),
                                        agent.folder().resolve("admin/admin.sock")))
                        .env(
                                "LATCHKEY_ADMIN_SOCKET",
                                agent.folder().resolve("admin/admin.sock").toString())
                        .start();
                Canary canary = agent.put("plain");
                failDisk(image, disk);
                agent.admin("secret", "put", "more", "--generate", "32")
                        .run()
                        .exits(1)
                        .says("disk");
                agent.assertDelivers("V", canary, "--secret", "V=plain");
                agent.stop();
                agent.begin();
                assertEquals(1, agent.awaitEnd());
                assertTrue(agent.log().contains("read-only file system"), agent::log);
                assertFalse(agent.log().contains("Exception"), agent::log);
            } finally {
                Command.of("umount", "--lazy", disk.toString()).run();
            }
        }
    }

    private static void failDisk(Path image, Path disk) {
        String device = Command.of("losetup", "--noheadings", "--output", "NAME", "-j", image.toString())
                .run()
                .succeeds()
                .output()
                .strip();
        Path trigger = Path.of("/sys/fs/ext4", Path.of(device).getFileName().toString(), "trigger_fs_error");
        Finished failed = Command.shell("echo 1 > \"$1\"", trigger.toString()).run();
        assumeTrue(failed.status() == 0, "needs the right to make a file system fail");
        Command.of("touch", disk.resolve("x").toString()).run().exits(1);
    }

    /** Every page but the first, under a running agent that has not read the rows yet. */
    @Test
    void aDatabaseThatIsDamagedUnderTheAgentServesNothingWrongAndSaysSo() throws Exception {
        String damage = """
                import os, sys
                with open(sys.argv[1], 'r+b') as f:
                    for at in range(4096, os.path.getsize(sys.argv[1]), 4096):
                        f.seek(at); f.write(os.urandom(4096))
                """;
        try (TestAgent agent = TestAgent.started()) {
            List<Canary> canaries = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                canaries.add(agent.put("s" + i));
            }
            // Out of the log of what was written last, and of what the agent has at hand.
            agent.stop();
            agent.start();
            agent.assertDelivers("V", canaries.getFirst(), "--secret", "V=s0");
            Command.python(damage, agent.state().resolve("store.db").toString())
                    .run()
                    .succeeds();
            int refused = 0;
            for (int i = 0; i < 20; i++) {
                Finished launch = agent.launch("--secret", "V=s" + i, "--", "true");
                if (launch.status() == 0) {
                    // Of a page that was read before.
                    agent.assertDelivers("V", canaries.get(i), "--secret", "V=s" + i);
                } else {
                    launch.refuses(123).hints();
                    refused++;
                }
            }
            assertTrue(refused > 0, "nothing was damaged");
            agent.admin("store", "verify").run().exits(1);
            agent.stop();
            agent.begin();
            assertEquals(1, agent.awaitEnd());
            assertTrue(agent.log().contains("is damaged"), agent::log);
        }
    }

    /** Rows swapped under a running agent, and bytes of the file changed: each is refused by name, the others are served. */
    @Test
    void rowsThatWereSwappedOnDiskAreRefusedByName() throws Exception {
        String swap = """
                import sqlite3, sys
                db = sqlite3.connect(sys.argv[1])
                rows = dict(db.execute("SELECT s.name, v.rowid FROM version v JOIN secret s ON s.id = v.secret"))
                cells = {n: db.execute("SELECT sealed FROM version WHERE rowid = ?", (rows[n],)).fetchone()[0] for n in ('one', 'two')}
                db.execute("UPDATE version SET sealed = ? WHERE rowid = ?", (cells['two'], rows['one']))
                db.execute("UPDATE version SET sealed = ? WHERE rowid = ?", (cells['one'], rows['two']))
                db.commit()
                """;
        try (TestAgent agent = TestAgent.started()) {
            agent.put("one");
            agent.put("two");
            Canary canary = agent.put("three");
            agent.stop();
            Command.python(swap, agent.state().resolve("store.db").toString())
                    .run()
                    .succeeds();
            agent.start();
            agent.launch("--secret", "A=one", "--secret", "B=two", "--secret", "C=three", "--", "true")
                    .refuses(123, "default/default/one@1", "default/default/two@1");
            agent.assertDelivers("V", canary, "--secret", "V=three");
            Finished verify = agent.admin("store", "verify").run().exits(1);
            assertTrue((verify.output() + verify.errors()).contains("default/default/one@1"), verify::toString);
        }
    }

    // ---- memory ----

    /**
     * No more address space than it has: what does not fit, values or a thread, is refused by name. Where it is the virtual machine itself that
     * finds no memory, it ends at once, as systemd restarts it; nothing is lost by that.
     */
    @Test
    void outOfMemoryRefusesWhatDoesNotFitOrEndsTheAgentAndLosesNothing() throws Exception {
        Machine.needs("prlimit");
        try (TestAgent agent = TestAgent.started()) {
            Canary canary = agent.put("plain");
            agent.store("large", "x".repeat(131_000));
            List<String> words = new ArrayList<>(List.of("--wait", "1s", "--timeout", "5s"));
            for (int i = 0; i < 10; i++) {
                words.addAll(List.of("--secret", "V" + i + "=large"));
            }
            words.addAll(List.of("--", "true"));
            String[] large = words.toArray(String[]::new);
            agent.launch(large).succeeds();
            for (int i = 0; i < 20; i++) {
                agent.assertDelivers("V", canary, "--secret", "V=plain");
            }
            long pid = agent.pid();
            Command.shell("prlimit --pid $1 --as=$(awk '/^VmSize/ { print $2 * 1024 }' /proc/$1/status)", "" + pid)
                    .run()
                    .succeeds();
            Finished without = agent.launch(large).tookUnder(Duration.ofSeconds(7));
            without.refuses(without.status() == 120 ? 120 : 123);
            for (int i = 0; i < 5 && agent.isAlive(); i++) {
                Finished small = agent.launch("--wait", "1s", "--secret", "V=plain", "--", "true");
                assertTrue(List.of(0, 120, 123).contains(small.status()), small::toString);
            }
            // It may be about to end by itself.
            Command.shell("kill -TERM $1; :", "" + pid).run();
            System.err.println("out of memory: the agent ended with " + agent.awaitEnd());
            agent.start();
            agent.launch(large).succeeds();
            agent.assertDelivers("V", canary, "--secret", "V=plain");
            agent.does("store", "verify");
            agent.does("audit", "verify");
            try (Stream<Path> here = Files.list(Path.of(""))) {
                List<Path> crashes = here.filter(file -> file.toString().matches("(hs_err|replay|core).*[0-9].*"))
                        .toList();
                assertEquals(List.of(), crashes, "files of a crash");
            }
        }
    }

    // ---- the clock ----

    @Test
    void aClockThatJumpsChangesWhatHasExpiredAndNothingElse() throws Exception {
        assumeTrue(Files.exists(FAKETIME), "needs libfaketime");
        try (TestAgent agent = TestAgent.prepared()) {
            Path offset = agent.write("offset", "+0d\n");
            agent.startedBy(
                            "env",
                            "LD_PRELOAD=" + FAKETIME,
                            "FAKETIME_TIMESTAMP_FILE=" + offset,
                            "FAKETIME_CACHE_DURATION=1",
                            "FAKETIME_DONT_FAKE_MONOTONIC=1")
                    .start();
            Canary canary = agent.put("lasting");
            agent.put("hour", "--expires-in", "1h");
            for (String jump : new String[] {"-1d", "+3650d", "-1d", "+0d"}) {
                Files.writeString(offset, jump + "\n");
                int expected = jump.startsWith("+3") ? 122 : 0;
                Await.until("the clock is at " + jump, () -> statusOfHour(agent) == expected);
                agent.assertDelivers("V", canary, "--secret", "V=lasting");
            }
            agent.does("audit", "verify");
            assertRecordsAreInOrder(agent);
        }
    }

    private static int statusOfHour(TestAgent agent) {
        return agent.launch("--secret", "V=hour", "--", "true").status();
    }

    /** By their numbers, which have no gap, while their times go back and forth. */
    private static void assertRecordsAreInOrder(TestAgent agent) throws IOException {
        List<String> times = new ArrayList<>();
        long expected = 1;
        for (String line : Files.readAllLines(agent.audit())) {
            var record = Json.parse(line);
            if (record.has("seq")) {
                assertEquals(expected++, record.get("seq").asLong(), line);
                times.add(record.get("time").asString());
            }
        }
        List<String> sorted = times.stream().sorted().toList();
        assertTrue(expected > 10 && !sorted.equals(times), "the times did not jump");
    }

    // ---- peers ----

    /** Asks for much, and then: reads nothing and stays, ends its half, resets with the answer unread, or dies after some of it. */
    private static final String PEER = """
            import os, socket, struct, sys, time
            how, path, frame = sys.argv[1], sys.argv[2], bytes.fromhex(sys.argv[3])
            peers = []
            for _ in range(int(sys.argv[4])):
                s = socket.socket(socket.AF_UNIX); s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2304); s.connect(path)
                s.sendall(frame); peers.append(s)
            if how == 'half':
                for s in peers: s.shutdown(socket.SHUT_WR)
                print(sum(1 for s in peers if s.recv(12, socket.MSG_WAITALL)[6] == 2), flush=True)
            elif how == 'partly':
                for s in peers: s.recv(100)
                print('0', flush=True); os._exit(1)
            else:
                print('0', flush=True)
            if how == 'stays': time.sleep(60)
            os._exit(0)
            """;

    @Test
    void peersThatDieOrDoNotReadLeaveNothingBehind() throws Exception {
        Machine.needsRoot();
        try (TestAgent agent = TestAgent.started()) {
            agent.put("long", Canary.of("v".repeat(40) + "x".repeat(100_000)));
            agent.launch("--secret", "V=long", "--", "true").succeeds();
            int peers = Machine.full() ? 200 : 20;
            Footprint before = Footprint.of(agent.pid());
            for (String how : new String[] {"half", "ends", "partly"}) {
                Process process = peer(agent, how, peers);
                assertEquals(
                        how.equals("half") ? peers + "" : "0",
                        process.inputReader().readLine(),
                        how);
                process.waitFor();
                long ended = System.nanoTime();
                Await.until(
                        "nothing of peers of kind " + how + " is left",
                        () -> Footprint.of(agent.pid()).isBackTo(before));
                Duration took = Duration.ofNanos(System.nanoTime() - ended);
                assertTrue(took.compareTo(Duration.ofSeconds(Machine.full() ? 1 : 3)) < 0, () -> how + ": " + took);
            }
            Process silent = peer(agent, "stays", peers);
            assertEquals("0", silent.inputReader().readLine());
            Footprint start = Footprint.of(agent.pid());
            long began = System.nanoTime();
            Await.until(
                    "peers that do not read are cut off",
                    () -> Footprint.of(agent.pid()).isBackTo(before));
            Duration passed = Duration.ofNanos(System.nanoTime() - began);
            Duration spent = Footprint.of(agent.pid()).processor().minus(start.processor());
            silent.destroyForcibly();
            assertTrue(passed.compareTo(Duration.ofSeconds(8)) < 0, passed::toString);
            assertTrue(spent.multipliedBy(2).compareTo(passed) < 0, () -> "spins: " + spent + " of " + passed);
            agent.launch("--secret", "V=long", "--", "true").succeeds();
        }
    }

    private static Process peer(TestAgent agent, String how, int peers) throws IOException {
        return Command.python(PEER, how, agent.socket().toString(), Frames.request("long"), Integer.toString(peers))
                .start();
    }

    /** What a process holds: descriptors, and bytes of locked memory. */
    private record Footprint(long descriptors, long locked, Duration processor) {
        static Footprint of(long pid) {
            try (var all = Files.list(Path.of("/proc/" + pid + "/fd"))) {
                String status = Files.readString(Path.of("/proc/" + pid + "/status"), StandardCharsets.ISO_8859_1);
                String locked = status.lines()
                        .filter(line -> line.startsWith("VmLck:"))
                        .findFirst()
                        .orElseThrow();
                String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
                String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
                return new Footprint(
                        all.count(),
                        Long.parseLong(locked.replaceAll("[^0-9]", "")) << 10,
                        Duration.ofMillis(10 * (Long.parseLong(fields[11]) + Long.parseLong(fields[12]))));
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        /** A few more small mappings may be kept for the next launches. */
        boolean isBackTo(Footprint before) {
            return descriptors <= before.descriptors + 2 && locked <= before.locked + (1 << 20);
        }
    }
}
