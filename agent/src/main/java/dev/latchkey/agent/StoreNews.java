package dev.latchkey.agent;

import dev.latchkey.agent.store.StoreListener;
import dev.latchkey.agent.telemetry.Event;
import dev.latchkey.agent.telemetry.Key;
import dev.latchkey.agent.telemetry.Log;
import java.nio.file.Path;

/** Logs what opening the store did beyond opening it. */
record StoreNews(Log log) implements StoreListener {
    @Override
    public void keyCreated(String where) {
        log.warn(
                Event.KEY_FILE_CREATED,
                Key.FILE.of(where),
                Key.HINT.of("whoever loses this file loses the secrets: keep a copy with 'agent key export'"));
    }

    @Override
    public void migrated(int from, int to, Path backup) {
        log.info(Event.STORE_MIGRATED, Key.VERSION.of(to), Key.FILE.of(backup));
    }
}
