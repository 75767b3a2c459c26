package dev.latchkey.agent.provider.documents;

import dev.latchkey.agent.backend.file.OperatorsFile;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.json.JsonDocument;
import dev.latchkey.agent.provider.documents.DocumentsProvider.Surroundings;
import dev.latchkey.agent.reference.ReferenceParser;
import dev.latchkey.agent.reference.Template;
import dev.latchkey.agent.reference.Template.Piece;
import dev.latchkey.agent.secret.FoundSecret;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretReference;
import dev.latchkey.agent.secret.SecretValue;
import dev.latchkey.agent.yaml.Node;
import dev.latchkey.agent.yaml.Position;
import dev.latchkey.agent.yaml.Problems;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Makes one value of one entry. Everything in it that cannot be resolved is told at once, with line and column. */
final class EntryResolver {
    /** How many entries may lead to one another. */
    private static final int DEEPEST = 32;
    /** How often entries may stand in one another, all together. */
    private static final int MOST = 1_000;

    private final Path file;
    private final Map<String, Node> entries;
    private final Surroundings surroundings;
    private final Set<String> underWay = new LinkedHashSet<>();
    private final List<String> problems = new ArrayList<>();
    private boolean onlyMissing = true;
    private int entered;

    EntryResolver(Path file, Map<String, Node> entries, Surroundings surroundings) {
        this.file = file;
        this.entries = entries;
        this.surroundings = surroundings;
    }

    /** Absent, with problems, if something in it cannot be resolved; the receiver's to close. */
    Optional<SecretValue> resolve(String name) {
        return octets(name).filter(this::fits).map(SecretValue::owning);
    }

    /** Why there is no value. What is only missing is no failure of the file. */
    Failure failure() {
        return Failure.of(
                onlyMissing ? FailureKind.NO_VALUE : FailureKind.PROVIDER_MALFORMED,
                file + ":" + String.join("; ", problems));
    }

    private boolean fits(byte[] octets) {
        if (octets.length > SecretValue.MAX_BYTES) {
            Arrays.fill(octets, (byte) 0);
            throw new AgentException(FailureKind.PROVIDER_MALFORMED, "the entry becomes more than 1 MiB");
        }
        return true;
    }

    private Optional<byte[]> octets(String name) {
        return switch (entries.get(name)) {
            case Node.Scalar scalar -> octets(name, scalar);
            case Node.Empty _ -> Optional.of(new byte[0]);
            case null -> throw new IllegalStateException("an entry that is not there");
            case Node other -> refuse(other.at(), "an entry is a single value, not " + other.words());
        };
    }

    private Optional<byte[]> octets(String name, Node.Scalar scalar) {
        if (!underWay.add(name) || underWay.size() > DEEPEST || ++entered > MOST) {
            return refuse(scalar.at(), "the entry leads back to itself: " + String.join(", ", underWay));
        }
        List<byte[]> parts = new ArrayList<>();
        boolean whole = true;
        for (Piece piece : Template.parse(scalar.text()).pieces()) {
            Optional<byte[]> part = octets(piece, scalar);
            part.ifPresent(parts::add);
            whole &= part.isPresent();
        }
        underWay.remove(name);
        byte[] all = joined(parts);
        if (!whole) {
            Arrays.fill(all, (byte) 0);
        }
        return whole ? Optional.of(all) : Optional.empty();
    }

