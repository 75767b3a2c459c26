package dev.latchkey.agent.crypto;

import dev.latchkey.agent.crypto.KeyEncryptionKey.ToUnwrap;
import dev.latchkey.agent.crypto.KeyEncryptionKey.ToWrap;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A key whose service takes several data keys in one request, so that a store of many projects is not opened one by one. */
public interface BatchingKey extends RemoteKey {
    /** As {@link KeyEncryptionKey#most}. */
    int most();

    /** As {@link KeyEncryptionKey#wrapAll}; what fails with one of them names it, and gives none. */
    List<WrappedKey> wrapAll(List<ToWrap> keys, Duration within);

    /** As {@link KeyEncryptionKey#unwrapAll}. */
    List<Optional<byte[]>> unwrapAll(List<ToUnwrap> keys, Duration within);
}
