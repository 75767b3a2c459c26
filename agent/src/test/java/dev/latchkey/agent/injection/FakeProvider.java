package dev.latchkey.agent.injection;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.FoundSecret;
import dev.latchkey.agent.secret.Lease;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.NameSource;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.Scope;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretProvider;
import dev.latchkey.agent.secret.SecretReference;
import dev.latchkey.agent.secret.SecretValue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Secrets in memory that remembers every look-up and every array it gave out. */
final class FakeProvider implements SecretProvider, NameSource {
    static final Instant CREATED = Instant.parse("2026-01-01T00:00:00Z");

    /** Every location that was looked up, in order, with its version. */
    final List<String> lookups = new ArrayList<>();
    /** Every array that a value was opened into. */
    final List<byte[]> opened = new ArrayList<>();

    /** Locations, with their versions, that can be had at once. */
    final Set<String> atHand = new HashSet<>();

    private final String name;
    private final List<String> trace;
    private final Map<String, Fake> secrets = new HashMap<>();
    private final Map<String, Failure> failures = new HashMap<>();
    private final Map<String, Lease> leases = new HashMap<>();
    private @Nullable RuntimeException bug;
    private boolean listingFails;
    private boolean sizesKnown = true;
    private boolean direct;
    private Runnable opening = () -> {};
    private int tooSmall;
    private int open;

    FakeProvider(String name, List<String> trace) {
        this.name = name;
        this.trace = trace;
    }

    FakeProvider put(String path, String value, String... scopes) {
        return put(path, value.getBytes(StandardCharsets.UTF_8), scopes);
    }

    FakeProvider put(String path, byte[] value, String... scopes) {
        Set<Scope> all = Arrays.stream(scopes).map(Scope::new).collect(Collectors.toSet());
        secrets.put(path, new Fake(value.clone(), all, Optional.empty()));
        return this;
    }

    /** A secret that is found and cannot be opened. */
    FakeProvider putUnopenable(String path, FailureKind kind) {
        secrets.put(
                path, new Fake(new byte[0], Set.of(), Optional.of(Failure.of(kind, "row " + path + " was changed"))));
        return this;
    }

    FakeProvider answer(String path, FailureKind kind, String message) {
        failures.put(path, Failure.of(kind, message));
        return this;
    }

    void throwFromFind(RuntimeException thrown) {
        bug = thrown;
    }

    FakeProvider lease(String path, Lease lease) {
        leases.put(path, lease);
        return this;
    }

    void failListing() {
        listingFails = true;
    }

    void whenOpened(Runnable then) {
        opening = then;
    }

    void hideSizes() {
        sizesKnown = false;
    }

    /** Opens values outside the heap, and into arrays no more. */
    void openDirectly() {
        direct = true;
    }

    /** Says that values are shorter than they are. */
    void understateSizes(int by) {
        tooSmall = by;
    }

    /** Found secrets that were not closed. */
    int stillOpen() {
        return open;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public SecretLocation locate(SecretReference reference, Namespace defaults) {
        String path = reference.path();
        if (path.contains("!")) {
            throw new AgentException(FailureKind.BAD_NAME, "not a secret name: '" + path + "'");
        }
        return new SecretLocation(name, path.contains("/") ? path : defaults + "/" + path);
    }

    @Override
    public boolean hasScopes() {
        return true;
    }

    @Override
    public Lookup find(SecretLocation location, Optional<String> version) {
        lookups.add(location + version.map(v -> "@" + v).orElse(""));
        trace.add("find " + location.path());
        if (bug != null) {
            throw bug;
        }
        Failure failure = failures.get(location.path());
        if (failure != null && failure.kind() == FailureKind.PROVIDER_UNAVAILABLE) {
            throw new AgentException(failure);
        }
        Fake secret = secrets.get(location.path());
        if (failure != null || secret == null) {
            return new Lookup.Absent(
                    failure != null ? failure : notFound(location), secret == null ? Set.of() : secret.scopes);
        }
        open++;
        return new Lookup.Found(secret.found(this, Optional.ofNullable(leases.get(location.path()))));
    }

    @Override
    public boolean isAtHand(SecretLocation location, Optional<String> version) {
        return atHand.contains(location.path() + version.map(v -> "@" + v).orElse(""));
    }

    @Override
    public List<Sibling> siblings(SecretLocation location) {
        if (listingFails) {
            throw new AgentException(FailureKind.PROVIDER_UNAVAILABLE, "the store cannot be read");
        }
        return secrets.entrySet().stream()
                .map(e -> sibling(e.getKey(), e.getValue()))
                .toList();
    }

    private Sibling sibling(String path, Fake secret) {
        return new Sibling(new SecretLocation(name, path), path.substring(path.lastIndexOf('/') + 1), secret.scopes);
    }

    private static Failure notFound(SecretLocation location) {
        String namespace = location.path().substring(0, location.path().lastIndexOf('/'));
        return Failure.of(FailureKind.SECRET_NOT_FOUND, "not found in " + namespace, "`agent secret put` makes it");
    }

    private record Fake(List<Byte> value, Set<Scope> scopes, Optional<Failure> failure) {
        Fake(byte[] value, Set<Scope> scopes, Optional<Failure> failure) {
            this(boxed(value), scopes, failure);
        }

        FoundSecret found(FakeProvider provider, Optional<Lease> lease) {
            return new FakeFound(this, provider, lease);
        }

        private static List<Byte> boxed(byte[] bytes) {
            List<Byte> all = new ArrayList<>(bytes.length);
            for (byte b : bytes) {
                all.add(b);
            }
            return all;
        }
    }

    private static final class FakeFound implements FoundSecret {
        private final Fake secret;
        private final FakeProvider provider;
        private final Optional<Lease> lease;
        private boolean closed;

        FakeFound(Fake secret, FakeProvider provider, Optional<Lease> lease) {
            this.secret = secret;
            this.provider = provider;
            this.lease = lease;
        }

        @Override
        public Optional<Lease> lease() {
            return lease;
        }

        @Override
        public String version() {
            return "7";
        }

        @Override
        public Optional<Instant> created() {
            return Optional.of(CREATED);
        }

        @Override
        public Optional<Integer> size() {
            return provider.sizesKnown ? Optional.of(secret.value.size() - provider.tooSmall) : Optional.empty();
        }

        @Override
        public Set<Scope> scopes() {
            return secret.scopes;
        }

        @Override
        public SecretValue open() {
            if (closed) {
                throw new IllegalStateException("opened after it was closed");
            }
            secret.failure.ifPresent(failure -> {
                throw new AgentException(failure);
            });
            byte[] bytes = new byte[secret.value.size()];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = secret.value.get(i);
            }
            provider.opened.add(bytes);
            provider.trace.add("open");
            provider.opening.run();
            return SecretValue.owning(bytes);
        }

        @Override
        public void openInto(ByteBuffer to) {
            if (!provider.direct) {
                FoundSecret.super.openInto(to);
                return;
            }
            assertTrue(to.isDirect());
            secret.value.forEach(to::put);
        }

        @Override
        public void close() {
            if (!closed) {
                provider.open--;
            }
            closed = true;
        }
    }
}
