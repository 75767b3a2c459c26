package dev.latchkey.agent.store;

import dev.latchkey.agent.crypto.KeyEncryptionKey;
import dev.latchkey.agent.crypto.KeyMemory;
import dev.latchkey.agent.secret.Environment;
import dev.latchkey.agent.secret.EnvironmentName;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.NamingRule;
import dev.latchkey.agent.secret.OnExisting;
import dev.latchkey.agent.secret.Project;
import dev.latchkey.agent.secret.ProjectName;
import dev.latchkey.agent.secret.Secret;
import dev.latchkey.agent.secret.SecretPath;
import dev.latchkey.agent.secret.SecretStore;
import dev.latchkey.agent.secret.SecretValue;
import dev.latchkey.agent.secret.SecretVersion;
import dev.latchkey.agent.secret.StoreCustody;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/** The store on SQLite, in a state folder. Any thread may use it until it is closed. */
public final class EmbeddedStore implements SecretStore, StoreCustody, AutoCloseable {
    private final Database database;
    private final Keyring keyring;
    private final KeyMemory memory;
    private final Projects projects;
    private final Secrets secrets;
    private final Values values;
    private final Lookups lookups;
    private final Custody custody;
    private final Backups backups;
    private volatile Optional<KeyUpkeep> upkeep = Optional.empty();

    EmbeddedStore(StateFolder state, Database database, Custody custody, Clock clock, SecureRandom random) {
        this.database = database;
        this.custody = custody;
        this.keyring = new Keyring();
        this.memory = custody.memory();
        RowCipher cipher = new RowCipher(keyring, memory, random);
        this.projects = new Projects(clock);
        this.secrets = new Secrets(clock);
        this.values = new Values(secrets, cipher);
        this.lookups = new Lookups(database, clock, cipher);
        this.backups = new Backups(state, database, custody, keyring, clock, random);
    }

    /**
     * Opens the store of that folder, which stays the caller's to close afterwards; at the first start makes it, with project
     * and environment {@code default}.
     *
     * @throws dev.latchkey.agent.failure.AgentException of kind {@code STATE_UNUSABLE}; then nothing was changed
     */
    public static EmbeddedStore open(
            StateFolder state, StoreConfig config, StoreListener listener, Clock clock, SecureRandom random) {
        return new StoreOpening(state, config, listener, clock, random, Schema.CURRENT).open();
    }

    /**
     * Puts other keys in the place of those in use, which stay if it throws. What is still wrapped under a key that goes is forgotten by {@link
     * #rotateKeys}. For one thread.
     *
     * @throws dev.latchkey.agent.failure.AgentException of kind {@code STATE_UNUSABLE} if they would not open the store
     */
    public void useKeys(List<KeyEncryptionKey> keys) {
        custody.use(keys, keyring);
        upkeep.ifPresent(KeyUpkeep::close);
        beginUpkeep();
    }

    /** Once it is open. */
    void beginUpkeep() {
        upkeep = custody.hasRemote() ? Optional.of(KeyUpkeep.start(custody, keyring)) : Optional.empty();
    }

    Keyring keyring() {
        return keyring;
    }

    Projects projectTable() {
        return projects;
    }

    Backups backups() {
        return backups;
    }

    @Override
    public List<Project> projects() {
        return database.read(projects::list);
    }

    @Override
    public Project createProject(ProjectName name, NamingRule naming) {
        String id = database.read(KeyInventory::store);
        Project project = custody.withNewDataKey(
                id, name, key -> database.write(session -> projects.create(session, keyring, name, naming, key)));
        // Whatever could not be wrapped under a key that is away just now is left to the upkeep.
        upkeep.ifPresent(KeyUpkeep::wake);
        return project;
    }

    @Override
    public void deleteProject(ProjectName name) {
        run(session -> projects.delete(session, keyring, name));
    }

    @Override
    public List<Environment> environments(ProjectName project) {
        return database.readAsOne(session -> projects.environments(session, project));
    }

    @Override
    public Environment createEnvironment(ProjectName project, EnvironmentName name) {
        return database.write(session -> projects.createEnvironment(session, project, name));
    }

    @Override
    public void deleteEnvironment(ProjectName project, EnvironmentName name) {
        run(session -> projects.deleteEnvironment(session, project, name));
    }

    @Override
    public List<Secret> list(Namespace namespace) {
        return database.readAsOne(session -> secrets.list(session, namespace));
    }

    @Override
    public Secret show(SecretPath path) {
        return database.readAsOne(session -> secrets.show(session, path));
    }

    @Override
    public List<SecretVersion> versions(SecretPath path) {
        return database.readAsOne(session -> secrets.versions(session, path));
    }

    @Override
    public Written put(SecretPath path, SecretValue value, Details details, Optional<Instant> expires) {
        return database.write(session -> values.put(session, path, value, details, expires));
    }

    @Override
    public Imported importValue(SecretPath path, SecretValue value, OnExisting onExisting, boolean write) {
        return write
                ? database.write(session -> values.importValue(session, path, value, onExisting))
                : database.readAsOne(session -> values.wouldImport(session, path, value, onExisting));
    }

    @Override
    public Written rotate(SecretPath path, SecretValue value) {
        return database.write(session -> values.rotate(session, path, value));
    }

    @Override
    public Written rollback(SecretPath path, long version) {
        return database.write(session -> values.rollback(session, path, version));
    }

    @Override
    public void set(SecretPath path, Details details, Optional<Expiry> expires) {
        run(session -> secrets.set(session, path, details, expires));
    }

    @Override
    public void delete(SecretPath path) {
        run(session -> secrets.delete(session, path));
    }

    @Override
    public void restore(SecretPath path) {
        run(session -> secrets.restore(session, path));
    }

    /** SECURITY: freed pages are overwritten, and the log that still holds the old ones is emptied. */
    @Override
    public void purge(SecretPath path, Optional<Long> version) {
        run(session -> secrets.purge(session, path, version));
        database.clearLog();
    }

    @Override
    public void disable(SecretPath path, long version) {
        run(session -> secrets.disable(session, path, version, true));
    }

    @Override
    public void enable(SecretPath path, long version) {
        run(session -> secrets.disable(session, path, version, false));
    }

    @Override
    public Lookup find(SecretPath path, Optional<Long> version) {
        return lookups.find(path, version);
    }

    @Override
    public boolean isAtHand(SecretPath path, Optional<Long> version) {
        return lookups.isAtHand(path, version);
    }

    @Override
    public KeyStatus keys() {
        return custody.status();
    }

    @Override
    public KeyStatus rotateKeys() {
        return custody.rotate(keyring);
    }

    @Override
    public List<KeyAway> keysAway() {
        return custody.away();
    }

    @Override
    public void exportKey(Path to) {
        custody.export(to);
    }

    @Override
    public void backup(OutputStream to, LongConsumer rows) {
        backups.write(to, rows);
    }

    @Override
    public void restore(InputStream from, LongConsumer rows) {
        backups.restore(from, rows);
        upkeep.ifPresent(KeyUpkeep::wake);
    }

    @Override
    public Verification verify(LongConsumer rows) {
        return database.snapshot(session -> new Verifier(keyring.all(), memory, rows).verify(session));
    }

    private void run(Change change) {
        database.write(session -> {
            change.in(session);
            return true;
        });
    }

    /** A change without a result. */
    private interface Change {
        void in(Session session) throws SQLException;
    }

    @Override
    public void close() {
        upkeep.ifPresent(KeyUpkeep::close);
        database.close();
        keyring.close();
    }
}
