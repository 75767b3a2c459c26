package dev.latchkey.agent.provider;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.reference.ReferenceParser;
import dev.latchkey.agent.secret.FoundSecret;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretProvider;
import dev.latchkey.agent.secret.SecretReference;
import dev.latchkey.agent.secret.SecretValue;
import java.nio.charset.StandardCharsets;

/** What a provider says to a reference, in short. */
public final class Looked {
    private Looked() {}

    public static SecretLocation locate(SecretProvider provider, String reference) {
        return provider.locate(ReferenceParser.parse(reference), Namespace.DEFAULT);
    }

    public static Lookup up(SecretProvider provider, String reference) {
        SecretReference parsed = ReferenceParser.parse(reference);
        return provider.find(provider.locate(parsed, Namespace.DEFAULT), parsed.version());
    }

    /** The whole value as text. */
    public static String value(SecretProvider provider, String reference) {
        try (FoundSecret found = found(provider, reference);
                SecretValue value = found.open()) {
            return text(value);
        }
    }

    /** What fields are picked from, as text. */
    public static String object(SecretProvider provider, String reference) {
        try (FoundSecret found = found(provider, reference);
                SecretValue value = found.openObject()) {
            return text(value);
        }
    }

    /** The caller's to close. */
    public static FoundSecret found(SecretProvider provider, String reference) {
        return assertInstanceOf(Lookup.Found.class, up(provider, reference)).secret();
    }

    public static Failure absent(SecretProvider provider, String reference) {
        return assertInstanceOf(Lookup.Absent.class, up(provider, reference)).failure();
    }

    private static String text(SecretValue value) {
        return value.leak(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }
}
