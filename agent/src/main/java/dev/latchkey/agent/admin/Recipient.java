package dev.latchkey.agent.admin;

import java.util.function.Consumer;

/** Whoever asked for a listing, and takes it element by element. */
public interface Recipient<T> extends Consumer<T> {
    /**
     * To be called where a listing looks at much and may find little.
     *
     * @throws dev.latchkey.agent.failure.AgentException of kind {@code CONNECTION_LOST} if nobody takes it any more
     */
    void requireThere();
}
