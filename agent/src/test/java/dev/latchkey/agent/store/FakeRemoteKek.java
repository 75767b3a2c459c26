package dev.latchkey.agent.store;

import dev.latchkey.agent.crypto.AuthenticationException;
import dev.latchkey.agent.crypto.KeyContext;
import dev.latchkey.agent.crypto.KeyEncryptionKey;
import dev.latchkey.agent.crypto.WrappedKey;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.UnavailableException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** A key service with faults to inject. What it wraps is a ticket; the key bytes stay with it, as does what they are bound to. */
public final class FakeRemoteKek implements KeyEncryptionKey {
    private final String name;
    private final Map<String, byte[]> wrapped = new HashMap<>();
    private final List<Generation> generations = new ArrayList<>();
    private final SecureRandom random = new SecureRandom();
    public final AtomicInteger closed = new AtomicInteger();
    final AtomicInteger asked = new AtomicInteger();
    volatile boolean away;
    volatile boolean mayUnwrap = true;
    volatile int most = 1;
    volatile Set<String> forbidden = Set.of();
    volatile CountDownLatch silence = new CountDownLatch(0);

    public FakeRemoteKek(String name) {
        this.name = name;
        addVersion();
    }

    /** As its owner. */
    synchronized void addVersion() {
        int version = generations.size() + 1;
        generations.addFirst(new Generation(name + ":v" + version, StoreFixture.START));
    }

    /** As its owner: what older versions wrapped is no longer opened. */
    synchronized void dropOld() {
        generations.subList(1, generations.size()).clear();
    }

    synchronized void destroy() {
        generations.clear();
    }

    @Override
    public void close() {
        closed.incrementAndGet();
    }

    @Override
    public String kind() {
        return "fake";
    }

    @Override
    public String where() {
        return "service/" + name;
    }

    @Override
    public boolean isRemote() {
        return true;
    }

    private void ask() {
        asked.incrementAndGet();
        try {
            silence.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (away) {
            throw new UnavailableException(
                    Failure.of(FailureKind.PROVIDER_UNAVAILABLE, where() + " cannot be reached: connection refused"));
        }
    }

    @Override
    public List<Generation> generations() {
        ask();
        synchronized (this) {
            return List.copyOf(generations);
        }
    }

    @Override
    public WrappedKey wrap(byte[] key, KeyContext context) {
        ask();
        synchronized (this) {
            return wrapped(key, context);
        }
    }

    private WrappedKey wrapped(byte[] key, KeyContext context) {
        String id = generations.getFirst().id();
        byte[] ticket = new byte[16];
        random.nextBytes(ticket);
        wrapped.put(slot(id, ticket, context), key.clone());
        return new WrappedKey(id, ticket);
    }

    @Override
    public byte[] unwrap(WrappedKey key, KeyContext context) throws AuthenticationException {
        ask();
        synchronized (this) {
            return opened(key, context).orElseThrow(AuthenticationException::new);
        }
    }

    private Optional<byte[]> opened(WrappedKey key, KeyContext context) {
        return Optional.ofNullable(wrapped.get(slot(key.kek(), key.bytes(), context)))
                .filter(_ -> mayUnwrap && !forbidden.contains(context.use()))
                .map(byte[]::clone);
    }

    @Override
    public int most() {
        return most;
    }

    @Override
    public List<WrappedKey> wrapAll(List<ToWrap> keys) {
        require(keys.size());
        ask();
        synchronized (this) {
            return keys.stream()
                    .map(each -> wrapped(each.key(), each.context()))
                    .toList();
        }
    }

    @Override
    public List<Optional<byte[]>> unwrapAll(List<ToUnwrap> keys) {
        require(keys.size());
        ask();
        synchronized (this) {
            return keys.stream()
                    .map(each -> opened(each.wrapped(), each.context()))
                    .toList();
        }
    }

    private void require(int size) {
        if (size < 1 || size > most) {
            throw new IllegalStateException(size + " at once");
        }
    }

    private static String slot(String id, byte[] ticket, KeyContext context) {
        return id + " " + Arrays.toString(ticket) + " " + context;
    }

    @Override
    public void create() {
        throw new IllegalStateException("the agent makes no keys of a service");
    }

    @Override
    public boolean canRotate() {
        return false;
    }

    @Override
    public void addGeneration() {
        throw new IllegalStateException("only its service rotates it");
    }

    @Override
    public void dropOldGenerations() {}

    @Override
    public boolean canExport() {
        return false;
    }

    @Override
    public void export(Path to) {
        throw new IllegalStateException("no service gives a key away");
    }
}
