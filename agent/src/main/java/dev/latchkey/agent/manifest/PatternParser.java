package dev.latchkey.agent.manifest;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.manifest.PatternTree.Place.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Takes a regular expression apart: of what {@code java.util.regex} has, all that can be matched in one pass. SECURITY: whatever it does not know it
 * refuses, so that no expression is taken for another one.
 */
final class PatternParser {
    private static final int DEEPEST = 32;
    private static final int NONE = -1;
    private static final String KNOWN =
            "patterns have alternatives, groups, classes, repetitions, (?i) and (?s), as java.util.regex has them";

    private final String text;
    private int at;
    private int depth;
    private boolean folds;
    private boolean dotIsAny;

    private PatternParser(String text) {
        this.text = text;
    }

    /**
     * @throws AgentException that says what is wrong, with a hint, behind the words "check.pattern"
     */
    static PatternTree parse(String text) {
        PatternParser parser = new PatternParser(text);
        PatternTree tree = parser.choice();
        if (parser.more()) {
            throw parser.no("a ')' that closes nothing");
        }
        return tree;
    }

    private PatternTree choice() {
        List<PatternTree> branches = new ArrayList<>(List.of(sequence()));
        while (takes("|")) {
            branches.add(sequence());
        }
        return branches.size() == 1 ? branches.getFirst() : new PatternTree.Choice(branches);
    }

    private PatternTree sequence() {
        List<PatternTree> parts = new ArrayList<>();
        while (more() && !sees("|") && !sees(")")) {
            if (takes("\\Q")) {
                quoted(parts);
            } else {
                parts.add(atom());
            }
            if (!parts.isEmpty()) {
                parts.add(repeated(parts.removeLast()));
            }
        }
        return parts.size() == 1 ? parts.getFirst() : new PatternTree.Sequence(parts);
    }

    private void quoted(List<PatternTree> parts) {
        int end = text.indexOf("\\E", at);
        text.substring(at, end < 0 ? text.length() : end).codePoints().forEach(c -> parts.add(one(c)));
        at = end < 0 ? text.length() : end + 2;
    }

    private PatternTree atom() {
        int c = next();
        return switch (c) {
            case '(' -> group();
            case '[' -> new PatternTree.One(set());
            case '.' ->
                new PatternTree.One(CharacterSet.of(dotIsAny ? _ -> true : other -> !CharacterSet.isLineEnd(other)));
            case '^' -> new PatternTree.Place(Kind.BEGIN);
            case '$' -> new PatternTree.Place(Kind.LAST_LINE_END);
            case '\\' -> escaped();
            case '*', '+', '?', '{' -> throw no("a repetition of nothing");
            default -> one(c);
        };
    }

    private PatternTree one(int c) {
        return new PatternTree.One(CharacterSet.range(c, c, folds));
    }

    private PatternTree repeated(PatternTree part) {
        PatternTree.Repeat repeat;
        if (takes("*")) {
            repeat = new PatternTree.Repeat(part, 0, PatternTree.FOREVER);
        } else if (takes("+")) {
            repeat = new PatternTree.Repeat(part, 1, PatternTree.FOREVER);
        } else if (takes("?")) {
            repeat = new PatternTree.Repeat(part, 0, 1);
        } else if (takes("{")) {
            repeat = counted(part);
        } else {
            return part;
        }
        if (takes("+")) {
            throw unknown("a possessive repetition");
        }
        // Whether it takes much or little at first changes nothing of what matches as a whole.
        takes("?");
        return repeat;
    }

    private PatternTree.Repeat counted(PatternTree part) {
        int least = number();
        int most = least;
        if (takes(",")) {
            most = sees("}") ? PatternTree.FOREVER : number();
        }
        if (!takes("}") || (most != PatternTree.FOREVER && most < least)) {
            throw no("a repetition that is none");
        }
        return new PatternTree.Repeat(part, least, most);
    }

