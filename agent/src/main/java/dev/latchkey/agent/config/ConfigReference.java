package dev.latchkey.agent.config;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/** The reference page of {@code agent.yaml}, made of the definitions that the loader reads with. */
final class ConfigReference {
    private static final String INTRODUCTION = """
            # `agent.yaml`

            <!-- Generated from the definitions in agent/src/main/java/dev/latchkey/agent/config/Keys.java; a test compares them. -->

            What the file leaves out is what an agent without any file has. `agent config check` tells every problem at once,
            with line and column; `agent config schema` prints a JSON Schema for editors. `SIGHUP` reads the file again: a key marked
            *restart* is taken over at the next start, every other one at once, and a file with a problem changes nothing.

            Values may hold `${NAME}`, `${NAME:-TEXT}`, `${env:NAME}` and `${file:PATH}` (relative to the file's folder, at most
            64 KiB, one final newline dropped); `$${` is a literal `${`. Durations are `0` or one integer with `ms`, `s`, `m`, `h`
            or `d`, sizes `0` or one integer with `B`, `KiB`, `MiB` or `GiB`. Anchors, aliases, tags and a second document are
            refused, as is a file over 256 KiB, nested over 16 deep, or that every user of the machine can write.
            """;

    private final StringBuilder text = new StringBuilder(INTRODUCTION);
    private final Deque<Map.Entry<String, Section<?>>> waiting = new ArrayDeque<>();

    private ConfigReference() {}

    static String markdown() {
        ConfigReference page = new ConfigReference();
        page.waiting.add(Map.entry("", Keys.ROOT));
        while (!page.waiting.isEmpty()) {
            Map.Entry<String, Section<?>> next = page.waiting.poll();
            page.section(next.getKey(), next.getValue());
        }
        return page.text.toString();
    }

    private void section(String name, Section<?> section) {
        text.append("\n## ")
                .append(name.isEmpty() ? "The file" : "`" + name + "`")
                .append("\n\n");
        text.append("| key | value | without it | meaning |\n|---|---|---|---|\n");
        section.keys().forEach(key -> row(name, key));
    }

    private void row(String section, Key<?> key) {
        String doc = key.doc() + (key.restart() ? " (*restart*)" : "");
        String otherwise = key.required() ? "an error" : key.otherwise();
        text.append("| `").append(key.name()).append("` | ").append(key.type().words());
        text.append(" | ").append(otherwise).append(" | ").append(doc).append(" |\n");
        sections(Section.join(section, key.name()), key.type())
                .forEach((name, inner) -> waiting.add(Map.entry(name, inner)));
    }

    private static Map<String, Section<?>> sections(String name, Type<?> type) {
        Map<String, Section<?>> found = new LinkedHashMap<>();
        switch (type) {
            case Section<?> section -> found.put(name, section);
            case ListOf<?> list -> found.putAll(sections(name + "[]", list.item()));
            case NamedBy<?> named -> found.putAll(sections(name + ".NAME", named.item()));
            case ByType<?> byType ->
                byType.available().forEach((word, section) -> found.put(name + " of type " + word, section));
            default -> {}
        }
        return found;
    }
}
