package dev.latchkey.agent.config;

import dev.latchkey.agent.failure.Likeness;
import dev.latchkey.agent.yaml.Problems;
import java.util.Collection;
import java.util.Optional;
import java.util.stream.Collectors;

/** Finds the name that was probably meant. */
public final class Suggestion {
    private static final int LISTED = 20;

    private Suggestion() {}

    /** {@code did you mean 'NAME'?}, if one of the names is near enough to the text. */
    static Optional<String> hint(String text, Collection<String> names) {
        return nearest(text, names).map(name -> "did you mean " + Problems.quote(name) + "?");
    }

    /** The hint, or else all names there are, as far as anyone would read them. */
    static Optional<String> hintOrAll(String what, String text, Collection<String> names) {
        return hint(text, names).or(() -> {
            String listed = names.stream().limit(LISTED).map(Problems::plain).collect(Collectors.joining(", "));
            return Optional.of("the " + what + " are " + listed + (names.size() > LISTED ? ", …" : ""));
        });
    }

    /** The name that is near enough to the text, if there is one. */
    public static Optional<String> nearest(String text, Collection<String> names) {
        return Likeness.nearest(text, names);
    }
}
