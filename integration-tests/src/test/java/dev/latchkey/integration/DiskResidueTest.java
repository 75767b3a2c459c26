package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** T4: what lies on the disk itself, free blocks and journal included, after writes while the agent is killed at random points. */
final class DiskResidueTest {
    @TempDir
    Path folder;

    private final Residue residue = new Residue();

    @Test
    void theRawDiskHoldsNoValueAfterKillsAtRandomPoints() throws Exception {
        Machine.needsRoot();
        Machine.needs("mkfs.ext4");
        int writes = Machine.full() ? 10_000 : 300;
        int kills = Machine.full() ? 100 : 4;
        Path image = folder.resolve("image");
        Path disk = Files.createDirectory(folder.resolve("disk"));
        Command.of("truncate", "-s", Machine.full() ? "512M" : "64M", image.toString())
                .run()
                .succeeds();
        Command.of("mkfs.ext4", "-q", "-F", image.toString()).run().succeeds();
        Finished mounted = Command.of("mount", "-o", "loop", image.toString(), disk.toString())
                .run();
        assumeTrue(mounted.status() == 0, "needs the right to mount an image");
        boolean mountedStill = true;
        try (TestAgent agent = TestAgent.prepared()) {
            Path temporary = Files.createDirectory(disk.resolve("tmp"));
            agent.option("--state", disk.resolve("state").toString())
                    .env("LATCHKEY_STATE", disk.resolve("state").toString())
                    .env("TMPDIR", temporary.toString())
                    .start();
            CompletableFuture<Integer> writing = Command.inBackground(() -> write(disk.resolve("state"), writes));
            for (int i = 0; i < kills; i++) {
                LockSupport.parkNanos(
                        Duration.ofMillis(ThreadLocalRandom.current().nextInt(20, 500))
                                .toNanos());
                agent.killHard();
                agent.start();
            }
            assertEquals(writes, writing.get());
            agent.does("store", "verify");
            agent.does("audit", "verify");
            agent.killHard();
            Command.of("umount", disk.toString()).run().succeeds();
            mountedStill = false;
            Residue.Found found = residue.inFile(image);
            System.err.println("disk: " + writes + " writes, " + kills + " kills: " + found);
            assertTrue(found.searched() >= 64 << 20, found::toString);
            assertEquals(0, found.total() + found.beginnings(), found::toString);
        } finally {
            if (mountedStill) {
                Command.of("umount", "--lazy", disk.toString()).run();
            }
        }
    }

    /** Many names and many versions; each is written until the agent says that it is stored. */
    private int write(Path state, int writes) {
        AdminSocket admin = new AdminSocket(state);
        for (int i = 0; i < writes; i++) {
            admin.put("v" + i % 500, residue.plant().bytes());
        }
        return writes;
    }
}
