package dev.latchkey.agent.config;

import dev.latchkey.agent.reference.Template;
import dev.latchkey.agent.yaml.Node;
import dev.latchkey.agent.yaml.Problems;

/**
 * Where <code>${secret:…}</code> may stand: in the settings of a provider that is not the store. INVARIANT: nothing that the store is opened with, and
 * nothing that decides who gets what, comes out of the store.
 */
final class SecretPlaces {
    private SecretPlaces() {}

    static void check(Node root, Problems problems) {
        if (!(root instanceof Node.Mapping mapping)) {
            return;
        }
        for (Node.Entry entry : mapping.entries()) {
            if (entry.key().equals("providers") && entry.value() instanceof Node.Mapping providers) {
                providers.entries().stream()
                        .map(Node.Entry::value)
                        .filter(SecretPlaces::isStore)
                        .forEach(store -> refuse(store, problems));
            } else {
                refuse(entry.value(), problems);
            }
        }
    }

    private static boolean isStore(Node provider) {
        return !(provider instanceof Node.Mapping mapping)
                || mapping.entries().stream()
                        .anyMatch(entry -> entry.key().equals(ByType.TYPE)
                                && entry.value() instanceof Node.Scalar type
                                && type.text().equals("store"));
    }

    private static void refuse(Node node, Problems problems) {
        switch (node) {
            case Node.Mapping mapping -> mapping.entries().forEach(entry -> refuse(entry.value(), problems));
            case Node.Sequence list -> list.items().forEach(item -> refuse(item, problems));
            case Node.Scalar scalar -> refuse(scalar, problems);
            case Node.Empty _ -> {}
        }
    }

    private static void refuse(Node.Scalar scalar, Problems problems) {
        if (!scalar.text().contains("${secret:")) {
            return;
        }
        for (Template.Piece piece : Template.parse(scalar.text()).pieces()) {
            if (piece instanceof Template.Piece.Secret(String _, int at)) {
                problems.add(
                        Expansion.column(scalar, at),
                        "a secret cannot stand here",
                        "${secret:NAME} is for the settings of providers of outside stores; write ${file:PATH} or ${env:NAME}");
            }
        }
    }
}
