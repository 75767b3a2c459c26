package dev.latchkey.agent.audit;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/** Reads the content of a line whose form and hash are good. */
final class RecordParser {
    /** The keys of every record, in order, but for {@code hash} at the end. */
    private static final List<String> COMMON = List.of("seq", "prev", "time", "mono", "boot", "event");

    private static final String HASH = "hash";

    private final JsonFactory json = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    AuditRecord parse(RecordLine line, byte[] bytes) throws BadRecordException {
        Map<String, Object> all = object(bytes);
        List<String> keys = List.copyOf(all.keySet());
        if (keys.size() <= COMMON.size()
                || !keys.subList(0, COMMON.size()).equals(COMMON)
                || !keys.getLast().equals(HASH)) {
            throw new BadRecordException("it does not have the keys of a record");
        }
        Map<String, Object> fields = new LinkedHashMap<>(all);
        COMMON.forEach(fields::remove);
        fields.remove(HASH);
        return new AuditRecord(
                line.head(),
                line.previous(),
                time(member(all, "time", String.class)),
                member(all, "mono", Long.class),
                member(all, "boot", String.class),
                member(all, "event", String.class),
                fields,
                new String(bytes, StandardCharsets.US_ASCII));
    }

    private Map<String, Object> object(byte[] bytes) throws BadRecordException {
        try (JsonParser parser = json.createParser(ObjectReadContext.empty(), bytes)) {
            Object value = value(parser, parser.nextToken());
            if (value instanceof Map<?, ?> && parser.nextToken() == null) {
                @SuppressWarnings("unchecked") // made by value(), whose keys are all text
                Map<String, Object> object = (Map<String, Object>) value;
                return object;
            }
            throw new BadRecordException("it is not one JSON object");
        } catch (JacksonException e) {
            throw new BadRecordException("it is not JSON");
        }
    }

    private static @Nullable Object value(JsonParser parser, @Nullable JsonToken token) throws BadRecordException {
        return switch (token) {
            case START_OBJECT -> members(parser);
            case START_ARRAY -> elements(parser);
            case VALUE_STRING -> parser.getString();
            case VALUE_NUMBER_INT -> parser.getLongValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            case null, default -> throw new BadRecordException("it has a value that no record has");
        };
    }

    private static Map<String, @Nullable Object> members(JsonParser parser) throws BadRecordException {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            members.put(key, value(parser, parser.nextToken()));
        }
        return members;
    }

    private static List<@Nullable Object> elements(JsonParser parser) throws BadRecordException {
        List<@Nullable Object> elements = new ArrayList<>();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            elements.add(value(parser, token));
        }
        return elements;
    }

    private static <T> T member(Map<String, Object> all, String key, Class<T> type) throws BadRecordException {
        Object value = all.get(key);
        if (!type.isInstance(value)) {
            throw new BadRecordException("its '" + key + "' is not of the right type");
        }
        return type.cast(value);
    }

    private static Instant time(String text) throws BadRecordException {
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            throw new BadRecordException("its 'time' is not a time");
        }
    }
}
