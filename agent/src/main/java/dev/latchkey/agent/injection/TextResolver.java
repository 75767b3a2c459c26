package dev.latchkey.agent.injection;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.injection.ComposedRequest.Document;
import dev.latchkey.agent.injection.ComposedRequest.Given;
import dev.latchkey.agent.injection.ComposedRequest.GivenFile;
import dev.latchkey.agent.injection.InjectionResult.Wanted;
import dev.latchkey.agent.injection.LaunchRequest.RequestedBinding;
import dev.latchkey.agent.injection.Output.Part;
import dev.latchkey.agent.reference.ReferenceParser;
import dev.latchkey.agent.reference.Template.Piece;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.yaml.Position;
import dev.latchkey.agent.yaml.Problems;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Says what the pieces of one document's texts are made of: fixed bytes and secrets. What only the client has and did not give yet is wanted.
 *
 * <p>SECURITY: what a variable or a file holds becomes bytes of the output and nothing else; it is never taken apart, and stands in no message.
 */
final class TextResolver {
    private static final String FORMS =
            "references are ${secret:REF}, ${NAME}, ${NAME:-TEXT}, ${env:NAME} and ${file:PATH}; $${ is a literal '${'";
    private static final int LONGEST_NAME = 1_024;
    private static final int LONGEST_PATH = 4_095;
    private static final Part NOTHING = new Part.Fixed(new byte[0]);

    private final int index;
    private final Document document;
    private final Map<String, String> literals;
    private final Map<String, Part> texts = new HashMap<>();
    private final Given given;
    private final Problems problems;
    private final Set<Wanted> variables = new LinkedHashSet<>();
    private final Set<Wanted> files = new LinkedHashSet<>();

    /**
     * @param index of the document in the request
     */
    TextResolver(int index, Document document, Map<String, String> literals, Given given, Problems problems) {
        this.index = index;
        this.document = document;
        this.literals = literals;
        this.given = given;
        this.problems = problems;
    }

    Set<Wanted> variables() {
        return variables;
    }

    Set<Wanted> files() {
        return files;
    }

    /**
     * @param target what the text is for
     * @param at where the piece stands
     */
    Part part(Piece piece, String target, Namespace namespace, Position at) {
        return switch (piece) {
            case Piece.Literal(String text) -> fixed(text);
            case Piece.Secret(String reference, int _) -> secret(reference, target, namespace, at);
            case Piece.Variable(String name, int _) -> variable(name, Optional.empty(), at);
            case Piece.Named(String name, Optional<String> otherwise, int _) -> named(name, otherwise, at);
            case Piece.File(String path, int _) -> file(path, at);
            case Piece.Unfinished(int _) -> refuse(at, "a '${' without its '}'", "write $${ for a literal '${'");
            case Piece.Unknown(String body, int _) ->
                refuse(at, "not a reference: " + Problems.quote("${" + body + "}"), FORMS);
        };
    }

    private static Part fixed(String text) {
        return new Part.Fixed(text.getBytes(StandardCharsets.UTF_8));
    }

    private Part secret(String reference, String target, Namespace namespace, Position at) {
        try {
            ReferenceParser.parse(reference);
            return new Part.Secret(
                    new RequestedBinding(target, reference, false), namespace, Optional.of(document.place(at)));
        } catch (AgentException bad) {
            return refuse(at, bad.failure().message(), FORMS);
        }
    }

    private Part named(String name, Optional<String> otherwise, Position at) {
        String literal = literals.get(name);
        if (literal == null) {
            return variable(name, otherwise, at);
        }
        // SECURITY: shared, for a short name can stand for a long text many times.
        return literal.isEmpty() ? fixed(otherwise.orElse("")) : texts.computeIfAbsent(literal, TextResolver::fixed);
    }

    private Part variable(String name, Optional<String> otherwise, Position at) {
        if (name.length() > LONGEST_NAME) {
            return refuse(at, "a name of more than " + LONGEST_NAME + " characters", FORMS);
        }
        Optional<byte[]> value = given.variables().get(new ComposedRequest.Key(index, name));
        if (value == null) {
            variables.add(new Wanted(index, name));
            return NOTHING;
        }
        if (value.isEmpty() && otherwise.isEmpty()) {
            return refuse(
                    at,
                    "the variable " + Problems.plain(name) + " is not set",
                    "set it, or give a default: ${" + Problems.plain(name) + ":-TEXT}");
        }
        byte[] bytes = value.orElse(new byte[0]);
        return bytes.length == 0 && otherwise.isPresent() ? fixed(otherwise.get()) : new Part.Fixed(bytes);
    }

    private Part file(String path, Position at) {
        boolean tooLong = path.getBytes(StandardCharsets.UTF_8).length > LONGEST_PATH;
        if (path.isEmpty() || tooLong || path.chars().anyMatch(c -> c < ' ' || c == 0x7F)) {
            return refuse(at, "not a path: " + Problems.quote(path), FORMS);
        }
        GivenFile file = given.files().get(new ComposedRequest.Key(index, path));
        if (file == null) {
            files.add(new Wanted(index, path));
            return NOTHING;
        }
        return file.content().isPresent()
                ? new Part.Fixed(withoutNewline(file.content().get()))
                : refuse(
                        at,
                        "the file " + Problems.quote(path) + " cannot be read: " + Problems.plain(file.reason()),
                        "the launcher opens it, with the rights of who runs it");
    }

    private static byte[] withoutNewline(byte[] bytes) {
        boolean ends = bytes.length > 0 && bytes[bytes.length - 1] == '\n';
        return ends ? Arrays.copyOf(bytes, bytes.length - 1) : bytes;
    }

    private Part refuse(Position at, String message, String hint) {
        problems.add(at, message, hint);
        return NOTHING;
    }
}
