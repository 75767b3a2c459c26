package dev.latchkey.agent.cache;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.atomic.AtomicLong;

/** Time that passes when told, or when somebody waits; it begins just before the monotonic clock overflows. */
final class FakeTime {
    final List<Runnable> background = new ArrayList<>();
    final List<Duration> pauses = new ArrayList<>();
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1_000);

    private final PriorityQueue<Alarm> alarms = new PriorityQueue<>((one, other) -> Long.signum(one.at() - other.at()));

    private record Alarm(long at, Runnable task) {}

    Clockwork clockwork() {
        return new Clockwork(now::get, this::pause, () -> 1, background::add, this::alarm);
    }

    private synchronized void alarm(Duration delay, Runnable task) {
        alarms.add(new Alarm(now.get() + delay.toNanos(), task));
    }

    /** Lets time pass from alarm to alarm. */
    void live(Duration duration) {
        long end = now.get() + duration.toNanos();
        for (Optional<Alarm> due = due(end); due.isPresent(); due = due(end)) {
            now.set(later(due.get().at(), now.get()));
            due.get().task().run();
        }
        now.set(later(end, now.get()));
    }

    private synchronized Optional<Alarm> due(long end) {
        return Optional.ofNullable(alarms.peek())
                .filter(first -> first.at() - end <= 0)
                .map(_ -> alarms.remove());
    }

    private static long later(long one, long other) {
        return one - other > 0 ? one : other;
    }

    long now() {
        return now.get();
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
