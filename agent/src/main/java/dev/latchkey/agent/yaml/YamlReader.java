package dev.latchkey.agent.yaml;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLParser;

/**
 * Reads one YAML document into nodes with positions, from the parser's tokens: nothing is bound, no type is constructed.
 *
 * <p>SECURITY: size, nesting and the number of documents are bounded before anything is built from them; anchors, aliases and tags are
 * refused, so that no document can grow while it is read or say what class it wants to be.
 */
public final class YamlReader {
    public static final int MAX_BYTES = 256 * 1024;
    public static final int MAX_DEPTH = 16;

    /** Characters of what the parser says of a document, which can quote a piece of it. */
    private static final int LONGEST_FINDING = 200;

    /** The parser copies its buffer whenever that grows, so that a long scalar would cost the square of its length. */
    private static final YAMLFactory YAML = YAMLFactory.builder()
            .loadSettings(LoadSettings.builder()
                    .setBufferSize(MAX_BYTES)
                    .setAllowDuplicateKeys(true)
                    .build())
            .build();

    private static final Set<String> NULLS = Set.of("~", "null", "Null", "NULL");
    private static final String PLAIN_ONLY = "write the value out where it is needed";

    private final YAMLParser parser;
    private final int[] source;
    private final Problems problems;
    private @Nullable Position lastDecoration;

    private YamlReader(YAMLParser parser, String source, Problems problems) {
        this.parser = parser;
        this.source = source.codePoints().toArray();
        this.problems = problems;
    }

    /** The document; absent if it is empty or, with a problem added, cannot be read to its end. */
    public static Optional<Node> read(byte[] document, Problems problems) {
        if (document.length > MAX_BYTES) {
            problems.addToWhole("the file is over 256 KiB", "a configuration is at most 256 KiB");
            return Optional.empty();
        }
        return decode(document, problems).flatMap(source -> read(source, problems));
    }

    private static Optional<Node> read(String source, Problems problems) {
        try (YAMLParser parser = (YAMLParser) YAML.createParser(ObjectReadContext.empty(), source)) {
            return new YamlReader(parser, source, problems).document();
        } catch (Stop stop) {
            problems.add(stop.at, stop.reason);
        } catch (JacksonException e) {
            addSyntaxProblem(e, problems);
        }
        return Optional.empty();
    }

