package dev.latchkey.agent.store;

import dev.latchkey.agent.crypto.DataKey;
import dev.latchkey.agent.crypto.KeyMemory;
import dev.latchkey.agent.crypto.WrappedKey;
import dev.latchkey.agent.failure.AgentException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/** Opening every data key of an inventory with one KEK after the other, as far as it needs them. */
final class Unlocking implements AutoCloseable {
    private final KeyInventory inventory;
    private final KeyMemory memory;
    private final Map<String, Keyring.Entry> opened = new LinkedHashMap<>();
    private final List<String> reasons = new ArrayList<>();
    private final List<String> places = new ArrayList<>();
    private boolean remote;
    private boolean present;
    private boolean taken;

    Unlocking(KeyInventory inventory, KeyMemory memory) {
        this.inventory = inventory;
        this.memory = memory;
    }

    boolean isDone() {
        return opened.size() == inventory.keys().size();
    }

    /**
     * Opens what this key opens of the rest.
     *
     * @param inTime false: no other data key is begun
     */
    void with(Finding finding, BooleanSupplier inTime) {
        places.add(finding.kek().where());
        remote |= finding.kek().isRemote();
        present |= finding.isPresent();
        finding.problem().or(() -> openRest(finding, inTime)).ifPresent(reasons::add);
    }

    /** Gives why something is left. */
    private Optional<String> openRest(Finding finding, BooleanSupplier inTime) {
        List<KeyInventory.Kept> rest = inventory.keys().stream()
                .filter(kept -> !opened.containsKey(kept.id()))
                .toList();
        for (KeyInventory.Kept kept : rest) {
            if (!inTime.getAsBoolean()) {
                return Keks.Answers.late(finding.kek()).problem();
            }
            try {
                Wrapping.unwrap(finding, kept.wraps(), inventory.context(kept), memory)
                        .ifPresent(key -> opened.put(
                                kept.id(), new Keyring.Entry(inventory.store(), new DataKey(kept.id(), key))));
            } catch (AgentException e) {
                return Optional.of(e.failure().message());
            }
        }
        return isDone() ? Optional.empty() : Optional.of(whyNot(finding, rest));
    }

    private String whyNot(Finding finding, List<KeyInventory.Kept> rest) {
        boolean tried = rest.stream().anyMatch(kept -> finding.ids().stream().anyMatch(kept::isWrappedUnder));
        return finding.kek().where()
                + (tried
                        ? " does not open what is wrapped under it"
                        : " has key " + finding.id() + ", which opens nothing here");
    }

    /**
     * The data keys, which are the caller's from now on.
     *
     * @throws AgentException of kind {@code STATE_UNUSABLE}, with why each KEK did not do, if one is left unopened
     */
    Map<String, Keyring.Entry> result() {
        if (!isDone()) {
            throw notOpened();
        }
        taken = true;
        return opened;
    }

    private AgentException notOpened() {
        String wanted = inventory.keys().stream()
                .filter(kept -> !opened.containsKey(kept.id()))
                .flatMap(kept -> kept.wraps().stream())
                .map(WrappedKey::kek)
                .distinct()
                .sorted()
                .collect(Collectors.joining(" or "));
        String all = String.join("; ", reasons);
        if (remote) {
            return Unusable.state(
                    "the store cannot be opened: " + all,
                    "it opens with key " + wanted + "; one key that can be used is enough");
        }
        return present
                ? Unusable.state(
                        "the key of the store is not the one in " + String.join(", ", places),
                        "the store opens with key " + wanted
                                + "; put that key file back, or name it in the configuration")
                : Unusable.state(
                        "the key of the store is missing: " + String.join(", ", places) + " does not exist",
                        "put key " + wanted + " back there; none is made, because no other opens what is stored");
    }

    @Override
    public void close() {
        if (!taken) {
            opened.values().forEach(entry -> entry.key().close());
        }
    }
}
