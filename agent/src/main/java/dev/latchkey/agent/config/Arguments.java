package dev.latchkey.agent.config;

import dev.latchkey.agent.policy.CommandSelector;
import dev.latchkey.agent.yaml.Located;
import dev.latchkey.agent.yaml.Node;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The arguments of a command: a list, each as it is, or the word {@code any}. */
record Arguments() implements Type<CommandSelector.Arguments> {
    private static final String ANY = "any";
    private static final ListOf<String> LIST = ListOf.of(Scalars.ARGUMENT);

    @Override
    public Optional<CommandSelector.Arguments> read(Node node, String where, Reading reading) {
        return switch (node) {
            case Node.Sequence sequence ->
                LIST.read(sequence, where, reading).map(Arguments::values).map(Arguments::pinned);
            case Node.Scalar scalar
            when scalar.text().equals(ANY) -> Optional.of(new CommandSelector.Arguments(Optional.empty()));
            case Node.Scalar _, Node.Mapping _, Node.Empty _ -> reading.wrongForm(node, where, words());
        };
    }

    static List<String> values(List<Located<String>> items) {
        return items.stream().map(Located::value).toList();
    }

    private static CommandSelector.Arguments pinned(List<String> arguments) {
        return new CommandSelector.Arguments(Optional.of(arguments));
    }

    @Override
    public String words() {
        return "a list of all arguments, or any";
    }

    @Override
    public Map<String, Object> schema() {
        Map<String, Object> any = new LinkedHashMap<>();
        any.put("const", ANY);
        return Map.of("anyOf", List.of(any, LIST.schema()));
    }
}
