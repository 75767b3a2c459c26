package dev.latchkey.agent.admin;

import dev.latchkey.agent.admin.OutsideSecrets.Source;
import dev.latchkey.agent.admin.view.ImportedView;
import dev.latchkey.agent.admin.view.SourceView;
import dev.latchkey.agent.audit.AuditEvent;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.json.JsonDocument;
import dev.latchkey.agent.secret.FoundSecret;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.OnExisting;
import dev.latchkey.agent.secret.SecretListing.Listed;
import dev.latchkey.agent.secret.SecretPath;
import dev.latchkey.agent.secret.SecretStore;
import dev.latchkey.agent.secret.SecretStore.Imported;
import dev.latchkey.agent.secret.SecretValue;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Bringing secrets of somewhere else into the store, one at a time.
 *
 * <p>SECURITY: a value that an operator sends needs the role that stores values. One that the agent fetches from a provider is the agent's to read and not the
 * operator's, and could be brought under a name that a workload of theirs may have: that needs the highest role.
 */
public final class ImportCommands {
    private static final String VALUE = "value";
    /** What a backend lists and does not serve, as Vault does with a secret whose version was deleted. */
    private static final Set<FailureKind> GONE = Set.of(
            FailureKind.SECRET_NOT_FOUND,
            FailureKind.VERSION_NOT_FOUND,
            FailureKind.VERSION_DISABLED,
            FailureKind.EXPIRED);

    private final Accountability accountability;
    private final SecretStore store;
    private final OutsideSecrets outside;

    public ImportCommands(Accountability accountability, SecretStore store, OutsideSecrets outside) {
        this.accountability = accountability;
        this.store = store;
        this.outside = outside;
    }

    /**
     * Where a value is to go.
     *
     * @param write false: only tells what would be done
     */
    public record Order(SecretPath path, OnExisting onExisting, boolean write) {}

    /** Imports a value that the operator has. Does not close it. */
    public ImportedView bring(Operator operator, Order order, SecretValue value) {
        Action action = order.write() ? Action.SECRET_IMPORT : Action.SECRET_IMPORT_CHECK;
        return ImportedView.of(accountability.perform(
                operator,
                action,
                order.path().toString(),
                () -> importValue(order, value),
                done -> written(order, done)));
    }

    /** Imports a value that a provider has. */
    public ImportedView fetch(Operator operator, Order order, Source source) {
        Action action = order.write() ? Action.PROVIDER_IMPORT : Action.PROVIDER_IMPORT_CHECK;
        Fetched fetched = accountability.perform(
                operator,
                action,
                source + AuditEvent.AdminAction.TO + order.path(),
                () -> fetched(order, source),
                done -> versions(order, source, done));
        return ImportedView.of(fetched.imported());
    }

    /**
     * Hands over what a provider has below a prefix.
     *
     * @param fields each field of an object by itself
     */
    public void list(Operator operator, Source folder, boolean fields, Consumer<? super SourceView> to) {
        accountability.perform(operator, Action.PROVIDER_LIST, folder.toString(), () -> {
            for (Listed listed : outside.list(folder.provider(), folder.path())) {
                if (fields && listed.leftOut().isEmpty()) {
                    fields(new Source(folder.provider(), listed.path(), Optional.empty()))
                            .forEach(to);
                } else {
                    to.accept(new SourceView(listed.path(), Optional.empty(), Optional.empty(), listed.leftOut()));
                }
            }
            return true;
        });
    }

    private Imported importValue(Order order, SecretValue value) {
        return store.importValue(order.path(), value, order.onExisting(), order.write());
    }

    /** What was fetched, and what became of it. */
    private record Fetched(String version, Imported imported) {}

    private Fetched fetched(Order order, Source source) {
        try (FoundSecret secret = found(source)) {
            // SECURITY: without its scopes it would go to rules that may not have it.
            if (!secret.scopes().isEmpty()) {
                throw new AgentException(
                        FailureKind.SCOPE_DENIED, source + " has scopes, which an import does not carry over");
            }
            return stored(order, source, secret);
        }
    }

    private Fetched stored(Order order, Source source, FoundSecret secret) {
        try (SecretValue value = open(secret, source)) {
            return new Fetched(secret.version(), importValue(order, value));
        }
    }

    private static SecretValue open(FoundSecret secret, Source source) {
        if (source.field().isEmpty()) {
            return secret.open();
        }
        try (SecretValue object = secret.openObject()) {
            return object.leak(
                    octets -> JsonDocument.pick(octets, List.of(source.field().get())));
        }
    }

    private FoundSecret found(Source source) {
        return switch (outside.find(source)) {
            case Lookup.Found(FoundSecret secret) -> secret;
            case Lookup.Absent absent -> throw new AgentException(absent.failure());
        };
    }

    /** One that cannot be looked into is told with the reason, and keeps no other from being told. */
    private List<SourceView> fields(Source source) {
        Function<Optional<String>, SourceView> whole =
                why -> new SourceView(source.path(), Optional.empty(), why, Optional.empty());
        try (FoundSecret secret = found(source);
                SecretValue object = secret.openObject()) {
            List<String> names = object.lend(ImportCommands::names);
            return names.isEmpty() || names.equals(List.of(VALUE))
                    ? List.of(whole.apply(Optional.empty()))
                    : names.stream()
                            .map(name -> new SourceView(
                                    source.path(), Optional.of(name), Optional.empty(), Optional.empty()))
                            .toList();
        } catch (AgentException e) {
            Optional<String> why = Optional.of(e.failure().message());
            return List.of(
                    GONE.contains(e.kind())
                            ? new SourceView(source.path(), Optional.empty(), Optional.empty(), why)
                            : whole.apply(why));
        }
    }

    /** None, if it is no object. */
    private static List<String> names(ByteBuffer octets) {
        return octets.hasRemaining() && octets.get(0) == '{' && JsonDocument.isJson(octets)
                ? JsonDocument.names(octets)
                : List.of();
    }

    private static List<String> written(Order order, Imported done) {
        return order.write()
                ? done.version().map(version -> order.path() + "@" + version).stream()
                        .toList()
                : List.of();
    }

    private static List<String> versions(Order order, Source source, Fetched done) {
        List<String> all = new java.util.ArrayList<>(List.of(source + "@" + done.version()));
        all.addAll(written(order, done.imported()));
        return all;
    }
}
