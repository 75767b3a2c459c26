package dev.latchkey.agent.admin.http;

import dev.latchkey.agent.admin.AuditRecords;
import dev.latchkey.agent.admin.ConsumerCommands;
import dev.latchkey.agent.admin.ConsumerCommands.Which;
import dev.latchkey.agent.admin.CustodyCommands;
import dev.latchkey.agent.admin.ImportCommands;
import dev.latchkey.agent.admin.Lifetime;
import dev.latchkey.agent.admin.OutsideSecrets.Source;
import dev.latchkey.agent.admin.OversightCommands;
import dev.latchkey.agent.admin.PlaceCommands;
import dev.latchkey.agent.admin.PolicyExplainer;
import dev.latchkey.agent.admin.SecretCommands;
import dev.latchkey.agent.admin.Signal;
import dev.latchkey.agent.admin.view.AuditRecordView;
import dev.latchkey.agent.admin.view.Order;
import dev.latchkey.agent.secret.EnvironmentName;
import dev.latchkey.agent.secret.NamingRule;
import dev.latchkey.agent.secret.OnExisting;
import dev.latchkey.agent.secret.ProjectName;
import dev.latchkey.agent.secret.Scope;
import dev.latchkey.agent.secret.SecretName;
import dev.latchkey.agent.secret.SecretPath;
import dev.latchkey.agent.secret.SecretStore.Details;
import dev.latchkey.agent.secret.SecretStore.Expiry;
import io.netty.handler.codec.http.HttpMethod;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Everything that can be asked, and which command answers it. */
public final class Routes {
    private static final Set<String> NONE = Set.of();
    private static final Set<String> PLACE = Set.of("project", "environment");
    private static final String SECRET = "/v1/secrets/{name}";
    private static final int MOST_RECORDS = 100_000;
    private static final int USUAL_RECORDS = 20;

    private final SecretCommands secrets;
    private final ImportCommands imports;
    private final PlaceCommands places;
    private final CustodyCommands custody;
    private final OversightCommands oversight;
    private final ConsumerCommands consumers;
    private final Clock clock;

    public Routes(
            SecretCommands secrets,
            ImportCommands imports,
            PlaceCommands places,
            CustodyCommands custody,
            OversightCommands oversight,
            ConsumerCommands consumers,
            Clock clock) {
        this.secrets = secrets;
        this.imports = imports;
        this.places = places;
        this.custody = custody;
        this.oversight = oversight;
        this.consumers = consumers;
        this.clock = clock;
    }

    List<Route> all() {
        return Stream.of(
                        ofTheAgent(),
                        ofConsumers(),
                        ofSecrets(),
                        ofOneSecret(),
                        ofValues(),
                        ofImports(),
                        ofPlaces(),
                        ofTheLog(),
                        ofTheStore())
                .flatMap(Collection::stream)
                .toList();
    }

    private List<Route> ofTheAgent() {
        return List.of(
                get("/v1/ready", NONE, _ -> new Reply.Json(oversight.ready())),
                get("/v1/status", NONE, _ -> new Reply.Json(oversight.status())),
                post("/v1/explain", Route.Body.JSON, NONE, this::explain),
                post("/v1/refresh", Route.Body.JSON, NONE, this::refresh));
    }

    private List<Route> ofConsumers() {
        return List.of(
                get("/v1/consumers", with(PLACE, "secret", "older"), this::listConsumers),
                post("/v1/consumers/signal", Route.Body.JSON, NONE, this::signalConsumers));
    }

    private List<Route> ofSecrets() {
        return List.of(
                get("/v1/secrets", PLACE, c -> new Reply.Json(secrets.list(c.operator(), c.namespace()))),
                get(SECRET, PLACE, c -> new Reply.Json(secrets.show(c.operator(), c.path()))),
                get(SECRET + "/versions", PLACE, c -> new Reply.Json(secrets.versions(c.operator(), c.path()))),
                new Route(HttpMethod.PATCH, SECRET, Route.Body.JSON, PLACE, this::describe),
                delete(SECRET, PLACE, c -> done(() -> secrets.delete(c.operator(), c.path()))));
    }

    private List<Route> ofOneSecret() {
        return List.of(
                command("restore", PLACE, c -> done(() -> secrets.restore(c.operator(), c.path()))),
                command(
                        "purge",
                        with(PLACE, "version"),
                        c -> done(() -> secrets.purge(c.operator(), c.path(), c.number("version")))),
                command(
                        "disable",
                        with(PLACE, "version"),
                        c -> done(() -> secrets.disable(c.operator(), c.path(), c.requireNumber("version")))),
                command(
                        "enable",
                        with(PLACE, "version"),
                        c -> done(() -> secrets.enable(c.operator(), c.path(), c.requireNumber("version")))),
                command(
                        "rollback",
                        with(PLACE, "version"),
                        c -> new Reply.Json(secrets.rollback(c.operator(), c.path(), c.requireNumber("version")))));
    }

