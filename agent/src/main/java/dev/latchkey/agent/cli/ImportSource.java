package dev.latchkey.agent.cli;

import dev.latchkey.agent.admin.view.ImportedView;
import dev.latchkey.agent.secret.SecretName;
import java.util.List;

/** Where secrets come from. Closing it wipes what it holds. */
interface ImportSource extends AutoCloseable {
    /** All of them, in the order of the source. */
    List<Offered> offered();

    /** A hint for who expected something of it and there is nothing. */
    String whereToLook();

    /**
     * Has the agent import one of them.
     *
     * @param index in the list
     * @param write false: only tells what would be done
     * @throws CommandFailure if the agent refuses it, or cannot be asked
     */
    ImportedView bring(int index, SecretName name, boolean write);

    @Override
    void close();

    /** One secret of the source; its text is the source's name for it. */
    sealed interface Offered {
        String from();

        /**
         * @param foreign what its name in the store is made of
         */
        record Secret(String from, String foreign) implements Offered {}

        /** Stands in the way of the import. */
        record Unusable(String from, String reason) implements Offered {}

        /** Is not to be had at its source, and so is no part of the import. */
        record LeftOut(String from, String reason) implements Offered {}
    }
}
