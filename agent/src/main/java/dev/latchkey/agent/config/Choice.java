package dev.latchkey.agent.config;

import dev.latchkey.agent.yaml.Node;
import dev.latchkey.agent.yaml.Problems;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** One of a few words. */
record Choice<T>(Map<String, T> values) implements Type<T> {
    Choice {
        values = new LinkedHashMap<>(values);
    }

    /** The constants of an enumeration, in lower case. */
    static <E extends Enum<E>> Choice<E> of(Class<E> constants) {
        return of(
                Arrays.asList(constants.getEnumConstants()),
                value -> value.name().toLowerCase(Locale.ROOT));
    }

    static <T> Choice<T> of(List<T> values, Function<T, String> name) {
        Map<String, T> named = new LinkedHashMap<>();
        values.forEach(value -> named.put(name.apply(value), value));
        return new Choice<>(named);
    }

    @Override
    public Optional<T> read(Node node, String where, Reading reading) {
        if (!(node instanceof Node.Scalar scalar)) {
            return reading.wrongForm(node, where, words());
        }
        Optional<String> text = reading.expansion().expand(scalar);
        Optional<T> value = text.flatMap(word -> Optional.ofNullable(values.get(word)));
        if (text.isPresent() && value.isEmpty()) {
            reading.problems()
                    .add(
                            node.at(),
                            where + " is not " + words() + ": " + Problems.quote(scalar.text()),
                            () -> Suggestion.hint(scalar.text(), values.keySet()));
        }
        return value;
    }

    @Override
    public String words() {
        return "one of " + String.join(", ", values.keySet());
    }

    @Override
    public Map<String, Object> schema() {
        // In this order always: the schema is a file that is compared and shipped.
        Map<String, Object> reference = new LinkedHashMap<>();
        reference.put("type", "string");
        reference.put("pattern", Scalar.REFERENCE);
        return Map.of("anyOf", List.of(Map.of("enum", List.copyOf(values.keySet())), reference));
    }
}
