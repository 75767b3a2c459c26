package dev.latchkey.agent.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.admin.http.SchemaTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What commands print that need no agent, and the launcher, is as its schema says. */
class PrintedSchemaTest {
    private static final Pattern COLUMNS = Pattern.compile("const COLUMNS: \\[&str; 10] =\\s*\\[([^]]*)]");

    @Test
    void whatIsPrintedWithoutAnAgentHasItsSchema() throws IOException {
        for (Map.Entry<String, Class<? extends Record>> entry : Map.<String, Class<? extends Record>>of(
                        "audit-verify", AuditGroup.VerifiedView.class,
                        "config-check", ConfigGroup.CheckView.class,
                        "policy-test", Collaborators.PolicyTester.Outcome.class)
                .entrySet()) {
            SchemaTest.compare(entry.getKey(), entry.getValue(), schema(entry.getKey()));
        }
    }

    @Test
    void aDryRunHasItsSchema() throws IOException {
        Matcher columns = COLUMNS.matcher(Files.readString(Path.of("../launcher/src/dry_run.rs")));
        assertTrue(columns.find());
        List<String> printed =
                List.of(columns.group(1).replaceAll("[\\s\"]", "").split(","));

        assertEquals(printed, List.copyOf(schema("dry-run").get("properties").propertyNames()));
    }

    private static JsonNode schema(String name) throws IOException {
        return JsonMapper.shared().readTree(Files.readString(SchemaTest.FOLDER.resolve(name + ".json")));
    }
}
