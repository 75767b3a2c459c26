package dev.latchkey.agent.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.latchkey.agent.audit.AuditSettings.Durability;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.health.Readiness;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A file system without room: nothing is acknowledged, nothing is half written, and it ends by itself. */
@Timeout(60)
final class DiskFullTest {
    @TempDir
    private Path folder;

    private LogFixture fixture;
    private boolean mounted;

    @BeforeEach
    void mount() throws Exception {
        mounted = run("mount", "-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs", folder.toString());
        assumeTrue(mounted, "needs the right to mount a tmpfs");
        fixture = new LogFixture(folder);
    }

    @AfterEach
    void unmount() throws Exception {
        if (mounted) {
            assertTrue(run("umount", folder.toString()));
        }
    }

    @ParameterizedTest
    @EnumSource(Durability.class)
    void failsClosedAndRecoversByItself(Durability durability) throws IOException {
        try (FileAuditLog log = fixture.open(durability, 0, Duration.ZERO)) {
            log.append(LogFixture.grant("before"));
            assertEquals(durability == Durability.WRITE, log.appendsAtOnce());
            Path filler = fill();
            AgentException failure = appendUntilItFails(log);
            assertFalse(log.appendsAtOnce());
            assertEquals(FailureKind.AUDIT_UNAVAILABLE, failure.kind());
            assertEquals(
                    "audit log " + fixture.path + " cannot be written: No space left on device", failure.getMessage());
            assertEquals(Readiness.State.FAILING, fixture.readiness.state());
            assertTrue(fixture.verify().intact(), "nothing may be half appended");
            long whole = fixture.verify().records();

            Files.delete(filler);
            assertTrue(LogFixture.await(() -> fixture.readiness.state() == Readiness.State.READY));
            AuditRecord resumed = LogFixture.tail(fixture.path, 1).getFirst();
            assertEquals("resumed", resumed.kind());
            assertEquals(whole + 1, resumed.sequence());
            assertEquals(whole + 2, log.append(LogFixture.grant("after")));
        }
        assertTrue(fixture.verify().intact());
        assertTrue(fixture.logged().contains("event=audit-unavailable"));
        assertTrue(fixture.logged().contains("event=audit-recovered"));
    }

    @Test
    void recoversWithTheNextAppend() throws IOException {
        try (FileAuditLog log = fixture.open()) {
            log.append(LogFixture.grant("before"));
            Path filler = fill();
            appendUntilItFails(log);
            Files.delete(filler);
            long sequence = log.append(LogFixture.grant("after"));
            assertEquals(List.of(), fixture.readiness.reasons());
            List<AuditRecord> last = LogFixture.after(fixture.path, sequence - 2, 1);
            assertEquals("resumed", last.getFirst().kind());
        }
        assertTrue(fixture.verify().intact());
    }

    @Test
    void closesDuringAnOutage() throws IOException {
        try (FileAuditLog log = fixture.open()) {
            fill();
            appendUntilItFails(log);
        }
        assertTrue(fixture.verify().intact());
    }

    private static AgentException appendUntilItFails(FileAuditLog log) {
        return assertThrows(AgentException.class, () -> {
            for (int i = 0; i < 1_000; i++) {
                log.append(LogFixture.grant("secret-" + i));
            }
        });
    }

    private Path fill() throws IOException {
        Path filler = folder.resolve("filler");
        try (OutputStream out = Files.newOutputStream(filler)) {
            byte[] block = new byte[4096];
            assertThrows(IOException.class, () -> {
                while (true) {
                    out.write(block);
                }
            });
        }
        return filler;
    }

    private static boolean run(String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        return process.waitFor() == 0;
    }
}
