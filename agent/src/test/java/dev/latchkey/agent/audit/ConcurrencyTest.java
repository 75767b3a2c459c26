package dev.latchkey.agent.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.audit.AuditSettings.Durability;
import dev.latchkey.agent.failure.AgentException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Any number of threads, one chain. */
@Timeout(60)
final class ConcurrencyTest {
    private static final int THREADS = 200;
    private static final int EACH = 25;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(Durability.class)
    void numbersWithoutGapsAndReturnsTheNumberOfTheRightRecord(Durability durability) throws Exception {
        LogFixture fixture = new LogFixture(folder);
        List<Long> sequences = new ArrayList<>();
        try (FileAuditLog log = fixture.open(durability, 200_000, Duration.ZERO)) {
            for (Future<List<Long>> numbers : run(thread -> () -> appendMany(log, thread))) {
                sequences.addAll(numbers.get());
            }
        }
        assertEquals(THREADS * EACH, sequences.stream().distinct().count());
        List<AuditRecord> records = LogFixture.tail(fixture.path, Integer.MAX_VALUE);
        assertEquals(LongStream.rangeClosed(1, records.size()).boxed().toList(), sequences(records));
        int next = 0;
        for (int thread = 0; thread < THREADS; thread++) {
            for (int i = 0; i < EACH; i++) {
                AuditRecord record = records.get((int) (sequences.get(next++) - 1));
                assertEquals(
                        List.of("store:default/default/secret-" + thread + "-" + i), List.copyOf(record.secrets()));
            }
        }
        assertTrue(fixture.verify().intact(), () -> fixture.verify().report().toString());
    }

    @Test
    void verifiesWhileItIsWrittenAndRotated() throws Exception {
        LogFixture fixture = new LogFixture(folder);
        try (FileAuditLog log = fixture.open(Durability.WRITE, 50_000, Duration.ZERO)) {
            log.append(new AuditEvent.Stopped());
            Thread writer = Thread.ofVirtual().start(() -> {
                for (int i = 0; i < 3_000; i++) {
                    log.append(LogFixture.grant("secret-" + i));
                }
            });
            while (writer.isAlive()) {
                Head head = AuditReader.head(fixture.path).orElseThrow();
                AuditVerification verification = fixture.verify(head);
                assertTrue(verification.intact(), () -> verification.report().toString());
            }
        }
        assertTrue(fixture.verify().records() > 3_000);
    }

    @Test
    void isNotHarmedByInterruptedThreads() throws Exception {
        LogFixture fixture = new LogFixture(folder);
        try (FileAuditLog log = fixture.open(Durability.FSYNC, 0, Duration.ZERO)) {
            for (Future<Boolean> interrupted : run(thread -> () -> {
                Thread.currentThread().interrupt();
                appendMany(log, thread);
                return Thread.interrupted();
            })) {
                assertTrue(interrupted.get(), "the interrupt must still be there");
            }
        }
        assertEquals(THREADS * EACH, fixture.verify().records());
    }

    @Test
    void refusesAfterItIsClosed() throws Exception {
        LogFixture fixture = new LogFixture(folder);
        FileAuditLog log = fixture.open();
        List<Future<Integer>> threads = run(thread -> () -> appendUntilClosed(log));
        log.close();
        int acknowledged = 0;
        for (Future<Integer> thread : threads) {
            acknowledged += thread.get();
        }
        assertEquals(acknowledged, fixture.verify().records());
        assertThrows(AgentException.class, () -> log.append(new AuditEvent.Stopped()));
    }

    private static int appendUntilClosed(FileAuditLog log) {
        for (int i = 0; i < EACH; i++) {
            try {
                log.append(new AuditEvent.Stopped());
            } catch (AgentException closed) {
                return i;
            }
        }
        return EACH;
    }

    private static List<Long> appendMany(FileAuditLog log, int thread) {
        List<Long> sequences = new ArrayList<>();
        for (int i = 0; i < EACH; i++) {
            sequences.add(log.append(LogFixture.grant("secret-" + thread + "-" + i)));
        }
        return sequences;
    }

    private interface Work<T> {
        Callable<T> of(int thread);
    }

    /** Runs the work on many virtual threads; they have ended when it returns. */
    private static <T> List<Future<T>> run(Work<T> work) throws ExecutionException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<T>> futures = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                futures.add(threads.submit(work.of(thread)));
            }
            return futures;
        }
    }

    private static List<Long> sequences(List<AuditRecord> records) {
        return records.stream().map(AuditRecord::sequence).toList();
    }
}
