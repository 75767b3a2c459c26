package dev.latchkey.agent.reference;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.secret.SecretReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Parses one reference. The code reads in the order in which errors are looked for. */
public final class ReferenceParser {
    private static final String ARN = "arn:";
    private static final String ARN_PROVIDER = "aws";

    private final Part text;

    private ReferenceParser(String reference) {
        this.text = Part.whole(reference);
    }

    /**
     * Takes the text apart.
     *
     * @throws AgentException of kind {@code BAD_REFERENCE}, with the column of the first thing that is wrong
     */
    public static SecretReference parse(String reference) {
        return new ReferenceParser(reference).parsed();
    }

    /** What of a reference may be shown: all that stands before its options. */
    public static String shown(String reference) {
        int comma = reference.indexOf(',');
        return comma < 0 ? reference : reference.substring(0, comma);
    }

    private SecretReference parsed() {
        int comma = text.find(',');
        Options options = comma < 0 ? Options.NONE : Options.parse(text.from(comma + 1));
        Part head = comma < 0 ? text : text.until(comma);
        int at = head.findOnly('@');
        int hash = head.findOnly('#');
        if (at >= 0 && hash > at) {
            throw head.badAt(hash, "'#' after '@'");
        }
        Part base = at < 0 ? head : head.until(at);
        Part source = hash < 0 ? base : base.until(hash);
        Optional<String> provider = provider(source);
        String path = path(source).decoded("the path");
        List<String> field = hash < 0 ? List.of() : segments(base.from(hash + 1));
        Optional<String> version =
                at < 0 ? Optional.empty() : Optional.of(head.from(at + 1).decoded("the version"));
        return new SecretReference(
                provider, path, field, version, options.absence(), options.decode(), options.encode());
    }

    private static Optional<String> provider(Part source) {
        if (source.startsWith(ARN)) {
            return Optional.of(ARN_PROVIDER);
        }
        int colon = source.find(':');
        if (colon < 0) {
            return Optional.empty();
        }
        String name = source.until(colon).raw();
        if (!isProviderName(name)) {
            throw source.badAt(0, "not the name of a provider before ':'");
        }
        return Optional.of(name);
    }

    private static Part path(Part source) {
        return source.startsWith(ARN) ? source : source.from(source.find(':') + 1);
    }

    private static List<String> segments(Part field) {
        List<String> segments = new ArrayList<>();
        Part rest = field;
        for (int dot = rest.find('.'); dot >= 0; dot = rest.find('.')) {
            segments.add(rest.until(dot).decoded("a part of the field"));
            rest = rest.from(dot + 1);
        }
        segments.add(rest.decoded("a part of the field"));
        return segments;
    }

    private static boolean isProviderName(String name) {
        return !name.isEmpty()
                && isLower(name.charAt(0))
                && name.chars().allMatch(c -> isLower(c) || (c >= '0' && c <= '9') || c == '-');
    }

    private static boolean isLower(int c) {
        return c >= 'a' && c <= 'z';
    }
}
