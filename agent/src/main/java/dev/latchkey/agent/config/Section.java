package dev.latchkey.agent.config;

import dev.latchkey.agent.yaml.Located;
import dev.latchkey.agent.yaml.Node;
import dev.latchkey.agent.yaml.Problems;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A mapping with known keys.
 *
 * @param check finds what does not fit together in it
 * @param build makes the value of what was read; called, like the check, only if every required key has a value
 */
record Section<T>(List<Key<?>> keys, Check check, Function<Fields, T> build) implements Type<T> {
    Section {
        keys = List.copyOf(keys);
    }

    /** One whose keys have nothing to do with each other. */
    Section(List<Key<?>> keys, Function<Fields, T> build) {
        this(keys, (_, _, _) -> {}, build);
    }

    /** What keys have to do with each other. */
    @FunctionalInterface
    interface Check {
        /**
         * Reports what does not fit.
         *
         * @param where the section, for messages
         */
        void check(Fields fields, String where, Problems problems);
    }

    @Override
    public Optional<T> read(Node node, String where, Reading reading) {
        if (!(node instanceof Node.Mapping mapping)) {
            return reading.wrongForm(node, where, words());
        }
        int before = reading.problems().count();
        Map<String, Located<?>> values = new HashMap<>();
        for (Node.Entry entry : mapping.entries()) {
            find(entry.key())
                    .ifPresentOrElse(
                            key -> readKey(key, entry, where, reading)
                                    .ifPresent(value -> values.put(
                                            key.name(),
                                            new Located<>(value, entry.value().at()))),
                            () -> addUnknown(entry, where, reading.problems()));
        }
        addMissing(mapping, where, reading.problems());
        boolean complete = keys.stream().filter(Key::required).allMatch(key -> values.containsKey(key.name()));
        if (!complete) {
            return Optional.empty();
        }
        check.check(new Fields(values, false), where, reading.problems());
        return Optional.of(build.apply(new Fields(values, reading.problems().count() == before)));
    }

    private Optional<Key<?>> find(String name) {
        return keys.stream()
                .<Key<?>>map(key -> key)
                .filter(key -> key.name().equals(name))
                .findFirst();
    }

    private static Optional<?> readKey(Key<?> key, Node.Entry entry, String where, Reading reading) {
        String whole = join(where, key.name());
        if (entry.value() instanceof Node.Empty && key.available() && !key.required()) {
            reading.problems()
                    .add(entry.value().at(), whole + " has no value", "leave the key out to have its default");
            return Optional.empty();
        }
        if (key.available()) {
            return key.type().read(entry.value(), whole, reading);
        }
        reading.problems().add(entry.at(), whole + " is not available yet", Later.HINT);
        return Optional.empty();
    }

    private void addUnknown(Node.Entry entry, String where, Problems problems) {
        String place = where.isEmpty() ? "" : " in " + where;
        List<String> names = keys.stream().<String>map(Key::name).toList();
        problems.add(
                entry.at(),
                "unknown key " + Problems.quote(entry.key()) + place,
                () -> Suggestion.hintOrAll("keys here", entry.key(), names));
    }

    private void addMissing(Node.Mapping mapping, String where, Problems problems) {
        for (Key<?> key : keys) {
            if (key.required()
                    && mapping.entries().stream().noneMatch(entry -> entry.key().equals(key.name()))) {
                problems.add(
                        mapping.at(),
                        join(where, key.name()) + " is missing",
                        key.name() + " is " + key.type().words());
            }
        }
    }

    static String join(String where, String name) {
        return where.isEmpty() ? name : where + "." + name;
    }

    @Override
    public String words() {
        return "a mapping";
    }

    @Override
    public Map<String, Object> schema() {
        Map<String, Object> properties = new LinkedHashMap<>();
        keys.forEach(key -> properties.put(key.name(), described(key)));
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "object");
        schema.put("additionalProperties", false);
        schema.put("properties", properties);
        List<String> required = keys.stream()
                .filter(Key::required)
                .<String>map(key -> key.name())
                .toList();
        if (!required.isEmpty()) {
            schema.put("required", required);
        }
        return schema;
    }

    private static Map<String, Object> described(Key<?> key) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("description", key.required() ? key.doc() : key.doc() + " (without it: " + key.otherwise() + ")");
        schema.putAll(key.type().schema());
        return schema;
    }

    /** The values of a section that could be read. */
    static final class Fields {
        private final Map<String, Located<?>> values;

        private final boolean clean;

        private Fields(Map<String, Located<?>> values, boolean clean) {
            this.values = values;
            this.clean = clean;
        }

        /** Whether nothing in the section had a problem. */
        boolean clean() {
            return clean;
        }

        /** SAFETY of the cast: {@link #read} puts under a key only what the key's own type gave. */
        @SuppressWarnings("unchecked")
        <V> Optional<Located<V>> find(Key<V> key) {
            return Optional.ofNullable((Located<V>) values.get(key.name()));
        }

        <V> V get(Key<V> key, V otherwise) {
            return find(key).map(Located::value).orElse(otherwise);
        }

        <V> Located<V> required(Key<V> key) {
            return find(key).orElseThrow(() -> new IllegalStateException(key.name() + " was not required"));
        }
    }
}
