package dev.latchkey.agent.provider.bruin;

import dev.latchkey.agent.failure.AgentException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A {@code .bruin.yml} that somebody has in hand. SECURITY: its parser makes text of it, so values are Strings for as long as it is held. */
public final class BruinDocument {
    private BruinDocument() {}

    /** One connection. */
    public static final class Named {
        private final Connections.Connection connection;

        private Named(Connections.Connection connection) {
            this.connection = connection;
        }

        /** Its name. */
        public String name() {
            return connection.name();
        }

        /**
         * The value of a generic connection, the compact JSON of any other; the caller's to wipe.
         *
         * @param variables what {@code ${NAME}} in it means
         * @throws AgentException {@code NO_VALUE} if a variable in it is not set, or a generic connection has no value
         */
        public byte[] bytes(Map<String, String> variables) {
            return new Rendering(variables).bytes(connection);
        }
    }

    /**
     * The connections of one environment, in their order.
     *
     * @param environment absent: the file's default
     * @param file its name, for messages
     * @throws AgentException {@code UNKNOWN_ENVIRONMENT}, {@code PROVIDER_MALFORMED}
     */
    public static List<Named> read(byte[] content, Optional<String> environment, String file) {
        return Connections.of(BruinYaml.read(content, file), environment, file)
                .all()
                .map(Named::new)
                .toList();
    }
}
