package dev.latchkey.agent.store;

import java.nio.file.Path;

/** Hears of what opening a store did beyond opening it. */
public interface StoreListener {
    /** A key was made; losing it loses the secrets. */
    void keyCreated(String where);

    /**
     * The schema was brought up to date.
     *
     * @param backup the database as it was before
     */
    void migrated(int from, int to, Path backup);
}
