package dev.latchkey.agent.workload.linux;

import dev.latchkey.agent.sys.ErrnoException;
import dev.latchkey.agent.sys.SocketCalls;
import dev.latchkey.agent.workload.Caller;
import dev.latchkey.agent.workload.Sender;
import java.nio.ByteBuffer;

/**
 * Compares the sender of a message with the process that connected: by the inode of its pidfd, which no other process ever has (Linux 6.9); below
 * by its pid, which is its own while the caller's pidfd is alive, but tells nothing where no pid can be seen.
 */
enum SenderCheck {
    BY_PIDFD {
        @Override
        void prepare(int socket) {
            SocketCalls.tellSendersByPidfd(socket);
        }

        @Override
        long identity(Caller caller, int pidfd) {
            return SocketCalls.inode(pidfd);
        }

        @Override
        long lastingIdentity(long identity) {
            return identity;
        }

        @Override
        long identity(SocketCalls.Received received) {
            return received.inode();
        }
    },
    BY_PID {
        @Override
        void prepare(int socket) {
            SocketCalls.tellSendersByPid(socket);
        }

        @Override
        long identity(Caller caller, int pidfd) {
            return caller.pid();
        }

        @Override
        long lastingIdentity(long identity) {
            return Pidfd.newIdentity();
        }

        @Override
        long identity(SocketCalls.Received received) {
            return received.pid();
        }
    };

    /** What this kernel can do. */
    static SenderCheck ofThisKernel() {
        return SocketCalls.hasPeerPidfd() && SocketCalls.hasPidfdInodes() ? BY_PIDFD : BY_PID;
    }

    /** Makes a listening socket, and those it accepts, tell senders. */
    abstract void prepare(int socket);

    /** What a message of that caller must show. */
    abstract long identity(Caller caller, int pidfd);

    /** What tells the process from every other for ever, which a pid does not. */
    abstract long lastingIdentity(long identity);

    abstract long identity(SocketCalls.Received received);

    /** Reads, and says whose it is, where the caller's bytes show that identity. */
    Sender receive(int socket, ByteBuffer into, long identity) {
        try {
            return SocketCalls.receive(socket, into)
                    .map(received -> sender(received, identity))
                    .orElse(Sender.NOBODY);
        } catch (ErrnoException e) {
            return e.errno() == ErrnoException.ECONNRESET ? Sender.NOBODY_ANY_MORE : Sender.UNKNOWN;
        }
    }

    private Sender sender(SocketCalls.Received received, long identity) {
        if (received.bytes() == 0) {
            return Sender.NOBODY_ANY_MORE;
        }
        if (received.inode() < 0) {
            // There was no descriptor left for the sender's pidfd.
            return Sender.UNKNOWN;
        }
        return received.descriptors() == 0 && identity(received) == identity ? Sender.CALLER : Sender.ANOTHER;
    }
}
