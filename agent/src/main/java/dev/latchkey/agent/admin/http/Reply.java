package dev.latchkey.agent.admin.http;

import dev.latchkey.agent.admin.Recipient;
import dev.latchkey.agent.admin.SecretCommands;
import java.io.OutputStream;
import java.util.function.Consumer;

/** What a request is answered with, if it is not refused. */
sealed interface Reply {
    /** It was done, and there is nothing to say. */
    record Done() implements Reply {}

    /** A record, or a list of records. */
    record Json(Object value) implements Reply {}

    /** An array whose elements come one by one. */
    record JsonArray(Consumer<Recipient<Record>> elements) implements Reply {}

    /** A value; whoever writes it closes it. */
    record Value(SecretCommands.Revealed revealed) implements Reply {}

    /** Octets that come while they are made. */
    record Octets(Consumer<OutputStream> writer) implements Reply {}
}
