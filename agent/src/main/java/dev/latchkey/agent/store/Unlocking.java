package dev.latchkey.agent.store;

import dev.latchkey.agent.crypto.AesKey;
import dev.latchkey.agent.crypto.DataKey;
import dev.latchkey.agent.crypto.KeyEncryptionKey;
import dev.latchkey.agent.crypto.KeyEncryptionKey.ToUnwrap;
import dev.latchkey.agent.crypto.KeyMemory;
import dev.latchkey.agent.crypto.WrappedKey;
import dev.latchkey.agent.failure.AgentException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/** Opening every data key of an inventory with one KEK after the other, as far as it needs them. */
final class Unlocking implements AutoCloseable {
    private static final int MOST_NAMED = 5;

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
        Deque<Candidate> candidates = new ArrayDeque<>(candidates(finding, rest));
        while (!candidates.isEmpty()) {
            if (!inTime.getAsBoolean()) {
                return Keks.Answers.late(finding.kek()).problem();
            }
            try {
                open(finding.kek(), next(candidates, finding.kek().most()));
            } catch (AgentException e) {
                return Optional.of(e.failure().message());
            }
        }
        return isDone() ? Optional.empty() : Optional.of(whyNot(finding, rest));
    }

    /** A wrap that may open a data key. */
    private record Candidate(KeyInventory.Kept kept, WrappedKey wrapped) {}

    private static List<Candidate> candidates(Finding finding, List<KeyInventory.Kept> rest) {
        return rest.stream()
                .flatMap(kept -> kept.wraps().stream()
                        .filter(wrapped -> finding.ids().contains(wrapped.kek()))
                        .map(wrapped -> new Candidate(kept, wrapped)))
                .toList();
    }

    /** So many at most of those that are needed still. */
    private List<Candidate> next(Deque<Candidate> candidates, int most) {
        List<Candidate> next = new ArrayList<>();
        while (next.size() < most && !candidates.isEmpty()) {
            Candidate candidate = candidates.remove();
            if (!opened.containsKey(candidate.kept().id())) {
                next.add(candidate);
            }
        }
        return next;
    }

    private void open(KeyEncryptionKey kek, List<Candidate> some) {
        if (some.isEmpty()) {
            return;
        }
        List<Optional<byte[]>> plain = kek.unwrapAll(some.stream()
                .map(each -> new ToUnwrap(each.wrapped(), inventory.context(each.kept())))
                .toList());
        for (int i = 0; i < some.size(); i++) {
            String id = some.get(i).kept().id();
            plain.get(i).map(memory::take).ifPresent(key -> keep(id, key));
        }
    }

    private void keep(String id, AesKey key) {
        if (opened.containsKey(id)) {
            key.close();
        } else {
            opened.put(id, new Keyring.Entry(inventory.store(), new DataKey(id, key)));
        }
    }

    private String whyNot(Finding finding, List<KeyInventory.Kept> rest) {
        String where = finding.kek().where();
        List<KeyInventory.Kept> wrapped = rest.stream()
                .filter(kept -> finding.ids().stream().anyMatch(kept::isWrappedUnder))
                .toList();
        if (wrapped.isEmpty()) {
            return where + " has key " + finding.id() + ", which opens nothing here";
        }
        return projects(wrapped)
                .map(projects -> where + " does not open what is wrapped under it: the key of " + projects)
                .or(() -> projects(rest).map(projects -> where + " never wrapped the key of " + projects))
                .orElseThrow(() -> new IllegalStateException("all is opened"));
    }

    /** Those whose keys are not opened, by name. */
    private Optional<String> projects(List<KeyInventory.Kept> some) {
        List<String> projects = some.stream()
                .filter(kept -> !opened.containsKey(kept.id()))
                .map(kept -> kept.project().toString())
                .toList();
        return projects.isEmpty() ? Optional.empty() : Optional.of(named(projects));
    }

    private static String named(List<String> projects) {
        int more = projects.size() - MOST_NAMED;
        return (projects.size() == 1 ? "project " : "projects ")
                + projects.stream().limit(MOST_NAMED).collect(Collectors.joining(", "))
                + (more > 0 ? " and " + more + " more" : "");
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