    private int number() {
        int begin = at;
        while (more() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        if (at == begin) {
            throw no("a repetition without a number");
        }
        // Longer ones are more than any program has instructions.
        return at - begin > 6 ? 1_000_000 : Integer.parseInt(text.substring(begin, at));
    }

    /** What is said in a group of its case and its dots ends with it. */
    private PatternTree group() {
        if (++depth > DEEPEST) {
            throw no("groups nested more than " + DEEPEST + " deep");
        }
        boolean foldsOutside = folds;
        boolean dotOutside = dotIsAny;
        if (takes("?") && !takes(":") && !named() && flags()) {
            depth--;
            return PatternTree.Sequence.EMPTY;
        }
        PatternTree tree = choice();
        if (!takes(")")) {
            throw no("a '(' that nothing closes");
        }
        folds = foldsOutside;
        dotIsAny = dotOutside;
        depth--;
        return tree;
    }

    private boolean named() {
        boolean name = sees("<") && !sees("<=") && !sees("<!");
        if (name) {
            int end = text.indexOf('>', at);
            if (end < 0) {
                throw no("a group whose name does not end");
            }
            at = end + 1;
        }
        return name;
    }

    /** Whether they are all there is in the group, so that they count for what follows. */
    private boolean flags() {
        boolean on = true;
        while (more()) {
            switch (next()) {
                case 'i' -> folds = on;
                case 's' -> dotIsAny = on;
                case '-' -> on = false;
                case ')' -> {
                    return true;
                }
                case ':' -> {
                    return false;
                }
                default -> throw unknown("a lookaround, an atomic group or another kind of '(?'");
            }
        }
        throw no("a '(' that nothing closes");
    }

    private PatternTree escaped() {
        Optional<Kind> place = place();
        if (place.isPresent()) {
            return new PatternTree.Place(place.get());
        }
        Optional<CharacterSet> set = escapedSet();
        return set.isPresent() ? new PatternTree.One(set.get()) : one(escapedCharacter());
    }

    private Optional<Kind> place() {
        Optional<Kind> kind = switch (peek()) {
            case 'A' -> Optional.of(Kind.BEGIN);
            case 'z' -> Optional.of(Kind.END);
            case 'Z' -> Optional.of(Kind.LAST_LINE_END);
            case 'b' -> Optional.of(Kind.WORD_EDGE);
            case 'B' -> Optional.of(Kind.NO_WORD_EDGE);
            default -> Optional.empty();
        };
        if (kind.isPresent()) {
            at++;
        }
        return kind;
    }

    private Optional<CharacterSet> escapedSet() {
        int letter = peek();
        if (letter == 'p' || letter == 'P') {
            at++;
            CharacterSet set = property();
            return Optional.of(letter == 'p' ? set : set.others());
        }
        Optional<CharacterSet> set = CharacterSet.ofEscape(letter);
        if (set.isPresent()) {
            at++;
        }
        return set;
    }

    private CharacterSet property() {
        int end = sees("{") ? text.indexOf('}', at) : NONE;
        String name = end < 0 ? Character.toString(next()) : text.substring(at + 1, end);
        at = end < 0 ? at : end + 1;
        return CharacterSet.ofProperty(name).orElseThrow(() -> unknown("a property of characters that is not known"));
    }

    private int escapedCharacter() {
        int c = next();
        return switch (c) {
            case 't' -> '\t';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 'f' -> '\f';
            case 'e' -> 0x1B;
            case 'x' -> takes("{") ? hexadecimal(text.indexOf('}', at), 1) : hexadecimal(at + 2, 0);
            case 'u' -> hexadecimal(at + 4, 0);
            case 'k', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> throw unknown("a reference back to a group");
            default -> {
                if (Character.isLetterOrDigit(c)) {
                    throw unknown("an escape that is not known");
                }
                yield c;
            }
        };
    }

    private int hexadecimal(int end, int behind) {
        try {
            int c = end > at && end <= text.length() && end - at <= 6
                    ? Integer.parseUnsignedInt(text, at, end, 16)
                    : NONE;
            at = end + behind;
            if (Character.isValidCodePoint(c) && (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE)) {
                return c;
            }
        } catch (NumberFormatException notHexadecimal) {
            throw no("an escape that names no character");
        }
        throw no("an escape that names no character");
    }

    private CharacterSet set() {
        boolean others = takes("^");
        List<CharacterSet> items = new ArrayList<>();
        if (sees("]")) {
            throw unknown("a class that begins with ']'");
        }
        while (!takes("]")) {
            items.add(item());
        }
        CharacterSet all = CharacterSet.anyOf(items);
        return others ? all.others() : all;
    }

    private CharacterSet item() {
        if (sees("&&") || sees("[")) {
            throw unknown("a class within a class");
        }
        int first = next();
        if (first == '\\') {
            Optional<CharacterSet> set = escapedSet();
            if (set.isPresent()) {
                return set.get();
            }
            first = escapedCharacter();
        }
        if (!sees("-") || sees("-]")) {
            return CharacterSet.range(first, first, folds);
        }
        at++;
        if (sees("[") || sees("&&")) {
            throw unknown("a class within a class");
        }
        int last = next();
        last = last == '\\' ? escapedCharacter() : last;
        if (last < first) {
            throw no("a range that ends before it begins");
        }
        return CharacterSet.range(first, last, folds);
    }

    private boolean more() {
        return at < text.length();
    }

    private boolean sees(String expected) {
        return text.startsWith(expected, at);
    }

    private boolean takes(String expected) {
        boolean there = sees(expected);
        at += there ? expected.length() : 0;
        return there;
    }

    private int peek() {
        return more() ? text.codePointAt(at) : NONE;
    }

    private int next() {
        if (!more()) {
            throw no("no end");
        }
        int c = text.codePointAt(at);
        at += Character.charCount(c);
        return c;
    }

    private AgentException no(String what) {
        return new AgentException(
                FailureKind.BAD_DOCUMENT, "is not a regular expression: it has " + what + " at character " + at, KNOWN);
    }

    private AgentException unknown(String what) {
        return new AgentException(
                FailureKind.BAD_DOCUMENT, "has " + what + " at character " + at + ", which is not supported", KNOWN);
    }
}
