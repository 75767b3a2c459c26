package dev.latchkey.agent.json;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.SecretValue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Consumer;

/**
 * Finds one field in a JSON value (RFC 8259) where it lies, in an array or outside the heap.
 *
 * <p>SECURITY: written by hand because a library's parser keeps what it reads in pooled buffers and Strings that nobody wipes. Here nothing is
 * copied but names: what is found is a part of the document. The whole document is checked, also behind the field; nesting is bounded.
 *
 * <p>Of keys that stand twice in an object the last one counts, as nearly every parser has it.
 */
public final class JsonDocument {
    private static final int DEEPEST = 128;
    /** The level of a value that is not on the path to the field. */
    private static final int OFF_PATH = -1;

    private final ByteBuffer json;
    private final List<byte[]> path;
    private final Optional<Consumer<JsonPart>> parts;
    private int at;
    private int depth;
    private int fieldBegin = -1;
    private int fieldEnd = -1;

    /**
     * @param parts gets what the outermost object or array has in it; absent: nobody wants to know
     */
    private JsonDocument(ByteBuffer json, List<byte[]> path, Optional<Consumer<JsonPart>> parts) {
        this.json = json.slice();
        this.path = path;
        this.parts = parts;
    }

    private JsonDocument(ByteBuffer json, List<byte[]> path) {
        this(json, path, Optional.empty());
    }

    /**
     * The field: the content of a string, the compact JSON of anything else, in an array of its size.
     *
     * @throws AgentException {@code NOT_JSON}, {@code FIELD_NOT_FOUND}, {@code NO_VALUE} for a null
     */
    public static SecretValue pick(byte[] json, List<String> field) {
        return find(ByteBuffer.wrap(json), field).value();
    }

    /**
     * The field, within what remains of the buffer.
     *
     * @throws AgentException {@code NOT_JSON}, {@code FIELD_NOT_FOUND}
     */
    public static JsonPart find(ByteBuffer json, List<String> field) {
        List<byte[]> path = field.stream()
                .map(segment -> segment.getBytes(StandardCharsets.UTF_8))
                .toList();
        JsonDocument document = new JsonDocument(json, path);
        document.read();
        return document.found();
    }

    /**
     * The names of the fields of an object, each once, in their order.
     *
     * @throws AgentException {@code NOT_JSON} if it is no object
     */
    public static List<String> names(ByteBuffer json) {
        return fields(json, Integer.MAX_VALUE).stream().map(JsonPart::name).toList();
    }

    /**
     * The fields of an object in one pass, each name once, in the order of the names; of a name that stands twice the last one counts.
     *
     * @param most of them that are of use: there is one more in the list where the object has more
     * @throws AgentException {@code NOT_JSON} if it is no object
     */
    public static List<JsonPart> fields(ByteBuffer json, int most) {
        SequencedMap<String, JsonPart> fields = new LinkedHashMap<>();
        JsonDocument document = new JsonDocument(json, List.of(), Optional.of(part -> {
            if (fields.size() <= most || fields.containsKey(part.name())) {
                fields.put(part.name(), part);
            }
        }));
        document.read();
        if (document.json.get(document.fieldBegin) != '{') {
            throw notJson();
        }
        return List.copyOf(fields.values());
    }

    /**
     * What an object or an array has in it, in its order; a name that stands twice is there twice.
     *
     * @param whole of a document that was read
     */
    static List<JsonPart> parts(JsonPart whole) {
        List<JsonPart> parts = new ArrayList<>();
        JsonDocument document = new JsonDocument(whole.json(), List.of(), Optional.of(parts::add));
        document.at = whole.begin();
        document.value(0);
        return parts;
    }

    /**
     * Documents that stand one behind the other, in their order.
     *
     * @throws AgentException {@code NOT_JSON}
     */
    public static List<JsonPart> sequence(byte[] octets) {
        ByteBuffer json = ByteBuffer.wrap(octets);
        if (!Utf8.isValid(json)) {
            throw notJson();
        }
        JsonDocument document = new JsonDocument(json, List.of());
        List<JsonPart> all = new ArrayList<>();
        for (document.skipSpace(); document.at < octets.length; document.skipSpace()) {
            int begin = document.at;
            document.value(OFF_PATH);
            all.add(new JsonPart(json, "", begin, document.at));
        }
        return all;
    }

    /** Whether it is JSON. */
    public static boolean isJson(ByteBuffer json) {
        try {
            new JsonDocument(json, List.of()).read();
            return true;
        } catch (AgentException not) {
            return false;
        }
    }

    private void read() {
        if (!Utf8.isValid(json)) {
            throw notJson();
        }
        value(0);
        skipSpace();
        if (at != json.limit()) {
            throw notJson();
        }
    }

