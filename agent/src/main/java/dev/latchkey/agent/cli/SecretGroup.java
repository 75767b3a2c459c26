package dev.latchkey.agent.cli;

import dev.latchkey.agent.admin.Lifetime;
import dev.latchkey.agent.admin.view.Order;
import dev.latchkey.agent.admin.view.SecretView;
import dev.latchkey.agent.admin.view.VersionView;
import dev.latchkey.agent.admin.view.WrittenView;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.secret.SecretName;
import dev.latchkey.agent.secret.SecretValue;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code agent secret …}. */
@Command(name = "secret", description = "store secrets, list, change and destroy them")
final class SecretGroup {
    private static final String NAME = "the secret's name";
    private static final String VERSION = "the number of a version";

    private final Session session;

    SecretGroup(Session session) {
        this.session = session;
    }

    /** What describes a secret. */
    static final class Description {
        @Option(names = "--description", paramLabel = "T", description = "what the secret is for, for people")
        Optional<String> description = Optional.empty();

        @Option(
                names = "--scope",
                paramLabel = "S",
                description = "a kind of use that the secret is for (repeatable; an empty one alone: any use)")
        List<String> scopes = new ArrayList<>();

        @Option(names = "--expires-in", paramLabel = "D", description = "when the version expires, as in 90d; or never")
        Optional<String> expiresIn = Optional.empty();

        /** Checks what can be checked before a value is read. */
        void check() {
            try {
                expiresIn.ifPresent(Lifetime::parse);
            } catch (AgentException e) {
                throw CommandFailure.usage(
                        "--expires-in: " + e.failure().message(),
                        e.failure().hint().orElseThrow());
            }
        }

        boolean saysNothing() {
            return description.isEmpty() && scopes.isEmpty() && expiresIn.isEmpty();
        }

        /** The scopes that were named; a single empty one means none. */
        Optional<List<String>> named() {
            if (scopes.isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(scopes.equals(List.of("")) ? List.of() : scopes);
        }
    }

    @Command(
            name = "put",
            description = "store a value under a name: a new secret, a new version, or a deleted name revived")
    int put(
            @Parameters(paramLabel = "NAME", description = NAME) String name,
            @Mixin Description description,
            @Mixin ValueSource source,
            @Mixin Place place,
            @Mixin Format format) {
        description.check();
        Target target = place.in(path(name).verb("value"))
                .with("description", description.description)
                .with("expires-in", description.expiresIn);
        description.named().orElse(List.of()).forEach(scope -> target.with("scope", scope));
        return write("PUT", target, source, place, format);
    }

    @Command(name = "rotate", description = "give a secret that exists a new value")
    int rotate(
            @Parameters(paramLabel = "NAME", description = NAME) String name,
            @Mixin ValueSource source,
            @Mixin Place place,
            @Mixin Format format) {
        return write("POST", place.in(path(name).verb("rotate")), source, place, format);
    }

    private int write(String method, Target target, ValueSource source, Place place, Format format) {
        source.check();
        if (source.allowEmpty) {
            target.with("allow-empty", true);
        }
        Function<InputStream, WrittenView> reader = written(format);
        // The agent is looked for before a value is typed in vain.
        AdminClient client = session.client(place.connection);
        try (SecretValue value = source.take(session)) {
            client.value(method, target, value, reader);
        }
        return 0;
    }

    @Command(name = "list", description = "list the secrets of an environment; never their values")
    int list(@Mixin Place place, @Mixin Format format) {
        session.list(
                session.client(place.connection), place.in(Target.of("/v1/secrets")), format, SecretView.class, all -> {
                    Table table =
                            new Table("NAME", "VERSION", "UPDATED", "EXPIRES", "DELETED", "SCOPES", "DESCRIPTION");
                    all.forEach(secret -> table.row(
                            secret.name(),
                            secret.version(),
                            secret.updated(),
                            secret.expires(),
                            secret.deleted(),
                            secret.scopes(),
                            secret.description()));
                    return table;
                });
        return 0;
    }

    @Command(name = "show", description = "show what is known of a secret; never its value")
    int show(
            @Parameters(paramLabel = "NAME", description = NAME) String name,
            @Mixin Place place,
            @Mixin Format format) {
        session.show(
                session.client(place.connection), place.in(path(name)), format, SecretView.class, SecretGroup::details);
        return 0;
    }

    @Command(name = "versions", description = "list the versions of a secret, the newest first")
    int versions(
            @Parameters(paramLabel = "NAME", description = NAME) String name,
            @Mixin Place place,
            @Mixin Format format) {
        Target target = place.in(path(name).verb("versions"));
        session.list(session.client(place.connection), target, format, VersionView.class, all -> {
            Table table = new Table("VERSION", "CREATED", "EXPIRES", "CURRENT", "DISABLED");
            all.forEach(version -> table.row(
                    version.version(), version.created(), version.expires(), version.current(), version.disabled()));
            return table;
        });
        return 0;
    }

