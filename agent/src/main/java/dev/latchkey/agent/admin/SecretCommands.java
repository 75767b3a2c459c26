package dev.latchkey.agent.admin;

import dev.latchkey.agent.admin.view.SecretView;
import dev.latchkey.agent.admin.view.VersionView;
import dev.latchkey.agent.admin.view.WrittenView;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.FoundSecret;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.SecretPath;
import dev.latchkey.agent.secret.SecretStore;
import dev.latchkey.agent.secret.SecretStore.Details;
import dev.latchkey.agent.secret.SecretStore.Expiry;
import dev.latchkey.agent.secret.SecretStore.Written;
import dev.latchkey.agent.secret.SecretValue;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The commands about one secret, and the list of them. */
public final class SecretCommands {
    private final Accountability accountability;
    private final SecretStore store;
    private final Meant meant;

    public SecretCommands(Accountability accountability, SecretStore store) {
        this.accountability = accountability;
        this.store = store;
        this.meant = new Meant(store);
    }

    public List<SecretView> list(Operator operator, Namespace namespace) {
        return accountability.perform(
                operator,
                Action.SECRET_LIST,
                namespace.toString(),
                () -> meant.in(
                        namespace,
                        () -> store.list(namespace).stream().map(SecretView::of).toList()));
    }

    public SecretView show(Operator operator, SecretPath path) {
        return accountability.perform(
                operator,
                Action.SECRET_SHOW,
                path.toString(),
                () -> meant.of(path, () -> SecretView.of(store.show(path))));
    }

    public List<VersionView> versions(Operator operator, SecretPath path) {
        return accountability.perform(
                operator,
                Action.SECRET_VERSIONS,
                path.toString(),
                () -> meant.of(
                        path,
                        () -> store.versions(path).stream().map(VersionView::of).toList()));
    }

    /**
     * What a put says besides the value.
     *
     * @param emptyAllowed that an empty value is meant
     */
    public record Put(SecretPath path, Details details, Optional<Instant> expires, boolean emptyAllowed) {}

    /** Does not close the value. */
    public WrittenView put(Operator operator, Put put, SecretValue value) {
        return write(operator, Action.SECRET_PUT, put.path(), () -> {
            requireMeant(value, put.emptyAllowed());
            return store.put(put.path(), value, put.details(), put.expires());
        });
    }

    /** Does not close the value. */
    public WrittenView rotate(Operator operator, SecretPath path, SecretValue value, boolean emptyAllowed) {
        return write(operator, Action.SECRET_ROTATE, path, () -> {
            requireMeant(value, emptyAllowed);
            return store.rotate(path, value);
        });
    }

    public WrittenView rollback(Operator operator, SecretPath path, long version) {
        return write(operator, Action.SECRET_ROLLBACK, path, () -> store.rollback(path, version));
    }

    public SecretView set(Operator operator, SecretPath path, Details details, Optional<Expiry> expires) {
        return accountability.perform(
                operator,
                Action.SECRET_SET,
                path.toString(),
                () -> meant.of(path, () -> {
                    store.set(path, details, expires);
                    return SecretView.of(store.show(path));
                }));
    }

    public void delete(Operator operator, SecretPath path) {
        run(operator, Action.SECRET_DELETE, path, path.toString(), () -> store.delete(path));
    }

    public void restore(Operator operator, SecretPath path) {
        run(operator, Action.SECRET_RESTORE, path, path.toString(), () -> store.restore(path));
    }

    public void purge(Operator operator, SecretPath path, Optional<Long> version) {
        run(
                operator,
                Action.SECRET_PURGE,
                path,
                version.map(number -> at(path, number)).orElseGet(path::toString),
                () -> store.purge(path, version));
    }

    public void disable(Operator operator, SecretPath path, long version) {
        run(operator, Action.SECRET_DISABLE, path, at(path, version), () -> store.disable(path, version));
    }

    public void enable(Operator operator, SecretPath path, long version) {
        run(operator, Action.SECRET_ENABLE, path, at(path, version), () -> store.enable(path, version));
    }

    /** A value that is shown, with the version it is of; whoever gets it must close it. */
    public record Revealed(String version, SecretValue value) implements AutoCloseable {
        @Override
        public void close() {
            value.close();
        }
    }

    /** Opens a value to be shown, if {@code admin.reveal} names the operator's role. */
    public Revealed reveal(Operator operator, SecretPath path, Optional<Long> version) {
        return accountability.perform(
                operator,
                Action.SECRET_REVEAL,
                version.map(number -> at(path, number)).orElseGet(path::toString),
                () -> meant.of(path, () -> open(path, version)),
                revealed -> List.of(path + "@" + revealed.version()));
    }

    private Revealed open(SecretPath path, Optional<Long> version) {
        return switch (store.find(path, version)) {
            case Lookup.Absent(var failure, var _) -> throw new AgentException(failure);
            case Lookup.Found(FoundSecret found) -> {
                try (found) {
                    yield new Revealed(found.version(), found.open());
                }
            }
        };
    }

    private WrittenView write(
            Operator operator, Action action, SecretPath path, java.util.function.Supplier<Written> command) {
        return accountability.perform(
                operator,
                action,
                path.toString(),
                () -> WrittenView.of(meant.of(path, command)),
                written -> List.of(at(path, written.version())));
    }

    private void run(Operator operator, Action action, SecretPath path, String subject, Runnable command) {
        accountability.perform(
                operator,
                action,
                subject,
                () -> meant.of(path, () -> {
                    command.run();
                    return true;
                }));
    }

    private static String at(SecretPath path, long version) {
        return path + "@" + version;
    }

    private static void requireMeant(SecretValue value, boolean emptyAllowed) {
        if (value.size() == 0 && !emptyAllowed) {
            throw new AgentException(
                    FailureKind.BAD_VALUE, "the value is empty", "if an empty value is meant, say --allow-empty");
        }
    }
}
