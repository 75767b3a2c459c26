package dev.latchkey.agent.injection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.reference.Template;
import dev.latchkey.agent.yaml.Position;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlacesTest {
    @Test
    void countsLinesAndCharactersFromOne() {
        String text = "a${b}\n\uD83D\uDE00€${c}${d}\n\n${e";
        assertEquals(
                List.of(new Position(1, 2), new Position(2, 3), new Position(2, 7), new Position(4, 1)),
                references(text, new Places(text, Position.START, true)));
    }

    @Test
    void aTextStandsWhereItBegins() {
        String text = "x${a} y${b}";
        Position begin = new Position(7, 5);
        assertEquals(List.of(new Position(7, 6), new Position(7, 12)), references(text, new Places(text, begin, true)));
        assertEquals(List.of(begin, begin), references(text, new Places(text, begin, false)));
    }

    /** One line of 65,000 references took a carrier for seconds. */
    @Test
    void looksAtEachCharacterOnce() {
        String text = "€" + "${a}".repeat(1_000);
        Counted counted = new Counted(text);
        assertEquals(
                new Position(1, 3_998),
                references(text, new Places(counted, Position.START, true)).getLast());
        assertTrue(counted.looks <= 2 * text.length(), counted.looks + " looks at " + text.length() + " characters");
    }

    private static List<Position> references(String text, Places places) {
        return Template.parse(text).pieces().stream()
                .filter(piece -> !(piece instanceof Template.Piece.Literal))
                .map(places::place)
                .toList();
    }

    private static final class Counted implements CharSequence {
        private final String text;
        private int looks;

        Counted(String text) {
            this.text = text;
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            looks++;
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int from, int to) {
            throw new IllegalStateException("nothing is copied");
        }
    }
}
