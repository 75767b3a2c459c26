package dev.latchkey.agent.provider.bruin;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The connections of one environment.
 *
 * @param byType as the file has them
 * @param file its name, for messages
 */
record Connections(Item.Mapping byType, String file) {
    private static final String GENERIC = "generic";
    private static final String NAME = "name";

    /**
     * One of them.
     *
     * @param type as the file names it
     */
    record Connection(String name, String type, Item.Mapping fields) {
        boolean isGeneric() {
            return type.equals(GENERIC);
        }
    }

    /**
     * @param environment absent: the file's default, else {@code default}
     * @throws AgentException {@code UNKNOWN_ENVIRONMENT}, {@code PROVIDER_MALFORMED}
     */
    static Connections of(Item.Mapping document, Optional<String> environment, String file) {
        String chosen =
                environment.or(() -> document.text("default_environment")).orElse("default");
        Item.Mapping environments = document.mapping("environments")
                .orElseThrow(() -> BruinYaml.malformed(file, "has no mapping 'environments'"));
        Item.Mapping found = environments
                .mapping(chosen)
                .orElseThrow(() -> new AgentException(
                        FailureKind.UNKNOWN_ENVIRONMENT,
                        file + " has no environment " + chosen,
                        "it has " + String.join(", ", environments.items().keySet())));
        return new Connections(found.mapping("connections").orElse(new Item.Mapping(Map.of())), file);
    }

    /**
     * @throws AgentException {@code PROVIDER_MALFORMED} if there are two of that name
     */
    Optional<Connection> find(String name) {
        List<Connection> found = all().filter(c -> c.name().equals(name)).toList();
        if (found.size() > 1) {
            throw BruinYaml.malformed(file, "has two connections of that name in one environment");
        }
        return found.stream().findFirst();
    }

    Stream<Connection> all() {
        return byType.items().entrySet().stream()
                .flatMap(entry -> entry.getValue() instanceof Item.Listing(List<Item> items)
                        ? items.stream().flatMap(item -> connection(entry.getKey(), item))
                        : Stream.empty());
    }

    private static Stream<Connection> connection(String type, Item item) {
        return item instanceof Item.Mapping fields
                ? fields.text(NAME).stream().map(name -> new Connection(name, type, fields))
                : Stream.empty();
    }
}
