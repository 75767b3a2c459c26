package dev.latchkey.agent.cache;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Time that passes when told, or when somebody waits; it begins just before the monotonic clock overflows. */
final class FakeTime {
    final List<Runnable> background = new ArrayList<>();
    final List<Duration> pauses = new ArrayList<>();
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1_000);

    Clockwork clockwork() {
        return new Clockwork(now::get, this::pause, () -> 1, background::add);
    }

    private synchronized void pause(Duration duration) {
        pauses.add(duration);
        pass(duration);
    }

    void pass(Duration duration) {
        now.addAndGet(duration.toNanos());
    }

    void runBackground() {
        List<Runnable> all = List.copyOf(background);
        background.clear();
        all.forEach(Runnable::run);
    }
}
