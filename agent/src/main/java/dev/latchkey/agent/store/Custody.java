package dev.latchkey.agent.store;

import dev.latchkey.agent.crypto.AesKey;
import dev.latchkey.agent.crypto.DataKey;
import dev.latchkey.agent.crypto.KeyContext;
import dev.latchkey.agent.crypto.KeyEncryptionKey;
import dev.latchkey.agent.crypto.KeyEncryptionKey.Generation;
import dev.latchkey.agent.crypto.KeyMemory;
import dev.latchkey.agent.crypto.WrappedKey;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.ProjectName;
import dev.latchkey.agent.secret.StoreCustody.Kek;
import dev.latchkey.agent.secret.StoreCustody.KeyAway;
import dev.latchkey.agent.secret.StoreCustody.KeyStatus;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/**
 * Looking after the keys: making them at the first start, opening the store with them, wrapping what lacks a wrap, rotating and exporting them.
 *
 * <p>A KEK that is missing while another opens the store is left alone; what it misses is wrapped when it is back.
 *
 * <p>INVARIANT: whoever wraps data keys, and keeps the wraps later, holds {@link #turn} from before it asked for generations until the wraps are kept. Else
 * a rotation in between would destroy the generation that they are under.
 */
final class Custody {
    private static final int ID_BYTES = 8;

    private final Database database;
    private volatile Keks keks;
    private final KeyMemory memory;
    private final SecureRandom random;
    private final StoreListener listener;
    private final ReentrantLock turn = new ReentrantLock();
    private final AwayKeys away;

    Custody(Database database, Keks keks, KeyMemory memory, SecureRandom random, StoreListener listener) {
        this.database = database;
        this.keks = keks;
        this.memory = memory;
        this.random = random;
        this.listener = listener;
        this.away = new AwayKeys(listener);
    }

    KeyMemory memory() {
        return memory;
    }

    boolean hasRemote() {
        return !keks.remote().isEmpty();
    }

    String randomId() {
        byte[] id = new byte[ID_BYTES];
        random.nextBytes(id);
        return HexFormat.of().formatHex(id);
    }

    AesKey randomKey() {
        return memory.random(random);
    }

    /** For an empty database: keys that are not there are made, where we make them. */
    void createKeys() {
        for (KeyEncryptionKey kek : keks.local()) {
            if (kek.generations().isEmpty()) {
                create(kek);
            }
        }
    }

    private void create(KeyEncryptionKey kek) {
        kek.create();
        listener.keyCreated(kek.where());
    }

    /** Work between making a data key and keeping it. */
    interface Keeping<T> {
        T with(NewDataKey key);
    }

    /** Makes a data key for a project, which the work must keep, or nobody does. */
    <T> T withNewDataKey(String store, ProjectName project, Keeping<T> work) {
        turn.lock();
        NewDataKey made = newDataKey(store, project);
        boolean kept = false;
        try {
            T result = work.with(made);
            kept = true;
            return result;
        } finally {
            if (!kept) {
                made.close();
            }
            turn.unlock();
        }
    }

    private NewDataKey newDataKey(String store, ProjectName project) {
        String id = randomId();
        DataKey key = new DataKey(id, randomKey());
        boolean wrapped = false;
        try {
            NewDataKey made = new NewDataKey(store, key, wraps(key, KeyInventory.context(store, project, id)));
            wrapped = true;
            return made;
        } finally {
            if (!wrapped) {
                key.close();
            }
        }
    }

    /**
     * The key wrapped under every KEK that can be used now.
     *
     * @throws AgentException if there is none
     */
    List<WrappedKey> wraps(DataKey key, KeyContext context) {
        List<WrappedKey> wraps = new ArrayList<>();
        List<String> reasons = new ArrayList<>();
        for (Finding finding : keks.survey()) {
            finding.problem()
                    .or(() -> attempted(() -> wraps.add(Wrapping.wrap(finding.kek(), key, context))))
                    .ifPresent(reasons::add);
        }
        if (wraps.isEmpty()) {
            throw new AgentException(
                    FailureKind.STATE_UNUSABLE,
                    "no key of the store can be used now: " + String.join("; ", reasons),
                    "one that can be used is enough");
        }
        return wraps;
    }

    /** Gives why a key could not do it. */
    private static Optional<String> attempted(Runnable work) {
        try {
            work.run();
            return Optional.empty();
        } catch (AgentException e) {
            return Optional.of(e.failure().message());
        }
    }

