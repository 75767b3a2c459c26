package dev.latchkey.agent.config;

import dev.latchkey.agent.yaml.Node;
import dev.latchkey.agent.yaml.Problems;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A mapping whose {@code type} says which keys it has.
 *
 * @param available the types with their sections, which all begin with the key {@code type}
 * @param later types whose capability is still to come
 */
record ByType<T>(Map<String, Section<T>> available, List<String> later) implements Type<T> {
    static final String TYPE = "type";

    ByType {
        available = new LinkedHashMap<>(available);
        later = List.copyOf(later);
    }

    /** The key that every section in here begins with. */
    static Key<String> key(String type) {
        return Key.required(TYPE, Choice.of(List.of(type), name -> name), "always `" + type + "`");
    }

    @Override
    public Optional<T> read(Node node, String where, Reading reading) {
        if (!(node instanceof Node.Mapping mapping)) {
            return reading.wrongForm(node, where, words());
        }
        Optional<Node> type = mapping.entries().stream()
                .filter(entry -> entry.key().equals(TYPE))
                .map(Node.Entry::value)
                .findFirst();
        if (type.isEmpty()) {
            reading.problems()
                    .add(node.at(), where + "." + TYPE + " is missing", () -> Suggestion.hintOrAll("types", "", all()));
            return Optional.empty();
        }
        return type.get() instanceof Node.Scalar scalar
                ? readAs(scalar, node, where, reading)
                : reading.wrongForm(type.get(), where + "." + TYPE, words());
    }

    private Optional<T> readAs(Node.Scalar type, Node node, String where, Reading reading) {
        Section<T> section = available.get(type.text());
        if (section != null) {
            return section.read(node, where, reading);
        }
        if (later.contains(type.text())) {
            reading.problems()
                    .add(type.at(), where + " of type '" + type.text() + "' is not available yet", Later.HINT);
        } else {
            reading.problems()
                    .add(
                            type.at(),
                            where + "." + TYPE + " is unknown: " + Problems.quote(type.text()),
                            () -> Suggestion.hintOrAll("types", type.text(), all()));
        }
        return Optional.empty();
    }

    private List<String> all() {
        return Stream.concat(available.keySet().stream(), later.stream()).toList();
    }

    @Override
    public String words() {
        return "a mapping with a type";
    }

    @Override
    public Map<String, Object> schema() {
        List<Map<String, Object>> schemas = new ArrayList<>();
        available.values().forEach(section -> schemas.add(section.schema()));
        return schemas.size() == 1 ? schemas.getFirst() : Map.of("anyOf", schemas);
    }
}
