package dev.latchkey.agent.manifest;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * Some of all characters.
 *
 * @param cost how many questions {@code has} asks at most
 */
record CharacterSet(IntPredicate has, int cost) {
    private static final Map<String, IntPredicate> NAMED = Map.ofEntries(
            Map.entry("Lower", c -> c >= 'a' && c <= 'z'),
            Map.entry("Upper", c -> c >= 'A' && c <= 'Z'),
            Map.entry("ASCII", c -> c < 0x80),
            Map.entry("Alpha", CharacterSet::isLetter),
            Map.entry("Digit", CharacterSet::isDigit),
            Map.entry("Alnum", c -> isLetter(c) || isDigit(c)),
            Map.entry("Punct", c -> c > ' ' && c < 0x7F && !isLetter(c) && !isDigit(c)),
            Map.entry("Graph", c -> c > ' ' && c < 0x7F),
            Map.entry("Print", c -> c >= ' ' && c < 0x7F),
            Map.entry("XDigit", c -> Character.digit(c, 16) >= 0 && c < 0x80),
            Map.entry("Space", CharacterSet::isSpace),
            Map.entry("L", Character::isLetter),
            Map.entry("Lu", c -> Character.getType(c) == Character.UPPERCASE_LETTER),
            Map.entry("Ll", c -> Character.getType(c) == Character.LOWERCASE_LETTER),
            Map.entry("Nd", Character::isDigit),
            Map.entry("IsAlphabetic", Character::isAlphabetic),
            Map.entry("IsLetter", Character::isLetter),
            Map.entry("IsDigit", Character::isDigit));

    static CharacterSet of(IntPredicate has) {
        return new CharacterSet(has, 1);
    }

    /**
     * @param folds letters of ASCII count in either case
     */
    static CharacterSet range(int first, int last, boolean folds) {
        IntPredicate within = c -> c >= first && c <= last;
        return of(folds ? c -> within.test(c) || (isLetter(c) && within.test(c ^ 0x20)) : within);
    }

    static CharacterSet anyOf(List<CharacterSet> sets) {
        int cost = sets.stream().mapToInt(CharacterSet::cost).sum();
        return new CharacterSet(
                c -> {
                    for (CharacterSet set : sets) {
                        if (set.has(c)) {
                            return true;
                        }
                    }
                    return false;
                },
                cost);
    }

    /** Those that the letter of an escape means; absent if it means none. */
    static Optional<CharacterSet> ofEscape(int letter) {
        return switch (letter) {
            case 'd' -> Optional.of(of(CharacterSet::isDigit));
            case 'w' -> Optional.of(of(CharacterSet::isWord));
            case 's' -> Optional.of(of(CharacterSet::isSpace));
            case 'D' -> ofEscape('d').map(CharacterSet::others);
            case 'W' -> ofEscape('w').map(CharacterSet::others);
            case 'S' -> ofEscape('s').map(CharacterSet::others);
            default -> Optional.empty();
        };
    }

    static Optional<CharacterSet> ofProperty(String name) {
        return Optional.ofNullable(NAMED.get(name)).map(CharacterSet::of);
    }

    boolean has(int character) {
        return has.test(character);
    }

    CharacterSet others() {
        return new CharacterSet(has.negate(), cost);
    }

    static boolean isLineEnd(int c) {
        return c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
    }

    static boolean isWord(int c) {
        return isLetter(c) || isDigit(c) || c == '_';
    }

    private static boolean isLetter(int c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isSpace(int c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
    }
}
