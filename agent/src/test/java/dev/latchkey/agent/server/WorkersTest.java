package dev.latchkey.agent.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class WorkersTest {
    private final List<Runnable> queue = new ArrayList<>();
    private int ran;

    private static OutOfMemoryError noThread() {
        return new OutOfMemoryError("unable to create native thread");
    }

    @Test
    void whatWasRejectedNeverRuns() {
        Workers workers = new Workers(task -> {
            queue.add(task);
            throw noThread();
        });
        assertThrows(RejectedExecutionException.class, () -> workers.execute(() -> ran++));
        queue.forEach(Runnable::run);
        assertEquals(0, ran);
    }

    @Test
    void whatAnotherThreadHasTakenMeanwhileIsNotRejected() {
        Workers workers = new Workers(task -> {
            task.run();
            throw noThread();
        });
        workers.execute(() -> ran++);
        assertEquals(1, ran);
    }

    @Test
    void whatMustRunRunsWithoutAThread() {
        Workers workers = new Workers(_ -> {
            throw noThread();
        });
        workers.executeAnyway(() -> ran++);
        assertEquals(1, ran);
    }
}
