package dev.latchkey.agent.admin.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.admin.view.AuditRecordView;
import dev.latchkey.agent.admin.view.ConsumerView;
import dev.latchkey.agent.admin.view.EnvironmentView;
import dev.latchkey.agent.admin.view.ErrorView;
import dev.latchkey.agent.admin.view.ExplanationView;
import dev.latchkey.agent.admin.view.HeadView;
import dev.latchkey.agent.admin.view.ImportView;
import dev.latchkey.agent.admin.view.ImportedView;
import dev.latchkey.agent.admin.view.KeyStatusView;
import dev.latchkey.agent.admin.view.Order;
import dev.latchkey.agent.admin.view.ProjectView;
import dev.latchkey.agent.admin.view.ReadyView;
import dev.latchkey.agent.admin.view.RefreshedView;
import dev.latchkey.agent.admin.view.SecretView;
import dev.latchkey.agent.admin.view.SignalledView;
import dev.latchkey.agent.admin.view.SourceView;
import dev.latchkey.agent.admin.view.StatusView;
import dev.latchkey.agent.admin.view.VerificationView;
import dev.latchkey.agent.admin.view.VersionView;
import dev.latchkey.agent.admin.view.WrittenView;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** What the distribution says of the admin interface is what the admin interface is. */
public class SchemaTest {
    public static final Path FOLDER = Path.of("src/main/dist/share/schema");
    private static final Map<String, Class<? extends Record>> RECORDS = new TreeMap<>(Map.ofEntries(
            Map.entry("secret", SecretView.class),
            Map.entry("version", VersionView.class),
            Map.entry("written", WrittenView.class),
            Map.entry("imported", ImportedView.class),
            Map.entry("source", SourceView.class),
            Map.entry("import", ImportView.class),
            Map.entry("project", ProjectView.class),
            Map.entry("environment", EnvironmentView.class),
            Map.entry("explain", ExplanationView.class),
            Map.entry("refreshed", RefreshedView.class),
            Map.entry("consumer", ConsumerView.class),
            Map.entry("signalled", SignalledView.class),
            Map.entry("status", StatusView.class),
            Map.entry("ready", ReadyView.class),
            Map.entry("audit-head", HeadView.class),
            Map.entry("audit-record", AuditRecordView.class),
            Map.entry("key-status", KeyStatusView.class),
            Map.entry("verification", VerificationView.class),
            Map.entry("error", ErrorView.class)));

    @Test
    void everyRecordHasItsSchema() throws IOException {
        for (Map.Entry<String, Class<? extends Record>> entry : RECORDS.entrySet()) {
            JsonNode schema = JsonMapper.shared().readTree(Files.readString(FOLDER.resolve(entry.getKey() + ".json")));
            compare(entry.getKey(), entry.getValue(), schema);
        }
    }

    /** That a schema has the keys of a record, in its order, and null where it may be absent. */
    public static void compare(String where, Class<?> record, JsonNode schema) {
        List<String> keys = Arrays.stream(record.getRecordComponents())
                .map(RecordComponent::getName)
                .toList();
        assertEquals(keys, List.copyOf(schema.get("properties").propertyNames()), where);
        assertEquals(
                keys,
                schema.get("required").valueStream().map(JsonNode::asString).toList(),
                where);
        for (RecordComponent component : record.getRecordComponents()) {
            JsonNode property = schema.get("properties").get(component.getName());
            boolean nullable = property.path("type").isArray();
            assertEquals(component.getType() == java.util.Optional.class, nullable, where + "." + component.getName());
            nested(component.getGenericType(), property, where + "." + component.getName());
        }
    }

    private static void nested(Type type, JsonNode property, String where) {
        if (type instanceof ParameterizedType generic) {
            JsonNode inner = generic.getRawType() == List.class ? property.get("items") : property;
            nested(generic.getActualTypeArguments()[0], inner, where);
        } else if (type instanceof Class<?> c && c.isRecord() && property.has("properties")) {
            compare(where, c, property);
        }
    }

    @Test
    void everyRouteIsInTheDocumentAndNoOther() throws IOException {
        JsonNode paths = YAMLMapper.shared()
                .readTree(Files.readString(FOLDER.resolve("admin.openapi.yaml")))
                .get("paths");
        TreeSet<String> documented = new TreeSet<>();
        paths.propertyStream()
                .forEach(path -> path.getValue()
                        .propertyStream()
                        .forEach(method -> documented.add(method.getKey() + " " + path.getKey() + " "
                                + parameters(method.getValue()) + " " + body(method.getValue()))));
        TreeSet<String> served = new TreeSet<>();
        for (Route route : TestRoutes.all()) {
            served.add(route.method().name().toLowerCase(java.util.Locale.ROOT) + " " + route.template() + " "
                    + new TreeSet<>(route.parameters()) + " " + route.body());
        }
        assertEquals(served, documented);
    }

    private static Set<String> parameters(JsonNode operation) {
        TreeSet<String> names = new TreeSet<>();
        operation
                .path("parameters")
                .valueStream()
                .filter(parameter -> parameter.get("in").asString().equals("query"))
                .forEach(parameter -> names.add(parameter.get("name").asString()));
        return names;
    }

    private static Route.Body body(JsonNode operation) {
        JsonNode content = operation.path("requestBody").path("content");
        if (content.isMissingNode()) {
            return Route.Body.NONE;
        }
        if (content.has("application/json")) {
            return Route.Body.JSON;
        }
        return content.path("application/octet-stream").path("schema").has("maxLength")
                ? Route.Body.VALUE
                : Route.Body.STREAM;
    }

    @Test
    void everyOrderIsInTheDocument() throws IOException {
        JsonNode schemas = YAMLMapper.shared()
                .readTree(Files.readString(FOLDER.resolve("admin.openapi.yaml")))
                .get("components")
                .get("schemas");
        Map<String, Class<? extends Record>> orders = Map.of(
                "explain", Order.Explain.class,
                "refresh", Order.Refresh.class,
                "signal-consumers", Order.SignalConsumers.class,
                "describe", Order.Describe.class,
                "create-project", Order.CreateProject.class,
                "create-environment", Order.CreateEnvironment.class,
                "list-provider", Order.ListProvider.class,
                "import-from", Order.ImportFrom.class,
                "export-key", Order.ExportKey.class);
        assertEquals(Order.class.getPermittedSubclasses().length, orders.size());
        orders.forEach((name, type) -> assertEquals(
                Arrays.stream(type.getRecordComponents())
                        .map(RecordComponent::getName)
                        .toList(),
                List.copyOf(schemas.get(name).get("properties").propertyNames()),
                name));
        assertTrue(schemas.size() == orders.size());
    }
}
