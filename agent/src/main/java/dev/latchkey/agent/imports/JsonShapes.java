package dev.latchkey.agent.imports;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.json.JsonDocument;
import dev.latchkey.agent.json.JsonPart;
import dev.latchkey.agent.json.ObjectSecret;
import dev.latchkey.agent.secret.HeldSecret;
import dev.latchkey.agent.secret.SecretValue;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** The formats that are JSON. Each reads one file into entries. */
public final class JsonShapes {
    private static final HeldSecret.Facts NO_FACTS = HeldSecret.Facts.of("");

    private JsonShapes() {}

    /**
     * One object of names and values.
     *
     * @throws AgentException {@code PROVIDER_MALFORMED} if it is not
     */
    public static void readPlain(byte[] octets, Entries to) {
        object(octets).parts().forEach(part -> to.add(part.name(), part));
    }

    /**
     * What {@code vault} prints, or paths with it.
     *
     * @param name of the secret, where a single answer, which does not say it, is to be stored whole
     * @throws AgentException {@code PROVIDER_MALFORMED} if it is neither, {@code BAD_ARGUMENT} if it lacks the name
     */
    public static void readVault(byte[] octets, Optional<String> name, Entries to) {
        JsonPart whole = object(octets);
        boolean paths = !isVaultAnswer(whole) && whole.parts().stream().allMatch(JsonPart::isObject);
        if (paths) {
            whole.parts().forEach(path -> addObject(path.name(), vaultData(path), to));
        } else if (to.splits()) {
            to.addFields(vaultData(whole));
        } else {
            addObject(name.orElseThrow(JsonShapes::nameless), vaultData(whole), to);
        }
    }

    /**
     * What {@code aws} prints, any number of it.
     *
     * @throws AgentException {@code PROVIDER_MALFORMED} if it is not
     */
    public static void readAws(byte[] octets, Entries to) {
        documents(octets).forEach(document -> readAws(document, to));
    }

    /** What a file looks like that is no plain object of names and values; absent if it may well be one. */
    public static Optional<ImportFormat> guess(byte[] octets) {
        List<JsonPart> documents = documents(octets);
        if (documents.size() == 1 && isVaultAnswer(documents.getFirst())) {
            return Optional.of(ImportFormat.VAULT_KV);
        }
        return documents.stream().anyMatch(JsonShapes::isAwsAnswer)
                ? Optional.of(ImportFormat.AWS_SM)
                : Optional.empty();
    }

    private static boolean isVaultAnswer(JsonPart part) {
        return field(part, "data").filter(JsonPart::isObject).isPresent()
                && (field(part, "request_id").isPresent()
                        || field(part, "lease_id").isPresent());
    }

    /** Of the second version of the engine there is one more {@code data}, beside the facts of the version. */
    private static JsonPart vaultData(JsonPart part) {
        if (!isVaultAnswer(part)) {
            return part;
        }
        JsonPart data = field(part, "data").orElseThrow();
        return field(data, "data")
                .filter(inner -> inner.isObject() && field(data, "metadata").isPresent())
                .orElse(data);
    }

    /** An object whose only key is {@code value} stands for that value, as where the provider serves it. */
    private static void addObject(String name, JsonPart object, Entries to) {
        try (HeldSecret secret = ObjectSecret.plain(NO_FACTS, object.value())) {
            to.add(name, secret.open());
        } catch (AgentException e) {
            to.refuse(name, e.failure().message());
        }
    }

    private static boolean isAwsAnswer(JsonPart part) {
        boolean one = field(part, "ARN").isPresent()
                && (field(part, "SecretString").isPresent()
                        || field(part, "SecretBinary").isPresent());
        return one || field(part, "SecretValues").isPresent() || isAwsListing(part);
    }

    private static boolean isAwsListing(JsonPart part) {
        return field(part, "SecretList").filter(JsonPart::isArray).isPresent();
    }

    private static void readAws(JsonPart part, Entries to) {
        if (part.isArray()) {
            part.parts().forEach(element -> readAws(element, to));
            return;
        }
        if (isAwsListing(part)) {
            throw malformed("lists names without values", "'aws secretsmanager batch-get-secret-value' prints values");
        }
        Optional<JsonPart> many = field(part, "SecretValues");
        if (many.isPresent()) {
            many.get().parts().forEach(element -> readAws(element, to));
            field(part, "Errors").stream()
                    .flatMap(errors -> errors.parts().stream())
                    .forEach(error -> to.refuse(
                            text(field(error, "SecretId")).orElse("?"), "it was not fetched: the file has an error"));
            return;
        }
        addAws(part, to);
    }

    private static void addAws(JsonPart part, Entries to) {
        String name = text(field(part, "Name"))
                .orElseThrow(() -> malformed(
                        "has something that is no secret of AWS",
                        "it takes what 'aws secretsmanager get-secret-value' or 'batch-get-secret-value' prints"));
        Optional<JsonPart> text = field(part, "SecretString").filter(p -> !p.isNull());
        Optional<JsonPart> binary = field(part, "SecretBinary").filter(p -> !p.isNull());
        if (text.isPresent()) {
            to.add(name, text.get());
        } else if (binary.isPresent()) {
            addBase64(name, binary.get(), to);
        } else {
            to.refuse(name, "it has neither SecretString nor SecretBinary");
        }
    }

    private static void addBase64(String name, JsonPart part, Entries to) {
        try (SecretValue base64 = part.value()) {
            to.add(name, base64.<byte[]>leak(Base64.getDecoder()::decode));
        } catch (IllegalArgumentException e) {
            to.refuse(name, "its SecretBinary is not base64");
        }
    }

    private static JsonPart object(byte[] octets) {
        List<JsonPart> documents = documents(octets);
        if (documents.size() != 1 || !documents.getFirst().isObject()) {
            throw malformed("is not one JSON object", "an object of names and values, as in {\"NAME\": \"VALUE\"}");
        }
        return documents.getFirst();
    }

    private static List<JsonPart> documents(byte[] octets) {
        try {
            return JsonDocument.sequence(octets);
        } catch (AgentException e) {
            throw malformed("is not JSON", "say what it is with --format");
        }
    }

    /** Of keys that stand twice the last one counts. */
    private static Optional<JsonPart> field(JsonPart object, String name) {
        return object.isObject()
                ? object.parts().stream().filter(p -> p.name().equals(name)).reduce((_, last) -> last)
                : Optional.empty();
    }

    /** Of what is no secret. */
    private static Optional<String> text(Optional<JsonPart> part) {
        if (part.isEmpty() || part.get().isNull()) {
            return Optional.empty();
        }
        try (SecretValue value = part.get().value()) {
            return Optional.of(value.<String>leak(octets -> new String(octets, StandardCharsets.UTF_8)));
        }
    }

    private static AgentException nameless() {
        return new AgentException(
                FailureKind.BAD_ARGUMENT,
                "the file holds one secret and does not say its name",
                "call the file NAME.json, or make secrets of its fields with --fields");
    }

    private static AgentException malformed(String what, String hint) {
        return new AgentException(FailureKind.PROVIDER_MALFORMED, "the file " + what, hint);
    }
}
