package dev.latchkey.agent.config;

import dev.latchkey.agent.yaml.Node;
import java.util.Map;
import java.util.Optional;

/** What a key's value can be: how it is read, and how the schema and the reference page describe it. */
interface Type<T> {
    /**
     * The value; absent, with problems added, if it is not one.
     *
     * @param where the key's whole name for messages, as in {@code sockets[0].mode}
     */
    Optional<T> read(Node node, String where, Reading reading);

    /** As the reference page writes it. */
    String words();

    /** As JSON Schema. */
    Map<String, Object> schema();
}
