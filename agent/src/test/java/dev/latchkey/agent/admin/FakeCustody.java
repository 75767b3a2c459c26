package dev.latchkey.agent.admin;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.StoreCustody;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/** Looks after nothing, but remembers what it was told. */
public final class FakeCustody implements StoreCustody {
    /** What a backup consists of. */
    public volatile byte[] content = new byte[0];

    /** After how many bytes a backup fails. */
    public volatile int failsAfter = Integer.MAX_VALUE;

    public volatile Optional<Path> exported = Optional.empty();

    public volatile List<String> problems = List.of();

    @Override
    public KeyStatus keys() {
        return new KeyStatus(
                List.of(new Kek("file", "k1", "/state/kek", true, Optional.empty())), 2, Optional.of(FakeStore.NOW));
    }

    @Override
    public KeyStatus rotateKeys() {
        return new KeyStatus(
                List.of(new Kek("file", "k2", "/state/kek", true, Optional.empty())), 2, Optional.of(FakeStore.NOW));
    }

    @Override
    public List<KeyAway> keysAway() {
        return List.of();
    }

    @Override
    public void exportKey(Path to) {
        exported = Optional.of(to);
    }

    @Override
    public void backup(OutputStream to, LongConsumer rows) {
        try {
            for (int i = 0; i < content.length; i++) {
                if (i == failsAfter) {
                    throw new AgentException(FailureKind.STATE_UNUSABLE, "row 9 cannot be opened", "verify the store");
                }
                to.write(content[i]);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void restore(InputStream from, LongConsumer rows) {
        try {
            content = from.readAllBytes();
        } catch (IOException e) {
            throw new AgentException(FailureKind.STATE_UNUSABLE, "the backup ends too early");
        }
    }

    @Override
    public Verification verify(LongConsumer rows) {
        return new Verification(12, problems);
    }
}