    /** The parts are wiped. */
    private static byte[] joined(List<byte[]> parts) {
        byte[] all = new byte[parts.stream().mapToInt(part -> part.length).sum()];
        int length = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, length, part.length);
            length += part.length;
            Arrays.fill(part, (byte) 0);
        }
        return all;
    }

    private Optional<byte[]> octets(Piece piece, Node.Scalar scalar) {
        return switch (piece) {
            case Piece.Literal(String text) -> Optional.of(utf8(text));
            case Piece.Secret(String reference, int at) -> secret(place(scalar, at), reference);
            case Piece.File(String path, int at) -> content(place(scalar, at), path);
            case Piece.Variable(String name, int at) -> variable(place(scalar, at), name, Optional.empty());
            case Piece.Named(String name, Optional<String> otherwise, int at) -> named(scalar, name, otherwise, at);
            case Piece.Unfinished(int at) -> refuse(place(scalar, at), "a '${' without its '}'");
            case Piece.Unknown(String _, int at) -> refuse(place(scalar, at), "not a reference");
        };
    }

    private Optional<byte[]> named(Node.Scalar scalar, String name, Optional<String> otherwise, int at) {
        if (!entries.containsKey(name)) {
            return variable(place(scalar, at), name, otherwise);
        }
        Optional<byte[]> value = octets(name);
        return value.filter(octets -> octets.length == 0).isPresent() && otherwise.isPresent()
                ? otherwise.map(EntryResolver::utf8)
                : value;
    }

    private Optional<byte[]> variable(Position at, String name, Optional<String> otherwise) {
        Optional<String> value = Optional.ofNullable(surroundings.environment().get(name))
                .filter(text -> otherwise.isEmpty() || !text.isEmpty())
                .or(() -> otherwise);
        return value.isPresent()
                ? value.map(EntryResolver::utf8)
                : missing(at, "the variable " + name + " of the agent is not set");
    }

    /** Without one final newline. */
    private Optional<byte[]> content(Position at, String path) {
        try {
            byte[] content =
                    OperatorsFile.read(file.resolveSibling(atHome(path))).content();
            int length = content.length;
            boolean newline = length > 0 && content[length - 1] == '\n';
            if (!newline) {
                return Optional.of(content);
            }
            byte[] shorter = Arrays.copyOf(content, length - 1);
            Arrays.fill(content, (byte) 0);
            return Optional.of(shorter);
        } catch (AgentException e) {
            return refuse(at, e.failure().message());
        } catch (InvalidPathException e) {
            return refuse(at, "not a path");
        }
    }

    private String atHome(String path) {
        String home = surroundings.environment().get("HOME");
        return path.startsWith("~/") && home != null ? home + path.substring(1) : path;
    }

    private Optional<byte[]> secret(Position at, String text) {
        try {
            SecretReference reference = ReferenceParser.parse(text);
            if (!isPlain(reference)) {
                return refuse(at, "only a secret of the store can stand here, with a field or version but no option");
            }
            SecretLocation location = surroundings.store().locate(reference, surroundings.defaults());
            return switch (surroundings.store().find(location, reference.version())) {
                case Lookup.Absent(Failure failure, var _) -> missing(at, location.path() + ": " + failure.message());
                case Lookup.Found(FoundSecret secret) -> opened(at, location, secret, reference.field());
            };
        } catch (AgentException e) {
            return refuse(at, e.failure().message());
        }
    }

    private boolean isPlain(SecretReference reference) {
        return reference
                        .provider()
                        .filter(name -> !name.equals(surroundings.store().name()))
                        .isEmpty()
                && reference.decode().isEmpty()
                && reference.encode().isEmpty()
                && reference.absence() instanceof SecretReference.Absence.Fails;
    }

    /** SECURITY: who may have the entry is decided without the scopes of what is in it. */
    private Optional<byte[]> opened(Position at, SecretLocation location, FoundSecret secret, List<String> field) {
        try (secret) {
            if (!secret.scopes().isEmpty()) {
                return refuse(at, location.path() + " has scopes, and so does not resolve in a document");
            }
            try (SecretValue value = secret.open()) {
                return Optional.of(
                        value.<byte[]>leak(octets -> field.isEmpty() ? octets.clone() : picked(octets, field)));
            }
        }
    }

    private static byte[] picked(byte[] octets, List<String> field) {
        try (SecretValue value = JsonDocument.pick(octets, field)) {
            return value.leak(byte[]::clone);
        }
    }

    private static Position place(Node.Scalar scalar, int index) {
        int characters = scalar.text().codePointCount(0, index);
        return scalar.textAt().map(start -> start.plus(characters)).orElse(scalar.at());
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private Optional<byte[]> missing(Position at, String message) {
        problems.add(at.line() + ":" + at.column() + ": " + Problems.printable(message));
        return Optional.empty();
    }

    private Optional<byte[]> refuse(Position at, String message) {
        onlyMissing = false;
        return missing(at, message);
    }
}
