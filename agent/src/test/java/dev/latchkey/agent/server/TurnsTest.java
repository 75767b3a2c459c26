package dev.latchkey.agent.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TurnsTest {
    private static final long GREEDY = 1003;
    private static final long OTHER = 1004;

    private final Turns turns = new Turns(2);

    @Test
    void oneUserNeverRunsMoreThanItsShareAndEveryTaskRuns() throws Exception {
        AtomicInteger begun = new AtomicInteger();
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(50);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            threads.add(Thread.startVirtualThread(() -> turns.run(GREEDY, () -> {
                begun.incrementAndGet();
                await(release);
                done.countDown();
            })));
        }
        // All of them wait, either within the task or for their turn: only then is the count one that stays.
        while (!threads.stream().allMatch(thread -> thread.getState() == Thread.State.WAITING)) {
            Thread.onSpinWait();
        }
        assertEquals(2, begun.get());
        release.countDown();
        assertTrue(done.await(20, TimeUnit.SECONDS));
    }

    @Test
    void anotherUserDoesNotWait() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch started = new CountDownLatch(2);
        for (int i = 0; i < 10; i++) {
            Thread.startVirtualThread(() -> turns.run(GREEDY, () -> {
                started.countDown();
                await(release);
            }));
        }
        assertTrue(started.await(20, TimeUnit.SECONDS));
        AtomicInteger ran = new AtomicInteger();
        turns.run(OTHER, ran::incrementAndGet);
        assertEquals(1, ran.get());
        release.countDown();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
