package dev.latchkey.agent.config;

import dev.latchkey.agent.yaml.Located;
import dev.latchkey.agent.yaml.Node;
import dev.latchkey.agent.yaml.Problems;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A mapping whose keys are names that the file chooses.
 *
 * @param what a name is for, as in {@code a provider}
 * @param pattern what a name looks like
 * @param reserved names that cannot be chosen
 */
record NamedBy<T>(String what, String pattern, List<String> reserved, Type<T> item)
        implements Type<List<NamedBy.Entry<T>>> {
    /** A name with its value, which is absent if it could not be read. */
    record Entry<T>(Located<String> name, Optional<T> value) {}

    @Override
    public Optional<List<Entry<T>>> read(Node node, String where, Reading reading) {
        if (!(node instanceof Node.Mapping mapping)) {
            return reading.wrongForm(node, where, words());
        }
        List<Entry<T>> entries = new ArrayList<>();
        for (Node.Entry entry : mapping.entries()) {
            Optional<T> value = isName(entry, where, reading.problems())
                    ? item.read(entry.value(), Section.join(where, Problems.plain(entry.key())), reading)
                    : Optional.empty();
            entries.add(new Entry<>(new Located<>(entry.key(), entry.at()), value));
        }
        return Optional.of(entries);
    }

    private boolean isName(Node.Entry entry, String where, Problems problems) {
        boolean fits = Pattern.matches(pattern, entry.key()) && !reserved.contains(entry.key());
        if (!fits) {
            problems.add(
                    entry.at(),
                    where + " has a key that is not the name of " + what + ": " + Problems.quote(entry.key()),
                    "such a name is " + pattern
                            + (reserved.isEmpty() ? "" : ", but not " + String.join(", ", reserved)));
        }
        return fits;
    }

    @Override
    public String words() {
        return "a mapping from names to " + item.words();
    }

    @Override
    public Map<String, Object> schema() {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "object");
        schema.put("propertyNames", Map.of("pattern", "^" + pattern + "$"));
        schema.put("additionalProperties", item.schema());
        return schema;
    }
}
