package dev.latchkey.agent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.yaml.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is generated from the definitions of the keys. */
class ConfigDocumentsTest {
    private static final Path PAGE =
            Path.of(System.getProperty("latchkey.root", ".."), "docs", "reference", "configuration.md");

    /** {@code ./mvnw -pl agent -am test -Dtest=ConfigDocumentsTest -Dlatchkey.rewrite=true} writes the page anew. */
    @Test
    void theReferencePageSaysWhatTheLoaderReads() throws IOException {
        if (Boolean.getBoolean("latchkey.rewrite")) {
            Files.createDirectories(PAGE.getParent());
            Files.writeString(PAGE, ConfigReference.markdown());
        }
        assertEquals(ConfigReference.markdown(), Files.readString(PAGE));
    }

    @Test
    void theReferencePageHasEveryKey() {
        String page = ConfigReference.markdown();

        for (Section<?> section : List.of(
                Keys.ROOT,
                Keys.SOCKET,
                Keys.WORKLOAD,
                Keys.MATCH,
                Keys.ADMIN,
                Keys.GRANT,
                Keys.AUDIT,
                Keys.HEALTH,
                Keys.LOG)) {
            section.keys().forEach(key -> assertTrue(page.contains("| `" + key.name() + "` | "), key::name));
        }
        ProviderKeys.TYPES
                .available()
                .forEach((type, section) -> assertTrue(page.contains("`providers.NAME of type " + type + "`"), type));
    }

    @Test
    void theSchemaKnowsEveryKeyAndRefusesOthers() {
        String schema = ConfigSchema.json();

        assertTrue(schema.startsWith("{\n  \"$schema\" : \"https://json-schema.org/draft/2020-12/schema\","), schema);
        assertTrue(schema.endsWith("}\n"), schema);
        Keys.ROOT.keys().forEach(key -> assertTrue(schema.contains("\n    \"" + key.name() + "\" : {"), key::name));
        assertTrue(schema.contains("\"additionalProperties\" : false"), schema);
        assertTrue(schema.contains("\"required\" : ["), schema);
        // The order of keys is that of the definitions, the same in every process.
        assertFalse(schema.matches("(?s).*\"pattern\" : [^\n]*,\n *\"type\".*"), schema);
    }

    @Test
    void theSchemaLetsNoKeyPassThatIsNotAvailableYet() {
        String telemetry = ConfigSchema.json().split("\"telemetry\" : ", -1)[1];

        assertTrue(
                telemetry.startsWith(
                        "{\n      \"description\" : \"an address for metrics (without it: not available yet)\",\n      \"not\" : { }"),
                telemetry);
    }

    @Test
    void problemsAreWrittenAsCompilersWriteThem() {
        List<Problem> problems = List.of(
                new Problem(3, 7, "unknown key 'x'", Optional.of("did you mean 'y'?")),
                new Problem(0, 0, "the file is not UTF-8", Optional.empty()));

        assertEquals(
                "agent: a.yaml:3:7: unknown key 'x'\nhint: did you mean 'y'?\nagent: a.yaml: the file is not UTF-8\n",
                ConfigReport.text("a.yaml", problems));
    }

    @Test
    void problemsAreWrittenAsJson() {
        List<Problem> problems = List.of(
                new Problem(3, 7, "unknown key 'x\"'", Optional.of("did you mean 'y'?")),
                new Problem(0, 0, "the file is not UTF-8", Optional.empty()));

        assertEquals("""
                {
                  "file" : "a.yaml",
                  "valid" : false,
                  "problems" : [
                    {
                      "line" : 3,
                      "column" : 7,
                      "message" : "unknown key 'x\\"'",
                      "hint" : "did you mean 'y'?"
                    },
                    {
                      "line" : null,
                      "column" : null,
                      "message" : "the file is not UTF-8",
                      "hint" : null
                    }
                  ]
                }
                """, ConfigReport.json("a.yaml", problems));
        assertFalse(ConfigReport.json("a.yaml", List.of()).contains("false"));
    }
}
