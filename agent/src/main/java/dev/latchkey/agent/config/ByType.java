package dev.latchkey.agent.config;

import dev.latchkey.agent.yaml.Node;
import dev.latchkey.agent.yaml.Problems;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * A mapping of which one key says which others it has.
 *
 * @param key that one, usually {@code type}
 * @param available the types with their sections, which all begin with the key {@code type}
 * @param outside finds a type that is none of these
 */
record ByType<T>(
        String key, Map<String, Section<T>> available, BiFunction<String, Reading, Optional<Section<T>>> outside)
        implements Type<T> {
    static final String TYPE = "type";

    ByType {
        available = new LinkedHashMap<>(available);
    }

    /** Where there are no other types. */
    ByType(Map<String, Section<T>> available) {
        this(TYPE, available);
    }

    /** Where there are no other types, and another key says which it is. */
    ByType(String key, Map<String, Section<T>> available) {
        this(key, available, (_, _) -> Optional.empty());
    }

    /** Where {@code type} says which it is. */
    ByType(Map<String, Section<T>> available, BiFunction<String, Reading, Optional<Section<T>>> outside) {
        this(TYPE, available, outside);
    }

    /** The key that every section in here begins with. */
    static Key<String> key(String type) {
        return key(TYPE, type);
    }

    /** The same where another key says which it is. */
    static Key<String> key(String key, String type) {
        return Key.required(key, Choice.of(List.of(type), name -> name), "always `" + type + "`");
    }

    @Override
    public Optional<T> read(Node node, String where, Reading reading) {
        if (!(node instanceof Node.Mapping mapping)) {
            return reading.wrongForm(node, where, words());
        }
        Optional<Node> type = mapping.entries().stream()
                .filter(entry -> entry.key().equals(key))
                .map(Node.Entry::value)
                .findFirst();
        if (type.isEmpty()) {
            reading.problems()
                    .add(
                            node.at(),
                            where + "." + key + " is missing",
                            () -> Suggestion.hintOrAll(key + "s", "", all()));
            return Optional.empty();
        }
        return type.get() instanceof Node.Scalar scalar
                ? readAs(scalar, node, where, reading)
                : reading.wrongForm(type.get(), where + "." + key, "one of " + String.join(", ", all()));
    }

    private Optional<T> readAs(Node.Scalar type, Node node, String where, Reading reading) {
        Optional<Section<T>> section = section(type.text(), reading);
        if (section.isPresent()) {
            return section.get().read(node, where, reading);
        }
        reading.problems()
                .add(
                        type.at(),
                        where + "." + key + " is unknown: " + Problems.quote(type.text()),
                        () -> Suggestion.hintOrAll(key + "s", type.text(), all()));
        return Optional.empty();
    }

    private Optional<Section<T>> section(String type, Reading reading) {
        return Optional.ofNullable(available.get(type)).or(() -> outside.apply(type, reading));
    }

    List<String> all() {
        return List.copyOf(available.keySet());
    }

    @Override
    public String words() {
        return "a mapping with a " + key;
    }

    @Override
    public Map<String, Object> schema() {
        List<Map<String, Object>> schemas = new ArrayList<>();
        available.values().forEach(section -> schemas.add(section.schema()));
        return schemas.size() == 1 ? schemas.getFirst() : Map.of("anyOf", schemas);
    }
}
