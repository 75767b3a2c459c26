package dev.latchkey.agent.store;

import dev.latchkey.agent.crypto.KeyEncryptionKey;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The KEKs of the configuration, in its order.
 *
 * @param patience how long all remote ones together may take to answer one question
 */
record Keks(List<KeyEncryptionKey> all, Duration patience) {
    Keks {
        all = List.copyOf(all);
    }

    List<KeyEncryptionKey> local() {
        return all.stream().filter(kek -> !kek.isRemote()).toList();
    }

    List<KeyEncryptionKey> remote() {
        return all.stream().filter(KeyEncryptionKey::isRemote).toList();
    }

    /** What each says, in the order of the configuration. */
    List<Finding> survey() {
        Answers answers = askRemote();
        List<Finding> found = new ArrayList<>(local().stream().map(Finding::of).toList());
        for (Optional<Finding> next = answers.next(); next.isPresent(); next = answers.next()) {
            found.add(next.get());
        }
        return inOrder(found);
    }

    private List<Finding> inOrder(List<Finding> found) {
        return all.stream()
                .flatMap(kek -> found.stream().filter(finding -> finding.kek().equals(kek)))
                .toList();
    }

    /** Asks all remote ones at once. */
    Answers askRemote() {
        return new Answers(remote(), patience);
    }

    /** What remote keys say, as it comes in. For one thread. */
    static final class Answers {
        private final BlockingQueue<Finding> arrived = new LinkedBlockingQueue<>();
        private final List<KeyEncryptionKey> awaited;
        private final long deadline;

        private Answers(List<KeyEncryptionKey> asked, Duration patience) {
            this.awaited = new ArrayList<>(asked);
            this.deadline = System.nanoTime() + patience.toNanos();
            asked.forEach(kek -> Thread.ofVirtual().name("kek").start(() -> arrived.add(asked(kek))));
        }

        /** INVARIANT: there is an answer whatever happens, or nobody would know what to wait for. */
        private static Finding asked(KeyEncryptionKey kek) {
            try {
                return Finding.of(kek);
            } catch (RuntimeException e) {
                return Finding.failed(kek, Failure.of(FailureKind.INTERNAL, kek.where() + " cannot be asked"));
            }
        }

        /** The next; empty once all have answered or were given up. */
        Optional<Finding> next() {
            if (awaited.isEmpty()) {
                return Optional.empty();
            }
            Finding finding = poll().orElseGet(() -> late(awaited.getFirst()));
            awaited.remove(finding.kek());
            return Optional.of(finding);
        }

        /** Whether more time may be spent. */
        boolean inTime() {
            return deadline - System.nanoTime() > 0;
        }

        private Optional<Finding> poll() {
            try {
                return Optional.ofNullable(
                        arrived.poll(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return Optional.empty();
            }
        }

        static Finding late(KeyEncryptionKey kek) {
            return Finding.failed(kek, Failure.of(FailureKind.TIMED_OUT, kek.where() + " did not answer in time"));
        }
    }
}
