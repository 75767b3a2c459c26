package dev.latchkey.agent.admin;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.HeldSecret;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.SecretListing.Listed;
import dev.latchkey.agent.secret.SecretValue;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** A provider {@code vault} with texts in it, some of which are denied. */
public final class FakeOutside implements OutsideSecrets {
    /** What stands at a path that is denied. */
    public static final String DENIED = "\0denied";

    /** What stands at a path whose version was deleted, which only a look-up tells. */
    public static final String DELETED = "\0deleted";

    /** What stands at a path that is listed and not to be had. */
    public static final String DISABLED = "\0disabled";

    public final Map<String, String> secrets = new ConcurrentHashMap<>();

    @Override
    public List<Listed> list(String provider, String prefix) {
        requireKnown(provider);
        return new TreeMap<>(secrets)
                .entrySet().stream()
                        .filter(secret -> secret.getKey().startsWith(prefix))
                        .map(secret -> new Listed(secret.getKey(), leftOut(secret.getValue())))
                        .toList();
    }

    private static Optional<String> leftOut(String text) {
        return text.equals(DISABLED) ? Optional.of("disabled in vault") : Optional.empty();
    }

    @Override
    public Lookup find(Source source) {
        requireKnown(source.provider());
        String text = secrets.get(source.path());
        if (text == null) {
            return new Lookup.Absent(Failure.of(FailureKind.SECRET_NOT_FOUND, "not found in " + source.provider()));
        }
        if (text.equals(DELETED)) {
            return new Lookup.Absent(
                    Failure.of(FailureKind.VERSION_NOT_FOUND, "version 3 is deleted or destroyed in vault"));
        }
        if (text.equals(DENIED)) {
            throw new AgentException(FailureKind.PROVIDER_DENIED, "vault does not let the agent have it (403)");
        }
        return new Lookup.Found(
                HeldSecret.of(HeldSecret.Facts.of("7"), SecretValue.owning(text.getBytes(StandardCharsets.UTF_8))));
    }

    private static void requireKnown(String provider) {
        if (!provider.equals("vault")) {
            throw new AgentException(
                    FailureKind.UNKNOWN_PROVIDER, "unknown provider", "the configured providers are vault");
        }
    }
}
