package dev.latchkey.agent.secret;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/** A secret whose provider had to read its value to look it up. The value is wiped when this is closed. */
public final class HeldSecret implements FoundSecret {
    private final Facts facts;
    private final SecretValue whole;
    private final Optional<SecretValue> object;

    private HeldSecret(Facts facts, SecretValue whole, Optional<SecretValue> object) {
        this.facts = facts;
        this.whole = whole;
        this.object = object;
    }

    /**
     * What is known besides the value.
     *
     * @param version in the provider's own form
     * @param created when that version was made, where the provider knows
     * @param connectionType what kind of connection it describes, where the provider knows
     */
    public record Facts(String version, Optional<Instant> created, Optional<String> connectionType) {
        public static Facts of(String version) {
            return new Facts(version, Optional.empty(), Optional.empty());
        }
    }

    /** Takes the value over. */
    public static HeldSecret of(Facts facts, SecretValue value) {
        return new HeldSecret(facts, value, Optional.empty());
    }

    /**
     * Takes both over: what is delivered whole, and the object whose fields can be asked for.
     */
    public static HeldSecret of(Facts facts, SecretValue whole, SecretValue object) {
        return new HeldSecret(facts, whole, Optional.of(object));
    }

    @Override
    public String version() {
        return facts.version();
    }

    @Override
    public Optional<Instant> created() {
        return facts.created();
    }

    @Override
    public Optional<Integer> size() {
        return Optional.of(whole.size());
    }

    @Override
    public Set<Scope> scopes() {
        return Set.of();
    }

    @Override
    public Optional<String> connectionType() {
        return facts.connectionType();
    }

    @Override
    public SecretValue open() {
        return copyOf(whole);
    }

    @Override
    public SecretValue openObject() {
        return copyOf(object.orElse(whole));
    }

    @Override
    public void openInto(ByteBuffer to) {
        if (whole.size() != to.remaining()) {
            throw new IllegalStateException("room for " + to.remaining() + " bytes of " + whole.size());
        }
        whole.lend(to::put);
    }

    @Override
    public void close() {
        whole.close();
        object.ifPresent(SecretValue::close);
    }

    private static SecretValue copyOf(SecretValue value) {
        return value.leak(bytes -> SecretValue.owning(bytes.clone()));
    }
}
