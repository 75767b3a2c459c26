package dev.latchkey.agent.config;

import dev.latchkey.agent.yaml.Node;
import java.util.Map;
import java.util.Optional;

/** The type of a key whose capability is still to come: whatever it holds is refused. */
record Later() implements Type<Object> {
    static final String HINT = "remove it: this version cannot do it, and does not act as if it could";

    /** A schema that nothing fulfils, so that an editor marks the key. */
    private static final Map<String, Object> NOTHING = Map.of("not", Map.of());

    @Override
    public Optional<Object> read(Node node, String where, Reading reading) {
        throw new IllegalStateException(where + " was read before it was refused");
    }

    @Override
    public String words() {
        return "not available yet";
    }

    @Override
    public Map<String, Object> schema() {
        return NOTHING;
    }
}