    /** Opens whatever the inventory has, remote keys only as far as ours do not. */
    Map<String, Keyring.Entry> unlock(KeyInventory inventory) {
        try (Unlocking unlocking = new Unlocking(inventory, memory)) {
            keks.local().forEach(kek -> unlocking.with(Finding.ofSound(kek), () -> true));
            if (!unlocking.isDone()) {
                unlockRemotely(unlocking);
            }
            return unlocking.result();
        }
    }

    private void unlockRemotely(Unlocking unlocking) {
        Keks.Answers answers = keks.askRemote();
        Optional<Finding> next = answers.next();
        while (next.isPresent()) {
            unlocking.with(next.get(), answers::inTime);
            next = unlocking.isDone() ? Optional.empty() : answers.next();
        }
    }

    /** Unwraps one key with whichever KEK can. */
    Optional<AesKey> unwrap(List<WrappedKey> wraps, KeyContext context) {
        for (Finding finding : keks.survey()) {
            List<AesKey> opened = new ArrayList<>();
            attempted(() -> Wrapping.unwrap(finding, wraps, context, memory).ifPresent(opened::add));
            if (!opened.isEmpty()) {
                return Optional.of(opened.getFirst());
            }
        }
        return Optional.empty();
    }

    /**
     * Opens the store and brings the wraps of our own keys up to date: under keys that are new in the configuration, and under the newest generation where
     * a rotation was cut short. For remote keys {@link #complete} does so, when nobody waits for the store any more.
     */
    Map<String, Keyring.Entry> open(Session session) throws SQLException {
        Map<String, Keyring.Entry> keys = unlock(KeyInventory.read(session));
        createNew(session);
        completeOwn(session, keys);
        return keys;
    }

    private void createNew(Session session) throws SQLException {
        for (KeyEncryptionKey kek : keks.local()) {
            // SECURITY: a key that was there once is lost, not new; making another in its place would hide that.
            if (kek.generations().isEmpty() && Wrapping.knownId(session, kek).isEmpty()) {
                create(kek);
            }
        }
    }

    /**
     * Uses other KEKs from now on, if they would open the store at the next start.
     *
     * @throws AgentException if not; then those before stay in use
     */
    void use(List<KeyEncryptionKey> others, Keyring keyring) {
        turn.lock();
        Keks before = keks;
        boolean used = false;
        try {
            keks = new Keks(others, before.patience());
            Map<String, Keyring.Entry> opened = unlock(database.readAsOne(KeyInventory::read));
            opened.values().forEach(entry -> entry.key().close());
            database.write(session -> {
                createNew(session);
                completeOwn(session, keyring.all());
                return true;
            });
            used = true;
            away.keepOnly(keks.all());
        } finally {
            if (!used) {
                keks = before;
            }
            turn.unlock();
        }
    }

    /** For a session that has the database to itself. */
    void completeOwn(Session session, Map<String, Keyring.Entry> keys) throws SQLException {
        List<Finding> own = keks.local().stream().map(Finding::ofSound).toList();
        for (Finding finding : own) {
            if (finding.isPresent()) {
                Wrapping.keep(session, finding, Wrapping.missing(finding, KeyInventory.read(session), keys));
                session.afterCommit(finding.kek()::dropOldGenerations);
            }
        }
        session.afterCommit(() -> own.forEach(away::note));
    }

    /**
     * Wraps whatever lacks a wrap under a KEK that can be used, and notes which cannot.
     *
     * @return whether all can
     */
    boolean complete(Keyring keyring) {
        turn.lock();
        try {
            List<Finding> findings = keks.survey();
            KeyInventory inventory = database.readAsOne(KeyInventory::read);
            findings.forEach(finding -> complete(finding, inventory, keyring));
            return away.isEmpty();
        } finally {
            turn.unlock();
        }
    }

    private void complete(Finding finding, KeyInventory inventory, Keyring keyring) {
        Optional<String> problem = finding.problem().or(() -> attempted(() -> wrapRest(finding, inventory, keyring)));
        KeyInventory now = database.readAsOne(KeyInventory::read);
        away.note(finding.kek(), problem.or(() -> uselessness(finding, now)));
    }

    private void wrapRest(Finding finding, KeyInventory inventory, Keyring keyring) {
        List<Wrapping.Made> made = Wrapping.missing(finding, inventory, keyring.all());
        database.write(session -> {
            Wrapping.keep(session, finding, made);
            return true;
        });
    }