    @Command(name = "set", description = "describe a secret anew; what is not given stays as it is")
    int set(
            @Parameters(paramLabel = "NAME", description = NAME) String name,
            @Mixin Description description,
            @Mixin Place place,
            @Mixin Format format) {
        if (description.saysNothing()) {
            throw CommandFailure.usage(
                    "nothing to set", "give --description, --scope or --expires-in; a value is set with 'secret put'");
        }
        description.check();
        Order order = new Order.Describe(description.description, description.named(), description.expiresIn);
        session.client(place.connection)
                .order(
                        "PATCH",
                        place.in(path(name)),
                        order,
                        session.one(format, SecretView.class, SecretGroup::details));
        return 0;
    }

    @Command(name = "rollback", description = "add a version with the bytes of an earlier one")
    int rollback(
            @Parameters(paramLabel = "NAME", description = NAME) String name,
            @Parameters(paramLabel = "VERSION", description = VERSION) long version,
            @Mixin Place place,
            @Mixin Format format) {
        Target target = place.in(path(name).verb("rollback")).with("version", version);
        session.client(place.connection).post(target, written(format));
        return 0;
    }

    @Command(name = "delete", description = "hide a secret and all its versions until 'restore'")
    int delete(@Parameters(paramLabel = "NAME", description = NAME) String name, @Mixin Place place) {
        session.client(place.connection).delete(place.in(path(name)));
        session.println("deleted " + name);
        return 0;
    }

    @Command(name = "restore", description = "bring a deleted secret back")
    int restore(@Parameters(paramLabel = "NAME", description = NAME) String name, @Mixin Place place) {
        return post(place.in(path(name).verb("restore")), place, "restored " + name);
    }

    @Command(name = "purge", description = "destroy a version, or the secret with all its versions, for ever")
    int purge(
            @Parameters(paramLabel = "NAME", description = NAME) String name,
            @Parameters(paramLabel = "VERSION", arity = "0..1", description = VERSION + "; none: all")
                    Optional<Long> version,
            @Mixin Place place) {
        Target target = place.in(path(name).verb("purge")).with("version", version);
        return post(
                target,
                place,
                "purged " + version.map(number -> at(name, number)).orElse(name));
    }

    @Command(name = "disable", description = "serve a version to nobody until 'enable'")
    int disable(
            @Parameters(paramLabel = "NAME", description = NAME) String name,
            @Parameters(paramLabel = "VERSION", description = VERSION) long version,
            @Mixin Place place) {
        Target target = place.in(path(name).verb("disable")).with("version", version);
        return post(target, place, "disabled " + at(name, version));
    }

    @Command(name = "enable", description = "serve a disabled version again")
    int enable(
            @Parameters(paramLabel = "NAME", description = NAME) String name,
            @Parameters(paramLabel = "VERSION", description = VERSION) long version,
            @Mixin Place place) {
        Target target = place.in(path(name).verb("enable")).with("version", version);
        return post(target, place, "enabled " + at(name, version));
    }

    @Command(
            name = "reveal",
            description = "write exactly the bytes of a value, if the configuration's admin.reveal names your role")
    int reveal(
            @Parameters(paramLabel = "NAME", description = NAME) String name,
            @Parameters(paramLabel = "VERSION", arity = "0..1", description = VERSION + "; none: the current one")
                    Optional<Long> version,
            @Mixin Place place) {
        Target target = place.in(path(name).verb("reveal")).with("version", version);
        session.client(place.connection).post(target, body -> {
            session.pass(body);
            return true;
        });
        return 0;
    }

    private int post(Target target, Place place, String said) {
        session.client(place.connection).post(target, _ -> true);
        session.println(said);
        return 0;
    }

    private Function<InputStream, WrittenView> written(Format format) {
        return session.one(format, WrittenView.class, SecretGroup::sentence);
    }

    private static String sentence(WrittenView written) {
        boolean unchanged = written.effect().equals("unchanged");
        return written.effect() + (unchanged ? ", still version " : ", version ") + written.version() + "\n";
    }

    private static String details(SecretView secret) {
        return new Table("project", secret.project())
                .row("environment", secret.environment())
                .row("name", secret.name())
                .row("version", secret.version())
                .row("created", secret.created())
                .row("updated", secret.updated())
                .row("expires", secret.expires())
                .row("deleted", secret.deleted())
                .row("scopes", secret.scopes())
                .row("description", secret.description())
                .toString();
    }

    private static String at(String name, long version) {
        return name + " version " + version;
    }

    private static Target path(String name) {
        if (name.indexOf('=') >= 0) {
            // SECURITY: what follows the sign may be a value, so it is not repeated.
            throw CommandFailure.usage(
                    "a secret's name has no '='",
                    "a value never comes from the command line: give it on standard input");
        }
        return Target.of("/v1/secrets").segment(new SecretName(name).text());
    }
}
