package dev.latchkey.agent.secret;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** How a project narrows the names of its secrets. */
public enum NamingRule {
    /** Every secret name. */
    ANY(".*", "every secret name"),
    /** A letter, then letters, digits, {@code .} and {@code -}. */
    DNS("[A-Za-z][A-Za-z0-9.-]*", "a letter, then letters, digits, '.' and '-'"),
    /** The name of a variable. */
    POSIX("[A-Za-z_][A-Za-z0-9_]*", "a letter or '_', then letters, digits and '_'");

    private final Pattern grammar;
    private final String words;

    NamingRule(String grammar, String words) {
        this.grammar = Pattern.compile(grammar);
        this.words = words;
    }

    public boolean allows(SecretName name) {
        return grammar.matcher(name.text()).matches();
    }

    /** The rule in words, for a hint. */
    public String words() {
        return words;
    }

    /** As it is written in configuration and commands. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** All of them, as they are written. */
    public static List<String> texts() {
        return Arrays.stream(values()).map(NamingRule::text).toList();
    }

    /**
     * @throws AgentException of kind {@code BAD_ARGUMENT}
     */
    public static NamingRule parse(String text) {
        Optional<NamingRule> found =
                Arrays.stream(values()).filter(r -> r.text().equals(text)).findFirst();
        return found.orElseThrow(() -> new AgentException(
                FailureKind.BAD_ARGUMENT,
                "not a naming rule: " + Names.quote(text),
                "the naming rules are " + String.join(", ", texts())));
    }
}
