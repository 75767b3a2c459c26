package dev.latchkey.agent.admin.http;

import dev.latchkey.agent.workload.Caller;
import java.io.IOException;

/** Port: who is at the other end of a Unix socket, as the kernel says. Quick; called by the event loop at accept. */
@FunctionalInterface
public interface PeerCredentials {
    /**
     * @param descriptor of the accepted socket
     * @return with the supplementary groups
     * @throws IOException if the kernel does not say
     */
    Caller of(int descriptor) throws IOException;
}