    private static Optional<String> decode(byte[] document, Problems problems) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(document))
                    .toString();
            return Optional.of(text.startsWith("\uFEFF") ? text.substring(1) : text);
        } catch (CharacterCodingException e) {
            problems.addToWhole("the file is not UTF-8", "save it as UTF-8");
            return Optional.empty();
        }
    }

    private Optional<Node> document() {
        JsonToken first = parser.nextToken();
        if (first == null) {
            return Optional.empty();
        }
        Node root = node(first, 0);
        if (parser.nextToken() != null) {
            problems.add(
                    position(),
                    "a second document begins here",
                    "a configuration is one document: remove the '---' line");
        }
        return Optional.of(root);
    }

    private Node node(JsonToken token, int depth) {
        Position at = position();
        if (depth > MAX_DEPTH) {
            throw new Stop(at, "nested more than " + MAX_DEPTH + " deep");
        }
        if (problems.full()) {
            throw new Stop(at, "too many problems to read on");
        }
        refuseDecoration(at);
        return switch (token) {
            case START_OBJECT -> mapping(at, depth);
            case START_ARRAY -> sequence(at, depth);
            case VALUE_NULL -> new Node.Empty(at);
            default -> scalar(at);
        };
    }

    private Node.Sequence sequence(Position at, int depth) {
        List<Node> items = new ArrayList<>();
        for (JsonToken token = next(); token != JsonToken.END_ARRAY; token = next()) {
            items.add(node(token, depth + 1));
        }
        return new Node.Sequence(items, at);
    }

    private Node.Mapping mapping(Position at, int depth) {
        Map<String, Position> taken = new HashMap<>();
        List<Node.Entry> entries = new ArrayList<>();
        for (JsonToken token = next(); token != JsonToken.END_OBJECT; token = next()) {
            String key = parser.currentName();
            Position keyAt = position();
            requireCharacters(keyAt, key);
            refuseDecoration(keyAt);
            Node value = node(next(), depth + 1);
            Position earlier = taken.putIfAbsent(key, keyAt);
            if (earlier == null) {
                entries.add(new Node.Entry(key, keyAt, value));
            } else {
                problems.add(
                        keyAt,
                        "duplicate key " + Problems.quote(key),
                        "it stands in line " + earlier.line() + " already");
            }
        }
        return new Node.Mapping(entries, at);
    }

    private Node scalar(Position at) {
        String text = parser.getString();
        requireCharacters(at, text);
        if (NULLS.contains(text) && standsHere(text)) {
            return new Node.Empty(at);
        }
        return new Node.Scalar(text, at, text.contains("${") ? textAt(at, text) : Optional.empty());
    }

    /** An escape can make half of a pair, which is no character and has no bytes. */
    private void requireCharacters(Position at, String text) {
        if (text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
            problems.add(at, "half of a surrogate pair", "write the character itself, or \\U and its eight digits");
        }
    }

    private Optional<Position> textAt(Position at, String text) {
        if (standsHere(text)) {
            return Optional.of(at);
        }
        boolean quoted = standsHere("\"" + text) || standsHere("'" + text);
        return quoted ? Optional.of(at.plus(1)) : Optional.empty();
    }

    private JsonToken next() {
        return Objects.requireNonNull(parser.nextToken(), "the parser ends its containers");
    }

    /**
     * An anchor or a tag begins its node, and its collection begins where its first key does, hence the last place. SECURITY: the
     * parser does not tell of all of them, so the text is asked as well; a plain value cannot begin like this.
     */
    private void refuseDecoration(Position at) {
        if (lastDecoration != null && at.isAt(lastDecoration)) {
            return;
        }
        int before = problems.count();
        if (parser.isCurrentAlias()) {
            problems.add(at, "aliases are not allowed", PLAIN_ONLY);
        } else if (standsHere("&")) {
            problems.add(at, "anchors are not allowed", PLAIN_ONLY);
        } else if (parser.getTypeId() != null || standsHere("!")) {
            problems.add(at, "tags are not allowed", "leave the tag out: every key knows the type of its value");
        }
        if (problems.count() > before) {
            lastDecoration = at;
        }
    }

    private Position position() {
        TokenStreamLocation location = parser.currentTokenLocation();
        return new Position(location.getLineNr(), location.getColumnNr());
    }

    /** Whether the source has this text where the token begins. */
    private boolean standsHere(String text) {
        int at = Math.toIntExact(parser.currentTokenLocation().getCharOffset());
        int end = at + text.codePointCount(0, text.length());
        return at >= 0
                && end <= source.length
                && Arrays.equals(source, at, end, text.codePoints().toArray(), 0, end - at);
    }

    /** SECURITY: the parser's own message quotes the line, which may hold something confidential; only its finding is told. */
    private static void addSyntaxProblem(JacksonException e, Problems problems) {
        switch (e.getCause()) {
            case MarkedYamlEngineException marked -> {
                Optional<Mark> mark = marked.getProblemMark();
                Position at = mark.map(m -> new Position(m.getLine() + 1, m.getColumn() + 1))
                        .orElse(Position.START);
                String finding = Problems.cut(marked.getProblem(), LONGEST_FINDING);
                problems.add(at, "not valid YAML: " + words(finding), hint(finding));
            }
            case ReaderException _ ->
                problems.addToWhole("the file has characters that YAML does not allow", "remove control characters");
            case null, default -> problems.add(at(e), "a key must be a single plain value");
        }
    }

    /** The parser's own words, but for those that only its authors understand. */
    private static String words(String finding) {
        if (finding.startsWith("expected <block end>")) {
            return "this line does not stand in line with those above";
        }
        return finding.replace("<stream end>", "the end of the file")
                .replace("<block mapping start>", "a mapping")
                .replace("<block end>", "the end of the mapping or list");
    }

    private static String hint(String finding) {
        if (finding.startsWith("expected <block end>")) {
            return "indent it by as many blanks as its neighbours; '- ' before each item of a list";
        }
        if (finding.startsWith("mapping values are not allowed")) {
            return "one key to a line; quote a value that has ': ' in it";
        }
        if (finding.contains("TAB")) {
            return "indent with blanks";
        }
        return "look for a quote, bracket or brace that is not closed, here or above";
    }

    private static Position at(JacksonException e) {
        TokenStreamLocation location = e.getLocation();
        return location == null ? Position.START : new Position(location.getLineNr(), location.getColumnNr());
    }

    /** Ends the reading where going on would only cost time. */
    private static final class Stop extends RuntimeException {
        private final transient Position at;
        private final String reason;

        private Stop(Position at, String reason) {
            super(reason, null, false, false);
            this.at = at;
            this.reason = reason;
        }
    }
}
