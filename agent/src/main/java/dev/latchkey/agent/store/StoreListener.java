package dev.latchkey.agent.store;

import java.nio.file.Path;

/** Hears of what a store did with its keys and its schema, from any thread. */
public interface StoreListener {
    /** A key was made; losing it loses the secrets. */
    void keyCreated(String where);

    /** A key cannot be used while another opens the store; told once. */
    void keyAway(String where, String reason);

    /** It can be again, and every data key is wrapped under it. */
    void keyBack(String where);

    /**
     * The schema was brought up to date.
     *
     * @param backup the database as it was before
     */
    void migrated(int from, int to, Path backup);
}
