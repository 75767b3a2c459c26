package dev.latchkey.agent.store;

import dev.latchkey.agent.secret.Scope;
import java.util.Arrays;
import java.util.Collection;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Scopes in one column: their names in order, with spaces between, which no name holds. */
final class Scopes {
    private Scopes() {}

    static String join(Collection<Scope> scopes) {
        return scopes.stream().sorted().distinct().map(Scope::text).collect(Collectors.joining(" "));
    }

    static SortedSet<Scope> split(String text) {
        return Arrays.stream(text.split(" ", -1))
                .filter(name -> !name.isEmpty())
                .map(Scope::new)
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
