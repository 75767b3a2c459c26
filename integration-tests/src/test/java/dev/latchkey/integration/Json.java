package dev.latchkey.integration;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What programs print with {@code --format json}. */
final class Json {
    private static final JsonMapper MAPPER = new JsonMapper();

    private Json() {}

    static JsonNode parse(String text) {
        return MAPPER.readTree(text);
    }

    /** The text of one key in each element of an array. */
    static List<String> column(Finished finished, String key) {
        List<String> values = new ArrayList<>();
        for (JsonNode element : parse(finished.succeeds().output())) {
            values.add(element.get(key).asString());
        }
        return values;
    }
}