    private List<Route> ofValues() {
        return List.of(
                new Route(
                        HttpMethod.PUT,
                        SECRET + "/value",
                        Route.Body.VALUE,
                        with(PLACE, "description", "scope", "expires-in", "allow-empty"),
                        this::put),
                post(
                        SECRET + "/rotate",
                        Route.Body.VALUE,
                        with(PLACE, "allow-empty"),
                        c -> new Reply.Json(secrets.rotate(c.operator(), c.path(), c.value(), c.flag("allow-empty")))),
                command(
                        "reveal",
                        with(PLACE, "version"),
                        c -> new Reply.Value(secrets.reveal(c.operator(), c.path(), c.number("version")))));
    }

    private List<Route> ofImports() {
        return List.of(
                new Route(
                        HttpMethod.PUT,
                        SECRET + "/import",
                        Route.Body.VALUE,
                        with(PLACE, "on-existing", "dry-run"),
                        this::bring),
                post("/v1/providers/list", Route.Body.JSON, NONE, this::listProvider),
                post("/v1/providers/import", Route.Body.JSON, NONE, this::importFrom));
    }

    private List<Route> ofPlaces() {
        Set<String> project = Set.of("project");
        return List.of(
                get("/v1/projects", NONE, c -> new Reply.Json(places.projects(c.operator()))),
                post("/v1/projects", Route.Body.JSON, NONE, this::createProject),
                delete(
                        "/v1/projects/{project}",
                        NONE,
                        c -> done(() -> places.deleteProject(c.operator(), new ProjectName(c.segment("project"))))),
                get("/v1/environments", project, c -> new Reply.Json(places.environments(c.operator(), c.project()))),
                post("/v1/environments", Route.Body.JSON, project, this::createEnvironment),
                delete(
                        "/v1/environments/{environment}",
                        project,
                        c -> done(() -> places.deleteEnvironment(
                                c.operator(), c.project(), new EnvironmentName(c.segment("environment"))))));
    }

    private List<Route> ofTheLog() {
        return List.of(
                get("/v1/audit/head", NONE, c -> new Reply.Json(oversight.auditHead(c.operator()))),
                get("/v1/audit/tail", Set.of("count"), this::tail),
                get("/v1/audit/records", Set.of("secret", "workload", "kind", "since", "until"), this::query));
    }

    private List<Route> ofTheStore() {
        return List.of(
                get("/v1/keys", NONE, c -> new Reply.Json(custody.keys(c.operator()))),
                post("/v1/keys/rotate", Route.Body.NONE, NONE, c -> new Reply.Json(custody.rotateKeys(c.operator()))),
                post(
                        "/v1/keys/export",
                        Route.Body.JSON,
                        NONE,
                        c -> done(() -> custody.exportKey(
                                c.operator(), c.order(Order.ExportKey.class).to()))),
                get("/v1/store/backup", NONE, c -> new Reply.Octets(to -> custody.backup(c.operator(), to))),
                post(
                        "/v1/store/restore",
                        Route.Body.STREAM,
                        NONE,
                        c -> done(() -> custody.restore(c.operator(), c.stream()))),
                post("/v1/store/verify", Route.Body.NONE, NONE, c -> new Reply.Json(custody.verify(c.operator()))));
    }

    private Reply put(Call call) {
        Details details = new Details(call.parameter("description").map(Routes::description), scopes(call));
        Optional<Instant> expires = call.parameter("expires-in").flatMap(text -> switch (expiry(text)) {
            case Expiry.At(Instant time) -> Optional.of(time);
            case Expiry.Never _ -> Optional.empty();
        });
        SecretCommands.Put put = new SecretCommands.Put(call.path(), details, expires, call.flag("allow-empty"));
        return new Reply.Json(secrets.put(call.operator(), put, call.value()));
    }

    private Reply bring(Call call) {
        OnExisting onExisting =
                call.parameter("on-existing").map(OnExisting::parse).orElse(OnExisting.FAIL);
        ImportCommands.Order order = new ImportCommands.Order(call.path(), onExisting, !call.flag("dry-run"));
        return new Reply.Json(imports.bring(call.operator(), order, call.value()));
    }

    private Reply listProvider(Call call) {
        Order.ListProvider order = call.order(Order.ListProvider.class);
        Source folder = new Source(order.provider(), order.prefix(), Optional.empty());
        return new Reply.JsonArray(to -> imports.list(call.operator(), folder, order.fields(), to));
    }

    private Reply importFrom(Call call) {
        Order.ImportFrom asked = call.order(Order.ImportFrom.class);
        SecretPath path =
                new SecretPath(call.namespace(asked.project(), asked.environment()), new SecretName(asked.name()));
        ImportCommands.Order order =
                new ImportCommands.Order(path, OnExisting.parse(asked.onExisting()), !asked.dryRun());
        return new Reply.Json(
                imports.fetch(call.operator(), order, new Source(asked.provider(), asked.path(), asked.field())));
    }

