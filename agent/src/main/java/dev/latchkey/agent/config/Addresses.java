package dev.latchkey.agent.config;

import dev.latchkey.agent.yaml.Located;
import dev.latchkey.agent.yaml.Node;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where the nodes of one backend are: one address or a list. SECURITY: all with TLS or all without, or whoever cuts the one could have what goes to the other. */
record Addresses() implements Type<List<Located<String>>> {
    private static final ListOf<String> EACH = ListOf.oneOrMore(Scalars.BACKEND_ADDRESS);

    @Override
    public Optional<List<Located<String>>> read(Node node, String where, Reading reading) {
        Optional<List<Located<String>>> read = EACH.read(node, where, reading);
        boolean mixed = read.orElse(List.of()).stream()
                        .map(address -> address.value().startsWith("https:"))
                        .distinct()
                        .count()
                > 1;
        if (mixed) {
            reading.problems()
                    .add(node.at(), where + " has addresses with TLS and without", "give all of them the same scheme");
        }
        return read.filter(addresses -> !addresses.isEmpty() && !mixed);
    }

    @Override
    public String words() {
        return EACH.words();
    }

    @Override
    public Map<String, Object> schema() {
        return EACH.schema();
    }
}
