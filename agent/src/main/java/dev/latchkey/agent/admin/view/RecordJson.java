package dev.latchkey.agent.admin.view;

import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * Records as JSON objects and back. A component may be a text, a boolean, a number, a time, a duration, another record, an {@code Optional}
 * or a {@code List} of these.
 */
public final class RecordJson {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private RecordJson() {}

    /** Text that is not what was expected: no JSON, a missing or unknown key, a wrong type. Its message holds keys, never content. */
    public static final class Unreadable extends Exception {
        Unreadable(String message) {
            super(message);
        }
    }

    /** Writes a record, or a list of records as an array; leaves the stream open. */
    public static void write(Object value, OutputStream to) {
        try (JsonGenerator json = generator(to)) {
            put(json, value);
        }
    }

    /** Writes an array whose elements come one by one. */
    public static void writeArray(OutputStream to, Consumer<Consumer<Record>> elements) {
        try (JsonGenerator json = generator(to)) {
            json.writeStartArray();
            elements.accept(element -> put(json, element));
            json.writeEndArray();
        }
    }

    /** Reads one record; the text holds nothing else. */
    public static <T extends Record> T read(InputStream from, Class<T> type) throws Unreadable {
        try (JsonParser json = FACTORY.createParser(ObjectReadContext.empty(), from)) {
            json.nextToken();
            T result = type.cast(get(json, type, ""));
            if (json.nextToken() != null) {
                throw new Unreadable("more than one JSON document");
            }
            return result;
        } catch (JacksonException e) {
            throw notJson(e);
        }
    }

    /** Reads an array of records. */
    public static <T extends Record> List<T> readList(InputStream from, Class<T> type) throws Unreadable {
        List<T> list = new ArrayList<>();
        readEach(from, type, list::add);
        return list;
    }

    /** Reads an array of records and hands them over one by one. */
    public static <T extends Record> void readEach(InputStream from, Class<T> type, Consumer<? super T> to)
            throws Unreadable {
        try (JsonParser json = FACTORY.createParser(ObjectReadContext.empty(), from)) {
            require(json.nextToken() == JsonToken.START_ARRAY, "", "an array");
            while (json.nextToken() != JsonToken.END_ARRAY) {
                to.accept(type.cast(get(json, type, "")));
            }
        } catch (JacksonException e) {
            throw notJson(e);
        }
    }

    // The exception's own message quotes the text, which is not ours to repeat.
    private static Unreadable notJson(JacksonException e) {
        return new Unreadable("not JSON: line " + e.getLocation().getLineNr() + ", column "
                + e.getLocation().getColumnNr());
    }

    private static JsonGenerator generator(OutputStream to) {
        return FACTORY.createGenerator(ObjectWriteContext.empty(), new Unclosed(to));
    }

    private static void put(JsonGenerator json, Object value) {
        switch (value) {
            case Optional<?> optional -> optional.ifPresentOrElse(inner -> put(json, inner), json::writeNull);
            case String text -> json.writeString(text);
            case Boolean truth -> json.writeBoolean(truth);
            case Integer number -> json.writeNumber(number);
            case Long number -> json.writeNumber(number);
            case Instant time -> json.writeString(time.toString());
            case Duration duration -> json.writeNumber(duration.toSeconds());
            case Collection<?> elements -> putArray(json, elements);
            case RawJson raw -> json.writeRawValue(raw.text());
            case Record object -> putObject(json, object);
            default -> throw new IllegalStateException("no JSON form: " + value.getClass());
        }
    }

    private static void putArray(JsonGenerator json, Collection<?> elements) {
        json.writeStartArray();
        elements.forEach(element -> put(json, element));
        json.writeEndArray();
    }

    private static void putObject(JsonGenerator json, Record object) {
        json.writeStartObject();
        for (RecordComponent component : object.getClass().getRecordComponents()) {
            json.writeName(component.getName());
            put(json, valueOf(component, object));
        }
        json.writeEndObject();
    }

