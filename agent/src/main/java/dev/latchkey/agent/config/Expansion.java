package dev.latchkey.agent.config;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.reference.ReferenceParser;
import dev.latchkey.agent.reference.Template;
import dev.latchkey.agent.reference.Template.Piece;
import dev.latchkey.agent.secret.SecretReference;
import dev.latchkey.agent.yaml.Located;
import dev.latchkey.agent.yaml.Node;
import dev.latchkey.agent.yaml.Position;
import dev.latchkey.agent.yaml.Problems;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Replaces the {@code ${…}} of values in one pass: what a reference became is never looked at again, and everything that cannot be
 * resolved is reported at its own column.
 *
 * <p>SECURITY: what a reference became never stands in a message.
 */
final class Expansion {
    /** All references of one file together, in characters. */
    static final int MAX_TOTAL = 1024 * 1024;

    static final int MAX_FILE = 64 * 1024;

    private static final String STORE_HINT =
            "${secret:NAME} or ${secret:PROJECT/ENVIRONMENT/NAME}, as `agent secret put` made it";

    private final Map<String, String> environment;
    private final ConfigSecrets secrets;
    private final Path folder;
    private final Problems problems;
    private final Optional<Elsewhere> elsewhere;
    private final Map<Position, String> written = new HashMap<>();
    private int total;

    /**
     * @param folder where relative paths of {@code ${file:…}} begin
     */
    Expansion(Host host, ConfigSecrets secrets, Path folder, Problems problems) {
        this.secrets = secrets;
        this.environment = host.environment();
        this.elsewhere = host.elsewhere();
        this.folder = folder;
        this.problems = problems;
    }

    /** The value; absent, with problems added, if a reference in it cannot be resolved. */
    Optional<String> expand(Node.Scalar scalar) {
        String text = scalar.text();
        if (!text.contains("${")) {
            return Optional.of(text);
        }
        written.put(scalar.at(), text);
        StringBuilder out = new StringBuilder(text.length());
        boolean whole = true;
        for (Piece piece : Template.parse(text).pieces()) {
            Optional<String> value = value(piece, scalar);
            whole &= value.isPresent();
            value.ifPresent(out::append);
        }
        return whole ? Optional.of(out.toString()) : Optional.empty();
    }

    private Optional<String> value(Piece piece, Node.Scalar scalar) {
        return switch (piece) {
            case Piece.Literal(String text) -> Optional.of(text);
            case Piece.Secret(String reference, int at) -> secret(column(scalar, at), reference);
            case Piece.File(String path, int at) -> within(column(scalar, at), file(column(scalar, at), path));
            case Piece.Variable(String name, int at) -> within(column(scalar, at), variable(column(scalar, at), name));
            case Piece.Named(String name, Optional<String> otherwise, int at) ->
                within(column(scalar, at), named(column(scalar, at), name, otherwise));
            case Piece.Unfinished(int at) ->
                refuse(column(scalar, at), "a '${' without its '}'", "write $${ for a literal '${'");
            case Piece.Unknown(String body, int at) -> notAReference(column(scalar, at), body);
        };
    }

    /** SECURITY: what stands in for a secret that is not known yet is no secret, and the configuration that has it is never put in force. */
    private Optional<String> secret(Position at, String text) {
        try {
            SecretReference reference = ReferenceParser.parse(text);
            if (reference.provider().isPresent()) {
                return refuse(at, "only a secret of the embedded store can stand in this file", STORE_HINT);
            }
            return switch (secrets.find(reference)) {
                case ConfigSecrets.Found.Value(String value) -> within(at, Optional.of(value));
                case ConfigSecrets.Found.Missing(String message) -> refuse(at, message, STORE_HINT);
                case ConfigSecrets.Found.Later() -> Optional.of(Elsewhere.UNKNOWN);
            };
        } catch (AgentException bad) {
            return refuse(at, bad.failure().message(), STORE_HINT);
        }
    }

    /** Where relative paths begin. */
    Path folder() {
        return folder;
    }

    /** A value as the file says it, before its references were replaced. */
    String asWritten(Located<String> value) {
        return written.getOrDefault(value.at(), value.value());
    }

    static Position column(Node.Scalar scalar, int index) {
        int characters = scalar.text().codePointCount(0, index);
        return scalar.textAt().map(start -> start.plus(characters)).orElse(scalar.at());
    }

    private Optional<String> named(Position at, String name, Optional<String> otherwise) {
        return otherwise.isEmpty()
                ? variable(at, name)
                : Optional.of(Optional.ofNullable(environment.get(name))
                        .filter(v -> !v.isEmpty())
                        .orElse(otherwise.get()));
    }

    private Optional<String> variable(Position at, String name) {
        Optional<String> value = Optional.ofNullable(environment.get(name));
        return value.or(() -> standIn("the variable " + Problems.plain(name)))
                .or(() -> refuse(
                        at,
                        "the variable " + Problems.plain(name) + " is not set",
                        "set it, or give a default: ${" + Problems.plain(name) + ":-TEXT}"));
    }

    private Optional<String> standIn(String what) {
        return elsewhere.flatMap(machine -> machine.unknown(what));
    }

    private Optional<String> file(Position at, String name) {
        try {
            Path path = folder.resolve(Path.of(name));
            if (name.isEmpty() || !Files.isRegularFile(path)) {
                return standIn("the file " + Problems.quote(name))
                        .or(() -> refuse(
                                at,
                                "there is no regular file " + Problems.quote(name),
                                "${file:PATH} reads one text file"));
            }
            return content(at, path);
        } catch (InvalidPathException e) {
            return notAReference(at, "file:" + name);
        }
    }

    private Optional<String> content(Position at, Path path) {
        String which = "the file " + Problems.printable(path.toString());
        try (InputStream in = Files.newInputStream(path)) {
            byte[] bytes = in.readNBytes(MAX_FILE + 1);
            if (bytes.length > MAX_FILE) {
                return refuse(at, which + " is over 64 KiB", "${file:PATH} reads one small text file");
            }
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return Optional.of(text.endsWith("\n") ? text.substring(0, text.length() - 1) : text);
        } catch (CharacterCodingException e) {
            return refuse(at, which + " is not UTF-8", "${file:PATH} reads one text file");
        } catch (IOException e) {
            return standIn(which)
                    .or(() -> refuse(at, which + " cannot be read", "the agent's user must be able to read it"));
        }
    }

    private Optional<String> within(Position at, Optional<String> value) {
        total = Math.addExact(total, value.map(String::length).orElse(0));
        return total <= MAX_TOTAL
                ? value
                : refuse(at, "the references of this file become more than 1 MiB", "refer to smaller files");
    }

    private Optional<String> notAReference(Position at, String body) {
        return refuse(
                at,
                "not a reference: " + Problems.quote("${" + body + "}"),
                "references are ${NAME}, ${NAME:-TEXT}, ${env:NAME}, ${file:PATH} and ${secret:NAME}; $${ is a literal '${'");
    }

    private Optional<String> refuse(Position at, String message, String hint) {
        problems.add(at, message, hint);
        return Optional.empty();
    }
}
