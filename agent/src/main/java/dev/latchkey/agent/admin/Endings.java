package dev.latchkey.agent.admin;

import dev.latchkey.agent.audit.AuditRecord;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/** Passes records on in their order, each with how it ended, which a later record tells. */
final class Endings {
    /** Records that wait for one whose end is not told yet; it may never be, as after a crash. */
    private static final int MOST_HELD = 256;

    /** SECURITY: a record may be 4 MiB, and what is made of it takes more. */
    private static final int MOST_CHARACTERS = 1 << 20;

    private final BiConsumer<AuditRecord, Optional<String>> to;
    private final Deque<Held> held = new ArrayDeque<>();
    private final Map<Long, Held> unconcluded = new HashMap<>();
    private int characters;

    /**
     * @param to gets each record, with the result of its outcome
     */
    Endings(BiConsumer<AuditRecord, Optional<String>> to) {
        this.to = to;
    }

    private static final class Held {
        private final AuditRecord record;
        private final boolean waits;
        private Optional<String> ending = Optional.empty();

        Held(AuditRecord record) {
            this.record = record;
            this.waits = record.isLaunchOrPlan() || record.isAllowedAction();
        }

        boolean isReady() {
            return !waits || ending.isPresent();
        }
    }

    void accept(AuditRecord record) {
        record.concludes()
                .map(unconcluded::remove)
                .ifPresent(concluded -> concluded.ending = Optional.of(record.result()));
        Held last = new Held(record);
        held.add(last);
        characters += record.json().length();
        if (last.waits) {
            unconcluded.put(record.sequence(), last);
        }
        while (!held.isEmpty() && (held.getFirst().isReady() || isTooMuch())) {
            passFirst();
        }
    }

    private boolean isTooMuch() {
        return held.size() > MOST_HELD || characters > MOST_CHARACTERS;
    }

    /** There are no more records. */
    void end() {
        while (!held.isEmpty()) {
            passFirst();
        }
    }

    private void passFirst() {
        Held first = held.removeFirst();
        characters -= first.record.json().length();
        unconcluded.remove(first.record.sequence());
        to.accept(first.record, first.ending);
    }
}
