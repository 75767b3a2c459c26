package dev.latchkey.agent.config;

import dev.latchkey.agent.yaml.Located;
import dev.latchkey.agent.yaml.Node;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A list. Items that cannot be read are reported and left out.
 *
 * @param orOne whether a single item may stand without its list
 * @param mayBeEmpty whether a list without items means something
 * @param whenEmpty what to do about one that does not
 */
record ListOf<T>(Type<T> item, boolean orOne, boolean mayBeEmpty, String whenEmpty) implements Type<List<Located<T>>> {
    private static final String DEFAULT = "leave the key out to have its default";

    static <T> ListOf<T> of(Type<T> item) {
        return new ListOf<>(item, false, true, DEFAULT);
    }

    static <T> ListOf<T> nonEmpty(Type<T> item) {
        return new ListOf<>(item, false, false, DEFAULT);
    }

    static <T> ListOf<T> oneOrMore(Type<T> item) {
        return new ListOf<>(item, true, false, DEFAULT);
    }

    /** The same for a key that must be there, so that there is no default to be had. */
    static <T> ListOf<T> oneAtLeast(Type<T> item) {
        return new ListOf<>(item, true, false, "name at least one");
    }

    @Override
    public Optional<List<Located<T>>> read(Node node, String where, Reading reading) {
        if (node instanceof Node.Sequence sequence) {
            if (!mayBeEmpty && sequence.items().isEmpty()) {
                reading.problems().add(node.at(), where + " is an empty list", whenEmpty);
            }
            List<Located<T>> items = new ArrayList<>();
            for (int i = 0; i < sequence.items().size(); i++) {
                Node child = sequence.items().get(i);
                item.read(child, where + "[" + i + "]", reading)
                        .ifPresent(value -> items.add(new Located<>(value, child.at())));
            }
            return Optional.of(items);
        }
        if (orOne && !(node instanceof Node.Empty)) {
            return item.read(node, where, reading).map(value -> List.of(new Located<>(value, node.at())));
        }
        return reading.wrongForm(node, where, "a list");
    }

    @Override
    public String words() {
        return orOne ? item.words() + ", or a list of such" : "a list, each " + item.words();
    }

    @Override
    public Map<String, Object> schema() {
        Map<String, Object> list = new LinkedHashMap<>();
        list.put("type", "array");
        list.put("items", item.schema());
        if (!mayBeEmpty) {
            list.put("minItems", 1);
        }
        return orOne ? Map.of("anyOf", List.of(item.schema(), list)) : list;
    }
}
