package dev.latchkey.agent.config;

import dev.latchkey.agent.yaml.Node;
import dev.latchkey.agent.yaml.Problems;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/**
 * A single value. References in it are replaced before it is parsed; whether the file quotes it makes no difference.
 *
 * @param words what it is, with its article, as in {@code a duration}
 * @param hint how it is written
 * @param pattern a regular expression that its text has, for the schema; empty: any
 * @param shows whether a message may show such a text of the file; not one that may be a credential
 */
record Scalar<T>(
        String words,
        String hint,
        String pattern,
        Predicate<String> shows,
        BiFunction<String, Host, Optional<T>> parser)
        implements Type<T> {
    /** One that every message may show. */
    Scalar(String words, String hint, String pattern, BiFunction<String, Host, Optional<T>> parser) {
        this(words, hint, pattern, _ -> true, parser);
    }

    /** The same, of which messages show only what passes. */
    Scalar<T> shownIf(Predicate<String> harmless) {
        return new Scalar<>(words, hint, pattern, harmless, parser);
    }

    /** What a schema lets pass where a value holds a reference. */
    static final String REFERENCE = "\\$\\{";

    @Override
    public Optional<T> read(Node node, String where, Reading reading) {
        if (!(node instanceof Node.Scalar scalar)) {
            return reading.wrongForm(node, where, words);
        }
        Optional<String> text = reading.expansion().expand(scalar);
        Optional<T> value = text.flatMap(expanded -> parser.apply(expanded, reading.host()));
        if (text.isPresent() && value.isEmpty()) {
            String shown = shows.test(scalar.text()) ? ": " + Problems.quote(scalar.text()) : "";
            reading.problems().add(node.at(), where + " is not " + words + shown, hint);
        }
        return value;
    }

    @Override
    public Map<String, Object> schema() {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", List.of("string", "integer"));
        if (!pattern.isEmpty()) {
            schema.put("pattern", "^(?:" + pattern + ")$|" + REFERENCE);
        }
        return schema;
    }
}
