package dev.latchkey.agent.config;

import java.util.LinkedHashMap;
import java.util.Map;

/** The JSON Schema of {@code agent.yaml}, made of the definitions that the loader reads with. */
public final class ConfigSchema {
    private ConfigSchema() {}

    /** As {@code agent config schema} prints it; for editors, since only the loader knows what does not fit together. */
    public static String json() {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.put("title", "agent.yaml of Latchkey");
        schema.putAll(Keys.ROOT.schema());
        return Json.write(schema);
    }
}
