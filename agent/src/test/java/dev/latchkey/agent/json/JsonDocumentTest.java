package dev.latchkey.agent.json;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.SecretValue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

class JsonDocumentTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '~',
            value = {
                "{\"a\":\"x\"}; a; x",
                "{\"a\":\"\"}; a; ~~",
                " { \"a\" : \"x\" , \"b\" : 1 } ; a; x",
                "{\"hosts\":[{\"name\":\"h0\"},{\"name\":\"h1\"}]}; hosts.1.name; h1",
                "[10,20,30]; 2; 30",
                "{\"2\":\"key\"}; 2; key",
                "{\"a\":{ \"z\" : [ 1 , \" s p \\\" \" ] , \"b\" : { } }}; a; {\"z\":[1,\" s p \\\" \"],\"b\":{}}",
                "{\"a\":\"\\\\\", \"b\" : \" \"}; b; ~ ~",
                "{\"o\":{\"a\":\"\\\\\", \"b\" : \" \"}}; o; {\"a\":\"\\\\\",\"b\":\" \"}",
                "{\"a\":1.50e+3}; a; 1.50e+3",
                "{\"a\":-0}; a; -0",
                "{\"a\":true}; a; true",
                "{\"a\":false}; a; false",
                "{\"a\":\"q\\\"b\\\\s\\/n\"}; a; q\"b\\s/n",
                "{\"a\":\"\\u00e9\\uD83D\\uDD11\\u20ac\"}; a; é\uD83D\uDD11€",
                "{\"a\":\"é\uD83D\uDD11\"}; a; é\uD83D\uDD11",
                "{\"\\u0061\":\"x\"}; a; x",
                "{\"a\":1,\"a\":2}; a; 2"
            })
    void picks(String json, String field, String expected) {
        assertEquals(expected, picked(json, field));
    }

    @Test
    void writesControlCharactersOfEscapesAsThemselves() {
        assertEquals("\b\f\n\r\t\u0000", picked("{\"a\":\"\\b\\f\\n\\r\\t\\u0000\"}", "a"));
    }

    @Test
    void findsAKeyWithADotInItAsOneSegment() {
        byte[] json = "{\"a.b\":\"x\",\"a\":{\"b\":\"y\"}}".getBytes(StandardCharsets.UTF_8);

        assertEquals("x", text(JsonDocument.pick(json, List.of("a.b"))));
        assertEquals("y", text(JsonDocument.pick(json, List.of("a", "b"))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{\"a\":1}; b",
                "{}; a",
                "[]; 0",
                "[1,2]; 2",
                "[1,2]; 01",
                "[1,2]; -1",
                "\"text\"; a",
                "12; a",
                "null; a",
                "{\"a\":1}; a.b",
                "{\"a\":\"b\"}; A",
                "{\"a\":{\"b\":1},\"a\":{}}; a.b",
                "{\"x\":{\"a\":1}}; a"
            })
    void tellsThatThereIsNoSuchField(String json, String field) {
        assertRefused(FailureKind.FIELD_NOT_FOUND, "the secret has no such field", json, field);
    }

    @Test
    void tellsANullFromAMissingField() {
        assertRefused(FailureKind.NO_VALUE, "the field is null", "{\"a\":null}", "a");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "x",
                "{",
                "}",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1",
                "{\"a\":1,}",
                "{a:1}",
                "{'a':1}",
                "[1,]",
                "[1 2]",
                "{\"a\":1}x",
                "{\"a\":1}{}",
                "{\"a\":01}",
                "{\"a\":+1}",
                "{\"a\":1.}",
                "{\"a\":.5}",
                "{\"a\":1e}",
                "{\"a\":-}",
                "{\"a\":tru}",
                "{\"a\":nulll}",
                "{\"a\":\"x}",
                "{\"a\":\"\\x\"}",
                "{\"a\":\"\\u12\"}",
                "{\"a\":\"\\u12G4\"}",
                "{\"a\":\"\n\"}",
                "{\"a\":1}\u0000",
                "\uFEFF{\"a\":1}",
                "{\"a\":\"\\",
                "{\"a\":\"\\u",
                "{\"a\":\"\\uD800\"}",
                "{\"a\":\"\\uD800\\u0041\"}",
                "{\"a\":\"\\uDC00\"}",
                "{\"a\":\"\\uD800x\"}",
                "{\"a\":1,\"b\":}",
                "NaN",
                "{\"a\":Infinity}",
                "// c\n{\"a\":1}"
            })
    void refusesWhatIsNotJson(String text) {
        assertRefused(FailureKind.NOT_JSON, "the value is not JSON, so it has no fields", text, "a");
    }

    @Test
    void refusesWhatIsNotUtf8() {
        byte[] json = {'{', '"', 'a', '"', ':', '"', (byte) 0xFF, '"', '}'};

        assertEquals(
                FailureKind.NOT_JSON,
                assertThrows(AgentException.class, () -> JsonDocument.pick(json, List.of("a")))
                        .kind());
    }

    @Test
    void boundsNesting() {
        String atTheLimit = "[".repeat(127) + "]".repeat(127);

        assertEquals(atTheLimit, picked("{\"a\":" + atTheLimit + "}", "a"));
        assertRefused(
                FailureKind.NOT_JSON,
                "the value is not JSON, so it has no fields",
                "[".repeat(129) + "]".repeat(129),
                "a");
        assertRefused(FailureKind.NOT_JSON, "the value is not JSON, so it has no fields", "[".repeat(500_000), "a");
    }

    @Test
    void agreesWithALibraryOnWhatIsJson() {
        Random random = new Random(5);
        List<String> pieces = List.of(
                "{",
                "}",
                "[",
                "]",
                ",",
                ":",
                "\"a\"",
                "\"\\u0041\"",
                "1",
                "-0.5e2",
                "true",
                "null",
                " ",
                "0",
                "\"",
                "\\",
                "e",
                ".");
        int valid = 0;
        for (int round = 0; round < 200_000; round++) {
            String text = random.ints(1 + random.nextInt(9), 0, pieces.size())
                    .mapToObj(pieces::get)
                    .collect(Collectors.joining());
            boolean isJson = isJson(text);
            valid += isJson ? 1 : 0;
            assertEquals(isJson, isAccepted(text), text);
        }
        assertFalse(valid < 1000, "too few valid documents: " + valid);
    }

    private static boolean isAccepted(String text) {
        try {
            picked(text, "nothing");
            return true;
        } catch (AgentException refused) {
            return refused.kind() != FailureKind.NOT_JSON;
        }
    }

    private static boolean isJson(String text) {
        try (JsonParser parser = JsonFactory.builder()
                .build()
                .createParser(ObjectReadContext.empty(), text.getBytes(StandardCharsets.UTF_8))) {
            if (parser.nextToken() == null) {
                return false;
            }
            parser.skipChildren();
            if (parser.currentToken().isScalarValue()) {
                parser.getString();
            }
            return parser.nextToken() == null;
        } catch (JacksonException notJson) {
            return false;
        }
    }

    @Test
    void findsAFieldOfADocumentOutsideTheHeapWhereverThatBegins() {
        byte[] json = "..{\"a\": \"x\\u00e9\\n\", \"b\": [ 1, 2 ]}".getBytes(StandardCharsets.UTF_8);
        ByteBuffer document = ByteBuffer.allocateDirect(json.length).put(json).position(2);

        assertEquals("xé\n", written(JsonDocument.find(document, List.of("a"))));
        assertEquals("[1,2]", written(JsonDocument.find(document, List.of("b"))));
        assertEquals(List.of("a", "b"), JsonDocument.names(document));
        assertEquals(2, document.position());
    }

    @Test
    void givesTheFieldsOfAnObjectInOnePass() {
        ByteBuffer object = ByteBuffer.wrap(
                "{\"a\": 1, \"b\": {\"c\": 2}, \"a\": \"3\", \"d\": 4}".getBytes(StandardCharsets.UTF_8));

        List<JsonPart> fields = JsonDocument.fields(object, 3);

        assertEquals(List.of("a", "b", "d"), fields.stream().map(JsonPart::name).toList());
        assertEquals(
                List.of("3", "{\"c\":2}", "4"),
                fields.stream().map(JsonDocumentTest::written).toList());
        assertEquals(2, JsonDocument.fields(object, 1).size(), "one more than are of use");
        assertThrows(AgentException.class, () -> JsonDocument.fields(ByteBuffer.wrap(new byte[] {'[', ']'}), 1));
    }

    private static String written(JsonPart part) {
        ByteBuffer to = ByteBuffer.allocateDirect(part.size());
        part.writeTo(to);
        return StandardCharsets.UTF_8.decode(to.flip()).toString();
    }

    @Test
    void leavesTheDocumentAsItIs() {
        byte[] json = "{\"a\":\"x\"}".getBytes(StandardCharsets.UTF_8);
        byte[] before = json.clone();

        JsonDocument.pick(json, List.of("a")).close();

        assertArrayEquals(before, json);
    }

    private static void assertRefused(FailureKind kind, String message, String json, String field) {
        AgentException refused = assertThrows(AgentException.class, () -> picked(json, field));
        assertEquals(kind, refused.kind());
        assertEquals(message, refused.failure().message());
    }

    private static String picked(String json, String field) {
        return text(JsonDocument.pick(json.getBytes(StandardCharsets.UTF_8), Arrays.asList(field.split("\\.", -1))));
    }

    private static String text(SecretValue value) {
        return value.leak(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }
}