    private Reply describe(Call call) {
        Order.Describe order = call.order(Order.Describe.class);
        Details details = new Details(
                order.description().map(Routes::description), order.scopes().map(Routes::scopes));
        return new Reply.Json(secrets.set(
                call.operator(), call.path(), details, order.expiresIn().map(this::expiry)));
    }

    private Reply explain(Call call) {
        Order.Explain order = call.order(Order.Explain.class);
        if (order.references().isEmpty() || order.uid() < 0) {
            throw Call.bad("'references' must name at least one, 'uid' must not be negative");
        }
        return new Reply.Json(oversight.explain(
                call.operator(),
                new PolicyExplainer.Question(
                        Suppositions.of(order),
                        call.namespace(order.project(), order.environment()),
                        order.references())));
    }

    private Reply refresh(Call call) {
        Order.Refresh order = call.order(Order.Refresh.class);
        return new Reply.Json(oversight.refresh(
                call.operator(), order.reference(), call.namespace(order.project(), order.environment())));
    }

    private Reply listConsumers(Call call) {
        Which which = call.parameter("secret")
                .<Which>map(reference -> new Which.Secret(reference, call.namespace()))
                .orElseGet(() -> call.namesPlace() ? new Which.Place(call.namespace()) : new Which.Any());
        boolean older = call.flag("older");
        return new Reply.JsonArray(to -> consumers.list(call.operator(), which, older, to));
    }

    private Reply signalConsumers(Call call) {
        Order.SignalConsumers order = call.order(Order.SignalConsumers.class);
        Which.Secret secret = new Which.Secret(order.secret(), call.namespace(order.project(), order.environment()));
        return new Reply.Json(consumers.signal(call.operator(), secret, order.older(), Signal.parse(order.signal())));
    }

    private Reply createProject(Call call) {
        Order.CreateProject order = call.order(Order.CreateProject.class);
        NamingRule naming = order.naming().map(NamingRule::parse).orElse(NamingRule.ANY);
        return new Reply.Json(places.createProject(call.operator(), new ProjectName(order.name()), naming));
    }

    private Reply createEnvironment(Call call) {
        EnvironmentName name =
                new EnvironmentName(call.order(Order.CreateEnvironment.class).name());
        return new Reply.Json(places.createEnvironment(call.operator(), call.project(), name));
    }

    private Reply tail(Call call) {
        int count = (int) Math.min(MOST_RECORDS, call.number("count").orElse((long) USUAL_RECORDS));
        return new Reply.JsonArray(to -> oversight.auditTail(call.operator(), count, to));
    }

    private Reply query(Call call) {
        AuditRecords.Filter filter = new AuditRecords.Filter(
                call.parameter("secret"),
                call.parameter("workload"),
                call.parameter("kind").map(Routes::kind),
                call.parameter("since").map(Routes::time),
                call.parameter("until").map(Routes::time));
        return new Reply.JsonArray(to -> oversight.auditQuery(call.operator(), filter, to));
    }

    private Expiry expiry(String text) {
        return Lifetime.parse(text).from(clock.instant());
    }

    private static String kind(String text) {
        if (!AuditRecordView.KINDS.contains(text)) {
            throw Call.bad("a kind of record is one of " + String.join(", ", AuditRecordView.KINDS));
        }
        return text;
    }

    private static Instant time(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            throw Call.bad("a time is written as in 2026-01-31T09:00:00Z");
        }
    }

    private static String description(String text) {
        if (text.length() > Details.MAX_DESCRIPTION || text.chars().anyMatch(Character::isISOControl)) {
            throw Call.bad("a description has at most " + Details.MAX_DESCRIPTION
                    + " characters, and no control characters among them");
        }
        return text;
    }

    private static Optional<Set<Scope>> scopes(Call call) {
        List<String> texts = call.all("scope");
        return texts.isEmpty() ? Optional.empty() : Optional.of(scopes(texts));
    }

    private static Set<Scope> scopes(List<String> texts) {
        return texts.stream().map(Scope::new).collect(Collectors.toUnmodifiableSet());
    }

    private static Reply done(Runnable command) {
        command.run();
        return new Reply.Done();
    }

    private static Route get(String template, Set<String> parameters, Route.Handler handler) {
        return new Route(HttpMethod.GET, template, Route.Body.NONE, parameters, handler);
    }

    private static Route delete(String template, Set<String> parameters, Route.Handler handler) {
        return new Route(HttpMethod.DELETE, template, Route.Body.NONE, parameters, handler);
    }

    private static Route post(String template, Route.Body body, Set<String> parameters, Route.Handler handler) {
        return new Route(HttpMethod.POST, template, body, parameters, handler);
    }

    private static Route command(String verb, Set<String> parameters, Route.Handler handler) {
        return post(SECRET + "/" + verb, Route.Body.NONE, parameters, handler);
    }

    private static Set<String> with(Set<String> parameters, String... more) {
        return Stream.concat(parameters.stream(), Stream.of(more)).collect(Collectors.toUnmodifiableSet());
    }
}
