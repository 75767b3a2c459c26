package dev.latchkey.agent.provider.bruin;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLParser;

/**
 * Reads the file from the parser's tokens. SECURITY: nothing is bound, nesting is bounded, and aliases are refused, so that a file cannot grow while
 * it is read; what the parser says of a file can quote it, and is not told.
 */
final class BruinYaml {
    private static final int DEEPEST = 16;
    private static final YAMLFactory YAML = new YAMLFactory();
    private static final Pattern JSON_LITERAL =
            Pattern.compile("true|false|-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?");

    private final YAMLParser parser;
    private final String file;

    private BruinYaml(YAMLParser parser, String file) {
        this.parser = parser;
        this.file = file;
    }

    /**
     * @param file its name, for messages
     * @throws AgentException of kind {@code PROVIDER_MALFORMED}
     */
    static Item.Mapping read(byte[] content, String file) {
        String text = new String(content, StandardCharsets.UTF_8);
        try (YAMLParser parser = (YAMLParser) YAML.createParser(ObjectReadContext.empty(), text)) {
            return new BruinYaml(parser, file).document();
        } catch (JacksonException e) {
            TokenStreamLocation at = e.getLocation();
            throw malformed(file, at == null ? "is not YAML" : "is not YAML from line " + at.getLineNr() + " on");
        }
    }

    private Item.Mapping document() {
        JsonToken first = parser.nextToken();
        if (first != JsonToken.START_OBJECT) {
            throw malformed(file, "is no mapping");
        }
        return mapping(0);
    }

    private Item item(JsonToken token, int depth) {
        if (depth > DEEPEST) {
            throw malformed(file, "is nested more than " + DEEPEST + " deep");
        }
        if (parser.isCurrentAlias()) {
            throw malformed(file, "has an alias");
        }
        return switch (token) {
            case START_OBJECT -> mapping(depth);
            case START_ARRAY -> listing(depth);
            case VALUE_NULL -> new Item.Null();
            case VALUE_STRING -> new Item.Text(parser.getString(), false);
            default -> {
                String text = parser.getString();
                yield new Item.Text(text, JSON_LITERAL.matcher(text).matches());
            }
        };
    }

    private Item.Mapping mapping(int depth) {
        Map<String, Item> items = new LinkedHashMap<>();
        for (JsonToken token = next(); token != JsonToken.END_OBJECT; token = next()) {
            String key = parser.currentName();
            if (items.put(key, item(next(), depth + 1)) != null) {
                throw malformed(file, "has a key twice");
            }
        }
        return new Item.Mapping(items);
    }

    private Item.Listing listing(int depth) {
        List<Item> items = new ArrayList<>();
        for (JsonToken token = next(); token != JsonToken.END_ARRAY; token = next()) {
            items.add(item(token, depth + 1));
        }
        return new Item.Listing(items);
    }

    private JsonToken next() {
        return Objects.requireNonNull(parser.nextToken(), "the parser ends its containers");
    }

    static AgentException malformed(String file, String what) {
        return new AgentException(Failure.of(FailureKind.PROVIDER_MALFORMED, file + " " + what));
    }
}
