package dev.latchkey.agent.injection;

import dev.latchkey.agent.manifest.Manifest;
import dev.latchkey.agent.reference.Template.Piece;
import dev.latchkey.agent.yaml.Position;

/**
 * Where the pieces of one text stand in their document. SECURITY: they are asked for in their order and each character is looked at once, for a
 * line may have many pieces.
 */
final class Places {
    private final CharSequence source;
    private final boolean verbatim;
    private int index;
    private int line;
    private int column;

    /**
     * @param verbatim characters stand one behind the other; else all of them stand where the text begins
     */
    Places(CharSequence source, Position begin, boolean verbatim) {
        this.source = source;
        this.verbatim = verbatim;
        this.line = begin.line();
        this.column = begin.column();
    }

    /** Of a document that is one text. */
    static Places of(String source) {
        return new Places(source, Position.START, true);
    }

    /** Of a variable of a document. */
    static Places of(Manifest.Variable variable) {
        Manifest.Text text = variable.text();
        return new Places(text.source(), text.begin(), text.verbatim());
    }

    /** Where that piece stands; of a literal, where the text went on to be looked at. */
    Position place(Piece piece) {
        return switch (piece) {
            case Piece.Literal _ -> new Position(line, column);
            case Piece.Secret secret -> at(secret.at());
            case Piece.Variable variable -> at(variable.at());
            case Piece.File file -> at(file.at());
            case Piece.Named named -> at(named.at());
            case Piece.Unfinished unfinished -> at(unfinished.at());
            case Piece.Unknown unknown -> at(unknown.at());
        };
    }

    private Position at(int to) {
        while (verbatim && index < to) {
            int character = Character.codePointAt(source, index);
            index += Character.charCount(character);
            line += character == '\n' ? 1 : 0;
            column = character == '\n' ? 1 : column + 1;
        }
        return new Position(line, column);
    }
}