    private static Object valueOf(RecordComponent component, Record object) {
        try {
            return component.getAccessor().invoke(object);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("not a public record: " + object.getClass(), e);
        }
    }

    /** The value that begins at the current token. */
    private static Object get(JsonParser json, Type type, String key) throws Unreadable {
        if (type instanceof ParameterizedType generic) {
            return getGeneric(json, generic, key);
        }
        if (type == RawJson.class) {
            json.skipChildren();
            return RawJson.SKIPPED;
        }
        if (type instanceof Class<?> c && c.isRecord()) {
            require(json.currentToken() == JsonToken.START_OBJECT, key, "an object");
            return getObject(json, c);
        }
        return getScalar(json, type, key);
    }

    private static Object getGeneric(JsonParser json, ParameterizedType type, String key) throws Unreadable {
        Type inner = type.getActualTypeArguments()[0];
        if (type.getRawType() == Optional.class) {
            return json.currentToken() == JsonToken.VALUE_NULL ? Optional.empty() : Optional.of(get(json, inner, key));
        }
        require(json.currentToken() == JsonToken.START_ARRAY, key, "an array");
        List<Object> list = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            list.add(get(json, inner, key));
        }
        return list;
    }

    private static Object getScalar(JsonParser json, Type type, String key) throws Unreadable {
        if (type == boolean.class) {
            require(
                    json.currentToken() == JsonToken.VALUE_TRUE || json.currentToken() == JsonToken.VALUE_FALSE,
                    key,
                    "true or false");
            return json.currentToken() == JsonToken.VALUE_TRUE;
        }
        if (type == String.class || type == Instant.class) {
            require(json.currentToken() == JsonToken.VALUE_STRING, key, "a text");
            return type == String.class ? json.getString() : time(json.getString(), key);
        }
        require(json.currentToken() == JsonToken.VALUE_NUMBER_INT, key, "a whole number");
        long number = json.getLongValue();
        if (type == Duration.class) {
            return Duration.ofSeconds(number);
        }
        if (type == Integer.class || type == int.class) {
            require(number == (int) number, key, "a smaller number");
            return (int) number;
        }
        return number;
    }

    private static Instant time(String text, String key) throws Unreadable {
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            throw new Unreadable("'" + key + "' is not a time");
        }
    }

    private static Object getObject(JsonParser json, Class<?> type) throws Unreadable {
        RecordComponent[] components = type.getRecordComponents();
        Map<String, Object> found = new HashMap<>();
        for (String name = json.nextName(); name != null; name = json.nextName()) {
            RecordComponent component = component(components, name, type);
            json.nextToken();
            found.put(name, get(json, component.getGenericType(), name));
        }
        Object[] arguments = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            arguments[i] = argument(components[i], found.get(components[i].getName()));
        }
        return construct(type, components, arguments);
    }

    private static RecordComponent component(RecordComponent[] components, String name, Class<?> type)
            throws Unreadable {
        for (RecordComponent component : components) {
            if (component.getName().equals(name)) {
                return component;
            }
        }
        String known = String.join(
                ", ",
                Arrays.stream(type.getRecordComponents())
                        .map(RecordComponent::getName)
                        .toList());
        throw new Unreadable("an unknown key; the keys are " + known);
    }

    private static Object argument(RecordComponent component, @Nullable Object found) throws Unreadable {
        if (found != null) {
            return found;
        }
        require(component.getType() == Optional.class, component.getName(), "given");
        return Optional.empty();
    }

    private static Object construct(Class<?> type, RecordComponent[] components, Object[] arguments) {
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            return type.getConstructor(types).newInstance(arguments);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("not a public record: " + type, e);
        }
    }

    private static void require(boolean right, String key, String wanted) throws Unreadable {
        if (!right) {
            throw new Unreadable((key.isEmpty() ? "the body" : "'" + key + "'") + " must be " + wanted);
        }
    }
}
