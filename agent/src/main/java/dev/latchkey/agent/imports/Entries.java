package dev.latchkey.agent.imports;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.json.JsonDocument;
import dev.latchkey.agent.json.JsonPart;
import dev.latchkey.agent.secret.SecretValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What was found, in its order. Closing it wipes all values. */
public final class Entries implements AutoCloseable {
    private static final String VALUE = "value";

    private final boolean fields;
    private final List<ImportEntry> all = new ArrayList<>();

    /**
     * @param fields whether each field of an object becomes a secret of its own
     */
    public Entries(boolean fields) {
        this.fields = fields;
    }

    /** All of them. */
    public List<ImportEntry> all() {
        return List.copyOf(all);
    }

    /** Whether objects are split. */
    public boolean splits() {
        return fields;
    }

    /** Takes the octets over. */
    public void add(String name, byte[] value) {
        if (value.length > SecretValue.MAX_BYTES) {
            Arrays.fill(value, (byte) 0);
            refuse(name, "the value is over 1 MiB");
        } else {
            add(name, SecretValue.owning(value));
        }
    }

    /** Takes the value over. */
    public void add(String name, SecretValue value) {
        if (fields && value.<Boolean>leak(octets -> split(name, octets))) {
            value.close();
        } else {
            all.add(new ImportEntry.Found(name, value));
        }
    }

    /** What a part of a document holds. */
    public void add(String name, JsonPart part) {
        try {
            add(name, part.value());
        } catch (AgentException e) {
            refuse(name, e.failure().message());
        }
    }

    /** Each field of an object under its own name. */
    public void addFields(JsonPart object) {
        object.parts().forEach(field -> addWhole(field.name(), field));
    }

    /** It is there, and cannot be imported. */
    public void refuse(String name, String reason) {
        all.add(new ImportEntry.Refused(name, reason));
    }

    /** Adds the fields of an object; adds nothing if it is none, or stands for its only value. */
    private boolean split(String name, byte[] octets) {
        Optional<JsonPart> object = object(octets);
        object.ifPresent(found ->
                found.parts().forEach(field -> addWhole(ImportName.ofField(name, field.name()), field)));
        return object.isPresent();
    }

    private void addWhole(String name, JsonPart part) {
        try {
            all.add(new ImportEntry.Found(name, part.value()));
        } catch (AgentException e) {
            refuse(name, e.failure().message());
        }
    }

    private static Optional<JsonPart> object(byte[] octets) {
        try {
            List<JsonPart> documents = JsonDocument.sequence(octets);
            return documents.size() == 1
                    ? Optional.of(documents.getFirst()).filter(Entries::hasFields)
                    : Optional.empty();
        } catch (AgentException notJson) {
            return Optional.empty();
        }
    }

    private static boolean hasFields(JsonPart part) {
        List<JsonPart> fields = part.isObject() ? part.parts() : List.of();
        return !fields.isEmpty()
                && !(fields.size() == 1 && fields.getFirst().name().equals(VALUE));
    }

    @Override
    public void close() {
        for (ImportEntry entry : all) {
            if (entry instanceof ImportEntry.Found(String _, SecretValue value)) {
                value.close();
            }
        }
    }
}
