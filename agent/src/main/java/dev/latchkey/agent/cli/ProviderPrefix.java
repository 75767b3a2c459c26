package dev.latchkey.agent.cli;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is below it is to be imported.
 *
 * @param prefix percent-decoded; empty, or ending with {@code /}
 */
record ProviderPrefix(String provider, String prefix) {
    private static final Pattern GRAMMAR = Pattern.compile("([a-z][a-z0-9-]*):(|.*/)");

    /** Absent if the text is the name of a file. */
    static Optional<ProviderPrefix> parse(String text) {
        Matcher matcher = GRAMMAR.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        try {
            // A plus sign is itself, as in references.
            String escaped = matcher.group(2).replace("+", "%2B");
            return Optional.of(
                    new ProviderPrefix(matcher.group(1), URLDecoder.decode(escaped, StandardCharsets.UTF_8)));
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage(
                    "the prefix has a '%' without two hexadecimal digits", "a literal '%' is written %25");
        }
    }
}
