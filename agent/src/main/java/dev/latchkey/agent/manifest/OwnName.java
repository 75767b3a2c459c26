package dev.latchkey.agent.manifest;

import dev.latchkey.agent.reference.ReferenceParser;
import dev.latchkey.agent.reference.Template;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** The variable that a secret is delivered under where nothing says another one. */
public final class OwnName {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,252}");

    private OwnName() {}

    /** Of a reference: absent if it is not a plain name of the store. */
    public static Optional<String> ofReference(String reference, boolean raw) {
        String shown = ReferenceParser.shown(reference);
        return PLAIN.matcher(shown).matches() ? of(shown, raw) : Optional.empty();
    }

    /** Of a secret or a field: unchanged if it is the name of a variable, else mapped; absent if nothing can be made of it. */
    public static Optional<String> of(String name, boolean raw) {
        if (Template.isName(name)) {
            return Optional.of(name);
        }
        if (raw) {
            boolean usable = !name.isEmpty() && name.chars().noneMatch(c -> c == '=' || c < ' ' || c == 0x7F);
            return usable ? Optional.of(name) : Optional.empty();
        }
        return name.isEmpty() ? Optional.empty() : Optional.of(posix(name));
    }

    private static String posix(String name) {
        StringBuilder mapped = new StringBuilder();
        name.toUpperCase(Locale.ROOT)
                .codePoints()
                .forEach(c -> mapped.append((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? (char) c : '_'));
        return Character.isDigit(mapped.charAt(0)) ? "_" + mapped : mapped.toString();
    }
}
