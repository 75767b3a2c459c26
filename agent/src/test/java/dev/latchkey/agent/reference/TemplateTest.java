package dev.latchkey.agent.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.reference.Template.Piece;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class TemplateTest {
    private static List<Piece> pieces(String text) {
        return Template.parse(text).pieces();
    }

    @Test
    void takesEveryFormApart() {
        assertEquals(
                List.of(
                        new Piece.Literal("a"),
                        new Piece.Secret("db#user@2,default=x", 1),
                        new Piece.Variable("HOME", 30),
                        new Piece.File("/etc/x y", 41),
                        new Piece.Named("A", Optional.empty(), 57),
                        new Piece.Named("B_1", Optional.of(":-"), 61),
                        new Piece.Literal("z")),
                pieces("a${secret:db#user@2,default=x}${env:HOME}${file:/etc/x y}${A}${B_1:-:-}z"));
    }

    @Test
    void leavesWhatIsNoReference() {
        assertEquals(Optional.of("$ $a {b} $"), Template.parse("$ $a {b} $").literal());
        assertEquals(Optional.of(""), Template.parse("").literal());
        assertEquals(Optional.of("${A} $${B}"), Template.parse("$${A} $$${B}").literal());
    }

    @Test
    void endsAReferenceAtTheFirstBrace() {
        assertEquals(
                List.of(new Piece.Named("A", Optional.of("${B"), 0), new Piece.Literal("}")), pieces("${A:-${B}}"));
        assertEquals(List.of(new Piece.Secret("${x", 0), new Piece.Literal("}")), pieces("${secret:${x}}"));
    }

    @Test
    void knowsWhatIsUnfinishedOrUnknownAndWhere() {
        assertEquals(List.of(new Piece.Literal("ab"), new Piece.Unfinished(2)), pieces("ab${A"));
        assertEquals(List.of(new Piece.Unknown("", 0)), pieces("${}"));
        assertEquals(List.of(new Piece.Unknown("1A", 0)), pieces("${1A}"));
        assertEquals(List.of(new Piece.Unknown("env:a b", 0)), pieces("${env:a b}"));
        assertEquals(List.of(new Piece.Unknown("A:x", 0)), pieces("${A:x}"));
    }

    @Property(tries = 500)
    void anyTextIsTakenApartWithoutLoss(@ForAll("texts") String text) {
        assertEquals(text, written(Template.parse(text), text));
    }

    @Property(tries = 500)
    void literalsNeverMeetAndPlacesAscend(@ForAll("texts") String text) {
        int last = -1;
        boolean literal = false;
        for (Piece piece : pieces(text)) {
            assertFalse(literal && piece instanceof Piece.Literal, text);
            literal = piece instanceof Piece.Literal;
            int at = place(piece).orElse(last + 1);
            assertTrue(at > last || literal, text);
            last = Math.max(last, place(piece).orElse(last));
        }
    }

    @Property(tries = 300)
    void whatIsEscapedIsLiteral(@ForAll("texts") String text) {
        String doubled = text.replace("${", "$${");
        boolean ambiguous = text.contains("$${");
        assertTrue(ambiguous || Template.parse(doubled).literal().equals(Optional.of(text)), text);
    }

    @Property(tries = 300)
    void whatAReferenceBecameIsNotTakenApart(@ForAll("texts") String value) {
        Template template = Template.parse("<${A}>");
        String resolved = template.pieces().stream()
                .map(piece -> piece instanceof Piece.Literal(String text) ? text : value)
                .collect(Collectors.joining());
        assertEquals("<" + value + ">", resolved);
    }

    @Provide
    Arbitrary<String> texts() {
        Arbitrary<String> parts = Arbitraries.of(
                "$", "{", "}", "${", "$${", "secret:", "env:", "file:", "A", "_b", "1", ":-", " ", "\n", "ä", "\0",
                ",");
        return parts.list().ofMaxSize(24).map(list -> String.join("", list));
    }

    private static Optional<Integer> place(Piece piece) {
        return switch (piece) {
            case Piece.Literal _ -> Optional.empty();
            case Piece.Secret(String _, int at) -> Optional.of(at);
            case Piece.Variable(String _, int at) -> Optional.of(at);
            case Piece.File(String _, int at) -> Optional.of(at);
            case Piece.Named(String _, Optional<String> _, int at) -> Optional.of(at);
            case Piece.Unfinished(int at) -> Optional.of(at);
            case Piece.Unknown(String _, int at) -> Optional.of(at);
        };
    }

    /** Writes the pieces again; literals are looked up in the text, for an escape is no longer in them. */
    private static String written(Template template, String text) {
        StringBuilder out = new StringBuilder();
        for (Piece piece : template.pieces()) {
            place(piece).ifPresent(at -> assertEquals(at, out.length(), text));
            switch (piece) {
                case Piece.Literal(String literal) -> out.append(source(literal, text.substring(out.length())));
                case Piece.Secret(String reference, int _) ->
                    out.append("${secret:").append(reference).append('}');
                case Piece.Variable(String name, int _) ->
                    out.append("${env:").append(name).append('}');
                case Piece.File(String path, int _) ->
                    out.append("${file:").append(path).append('}');
                case Piece.Named(String name, Optional<String> otherwise, int _) ->
                    out.append("${")
                            .append(name)
                            .append(otherwise.map(o -> ":-" + o).orElse(""))
                            .append('}');
                case Piece.Unfinished(int at) -> out.append(text.substring(at));
                case Piece.Unknown(String body, int _) ->
                    out.append("${").append(body).append('}');
            }
        }
        return out.toString();
    }

    /** What the literal was written as: each of its <code>${</code> had another dollar. */
    private static String source(String literal, String rest) {
        String escaped = literal.replace("${", "$${");
        assertTrue(rest.startsWith(escaped), rest);
        return escaped;
    }
}