    private JsonPart found() {
        if (fieldBegin < 0) {
            throw new AgentException(FailureKind.FIELD_NOT_FOUND, "the secret has no such field");
        }
        return new JsonPart(json, "", fieldBegin, fieldEnd);
    }

    private void value(int level) {
        skipSpace();
        int begin = at;
        switch (peek()) {
            case '{' -> object(level);
            case '[' -> array(level);
            case '"' -> string();
            case 't' -> literal("true");
            case 'f' -> literal("false");
            case 'n' -> literal("null");
            default -> number();
        }
        if (level == path.size()) {
            fieldBegin = begin;
            fieldEnd = at;
        }
    }

    private void object(int level) {
        open();
        if (!closes('}')) {
            do {
                skipSpace();
                int begin = at + 1;
                string();
                JsonString key = new JsonString(json, begin, at - 1);
                skipSpace();
                expect(':');
                if (isCollected(level)) {
                    collect(new String(key.content(), StandardCharsets.UTF_8));
                } else {
                    member(leads(level) && key.is(path.get(level)) ? level + 1 : OFF_PATH);
                }
            } while (goesOn('}'));
        }
        depth--;
    }

    private void array(int level) {
        open();
        if (!closes(']')) {
            int index = 0;
            do {
                if (isCollected(level)) {
                    collect("");
                } else {
                    member(leads(level) && isIndex(path.get(level), index) ? level + 1 : OFF_PATH);
                }
                index++;
            } while (goesOn(']'));
        }
        depth--;
    }

    private boolean isCollected(int level) {
        return level == 0 && parts.isPresent();
    }

    private void collect(String name) {
        skipSpace();
        int begin = at;
        value(OFF_PATH);
        parts.orElseThrow().accept(new JsonPart(json, name, begin, at));
    }

    private boolean leads(int level) {
        return level >= 0 && level < path.size();
    }

    /** A member on the path takes the place of an earlier one of the same key. */
    private void member(int level) {
        if (level != OFF_PATH) {
            fieldBegin = -1;
        }
        value(level);
    }

    private static boolean isIndex(byte[] segment, int index) {
        return Arrays.equals(segment, String.valueOf(index).getBytes(StandardCharsets.US_ASCII));
    }

    private void open() {
        at++;
        if (++depth > DEEPEST) {
            throw notJson();
        }
    }

    /** Whether the object or array has nothing in it; then its end was read. */
    private boolean closes(char end) {
        skipSpace();
        if (peek() != end) {
            return false;
        }
        at++;
        return true;
    }

    /** Whether another member follows; if not, the end was read. */
    private boolean goesOn(char end) {
        skipSpace();
        if (peek() == ',') {
            at++;
            return true;
        }
        expect(end);
        return false;
    }

    private void string() {
        expect('"');
        for (byte b = peek(); b != '"'; b = peek()) {
            if ((b & 0xFF) < ' ') {
                throw notJson();
            }
            at++;
            if (b == '\\') {
                escape();
            }
        }
        at++;
    }

    private void escape() {
        int letter = peek();
        at++;
        if (letter == 'u') {
            for (int i = 0; i < 4; i++) {
                if (JsonString.hexDigit(peek()) < 0) {
                    throw notJson();
                }
                at++;
            }
        } else if ("\"\\/bfnrt".indexOf(letter) < 0) {
            throw notJson();
        }
    }

    private void number() {
        if (peek() == '-') {
            at++;
        }
        if (peek() == '0') {
            at++;
        } else {
            digits();
        }
        if (at < json.limit() && json.get(at) == '.') {
            at++;
            digits();
        }
        if (at < json.limit() && (json.get(at) | 0x20) == 'e') {
            at++;
            if (peek() == '+' || peek() == '-') {
                at++;
            }
            digits();
        }
    }

    private void digits() {
        int begin = at;
        while (at < json.limit() && json.get(at) >= '0' && json.get(at) <= '9') {
            at++;
        }
        if (at == begin) {
            throw notJson();
        }
    }

    private void literal(String word) {
        for (int i = 0; i < word.length(); i++) {
            expect(word.charAt(i));
        }
    }

    private void expect(char wanted) {
        if (peek() != wanted) {
            throw notJson();
        }
        at++;
    }

    private byte peek() {
        if (at >= json.limit()) {
            throw notJson();
        }
        return json.get(at);
    }

    private void skipSpace() {
        while (at < json.limit() && isSpace(json.get(at))) {
            at++;
        }
    }

    static boolean isSpace(byte b) {
        return b == ' ' || b == '\t' || b == '\n' || b == '\r';
    }

    /** SECURITY: says nothing of the content, not even where it stops to be JSON. */
    public static AgentException notJson() {
        return new AgentException(
                FailureKind.NOT_JSON,
                "the value is not JSON, so it has no fields",
                "leave out '#' to get the whole value");
    }
}
