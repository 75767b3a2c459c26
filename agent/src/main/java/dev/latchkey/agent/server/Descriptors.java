package dev.latchkey.agent.server;

import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;

/** Closing of sockets. */
final class Descriptors {
    private Descriptors() {}

    static void close(FileDescriptor descriptor) {
        try {
            descriptor.close();
        } catch (IOException e) {
            // The kernel has let go of it all the same.
        }
    }
}
