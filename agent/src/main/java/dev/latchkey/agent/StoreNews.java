package dev.latchkey.agent;

import dev.latchkey.agent.store.StateFolder;
import dev.latchkey.agent.store.StoreListener;
import dev.latchkey.agent.telemetry.Event;
import dev.latchkey.agent.telemetry.Key;
import dev.latchkey.agent.telemetry.Log;
import java.nio.file.Path;

/** Logs what the store did with its keys and its schema. */
record StoreNews(Log log) implements StoreListener, StateFolder.News {
    @Override
    public void tightened(Path path, String before) {
        log.warn(
                Event.STATE_TIGHTENED,
                Key.FILE.of(path),
                Key.MESSAGE.of("it was open to others (mode " + before + ") and is the agent's alone now"),
                Key.HINT.of("whoever could open it may have copied what was in it"));
    }

    @Override
    public void keyCreated(String where) {
        log.warn(
                Event.KEY_FILE_CREATED,
                Key.FILE.of(where),
                Key.HINT.of("whoever loses this file loses the secrets: keep a copy with 'agent key export'"));
    }

    @Override
    public void keyAway(String where, String reason) {
        log.warn(
                Event.KEY_AWAY,
                Key.LOCATION.of(where),
                Key.MESSAGE.of(reason),
                Key.HINT.of("the store is open with another key; this one gets the wraps it misses when it is back"));
    }

    @Override
    public void keyBack(String where) {
        log.info(Event.KEY_BACK, Key.LOCATION.of(where));
    }

    @Override
    public void migrated(int from, int to, Path backup) {
        log.info(Event.STORE_MIGRATED, Key.VERSION.of(to), Key.FILE.of(backup));
    }
}
