package dev.latchkey.agent.store;

import dev.latchkey.agent.crypto.KeyEncryptionKey;
import dev.latchkey.agent.crypto.KeyEncryptionKey.Generation;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import java.util.List;
import java.util.Optional;

/**
 * What a KEK said when it was asked.
 *
 * @param generations the newest first; none if it is not there, or cannot be used now
 * @param failure why it cannot be used now
 */
record Finding(KeyEncryptionKey kek, List<Generation> generations, Optional<Failure> failure) {
    Finding {
        generations = List.copyOf(generations);
    }

    static Finding of(KeyEncryptionKey kek) {
        try {
            return new Finding(kek, kek.generations(), Optional.empty());
        } catch (AgentException e) {
            return failed(kek, e.failure());
        }
    }

    /**
     * The same for a key of our own, before the store is used: what is wrong with one that is there has to be mended first.
     *
     * @throws AgentException as {@link KeyEncryptionKey#generations}
     */
    static Finding ofSound(KeyEncryptionKey kek) {
        return new Finding(kek, kek.generations(), Optional.empty());
    }

    static Finding failed(KeyEncryptionKey kek, Failure failure) {
        return new Finding(kek, List.of(), Optional.of(failure));
    }

    boolean isPresent() {
        return !generations.isEmpty();
    }

    /** The newest generation's. */
    String id() {
        return generations.getFirst().id();
    }

    List<String> ids() {
        return generations.stream().map(Generation::id).toList();
    }

    /** Why it cannot be used; absent if it is there. */
    Optional<String> problem() {
        return isPresent()
                ? Optional.empty()
                : Optional.of(failure.map(Failure::message).orElse(kek.where() + " is not there"));
    }
}
