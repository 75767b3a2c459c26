package dev.latchkey.agent.provider.bruin;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a {@code .bruin.yml} is made of. */
sealed interface Item {
    /**
     * @param literal whether JSON has it without quotes: a number, {@code true}, {@code false}
     */
    record Text(String text, boolean literal) implements Item {
        @Override
        public String toString() {
            return "[redacted]";
        }
    }

    /** Nothing. */
    record Null() implements Item {}

    /** Items in order. */
    record Listing(List<Item> items) implements Item {}

    /** Keys in order. */
    record Mapping(Map<String, Item> items) implements Item {
        public Mapping {
            items = new LinkedHashMap<>(items);
        }

        Optional<Mapping> mapping(String key) {
            return items.get(key) instanceof Mapping found ? Optional.of(found) : Optional.empty();
        }

        Optional<String> text(String key) {
            return items.get(key) instanceof Text found ? Optional.of(found.text()) : Optional.empty();
        }
    }
}