    /** Why a key that could be asked would not open the store. */
    private Optional<String> uselessness(Finding finding, KeyInventory inventory) {
        List<Boolean> opens = new ArrayList<>();
        return attempted(() -> opens.add(Wrapping.opens(finding, inventory, memory)))
                .or(() -> opens.getFirst()
                        ? Optional.empty()
                        : Optional.of(finding.kek().where() + " does not open what is wrapped under it"));
    }

    /** Those that could not be used when they were last asked; asks nothing. */
    List<KeyAway> away() {
        return away.of(keks.all());
    }

    KeyStatus status() {
        List<Finding> findings = keks.survey();
        KeyInventory inventory = database.readAsOne(KeyInventory::read);
        Optional<Instant> since = findings.stream()
                .filter(Finding::isPresent)
                .map(finding -> finding.generations().getFirst().since())
                .findFirst();
        List<Kek> keks =
                findings.stream().map(finding -> describe(finding, inventory)).toList();
        long wrapped = inventory.keys().stream()
                .filter(kept -> keks.stream().map(Kek::id).allMatch(kept::isWrappedUnder))
                .count();
        return new KeyStatus(keks, wrapped, since);
    }

    private Kek describe(Finding finding, KeyInventory inventory) {
        KeyEncryptionKey kek = finding.kek();
        String id = finding.generations().stream()
                .findFirst()
                .map(Generation::id)
                .orElseGet(() ->
                        database.read(session -> Wrapping.knownId(session, kek)).orElse(""));
        Optional<String> problem = finding.problem().or(() -> uselessness(finding, inventory));
        return new Kek(kek.kind(), id, kek.where(), problem.isEmpty(), problem);
    }

    /**
     * Three steps, each of which leaves a store that opens: a new generation of each of our own keys beside the old one, every data key wrapped under the
     * newest of all keys, the old ones dropped. A service makes new generations of its keys itself.
     */
    KeyStatus rotate(Keyring keyring) {
        turn.lock();
        try {
            List<KeyEncryptionKey> rotated = rotatable(keks.survey());
            rotated.forEach(KeyEncryptionKey::addGeneration);
            List<Finding> findings = keks.survey();
            requireAll(findings);
            KeyInventory inventory = database.readAsOne(KeyInventory::read);
            Map<Finding, List<Wrapping.Made>> made = new LinkedHashMap<>();
            findings.forEach(finding -> made.put(finding, Wrapping.missing(finding, inventory, keyring.all())));
            database.write(session -> {
                for (Map.Entry<Finding, List<Wrapping.Made>> each : made.entrySet()) {
                    Wrapping.keep(session, each.getKey(), each.getValue());
                }
                Wrapping.forgetOthers(session, findings);
                session.afterCommit(() -> rotated.forEach(KeyEncryptionKey::dropOldGenerations));
                return true;
            });
            findings.forEach(away::note);
        } finally {
            turn.unlock();
        }
        return status();
    }

    private List<KeyEncryptionKey> rotatable(List<Finding> findings) {
        requireAll(findings);
        List<KeyEncryptionKey> can =
                keks.all().stream().filter(KeyEncryptionKey::canRotate).toList();
        if (can.isEmpty() && !hasRemote()) {
            throw Unusable.state(
                    "keys cannot be rotated: the agent cannot write "
                            + keks.all().getFirst().where(),
                    "rotate it where it is kept");
        }
        return can;
    }

    private static void requireAll(List<Finding> findings) {
        String problems =
                findings.stream().flatMap(finding -> finding.problem().stream()).collect(Collectors.joining("; "));
        if (!problems.isEmpty()) {
            throw Unusable.state(
                    "keys cannot be rotated: " + problems,
                    "every data key is wrapped under all keys; bring it back, or take it out of the configuration");
        }
    }

    void export(Path to) {
        KeyEncryptionKey kek = keks.local().stream()
                .filter(each -> each.canExport() && !each.generations().isEmpty())
                .findFirst()
                .orElseThrow(() ->
                        Unusable.state("no key of this store can be exported", "a key service never gives a key away"));
        kek.export(to);
    }

    /** Work that must not meet a rotation. */
    void alone(Runnable work) {
        turn.lock();
        try {
            work.run();
        } finally {
            turn.unlock();
        }
    }
}
