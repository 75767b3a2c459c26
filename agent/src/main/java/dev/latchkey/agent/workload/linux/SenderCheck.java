package dev.latchkey.agent.workload.linux;

import dev.latchkey.agent.sys.ErrnoException;
import dev.latchkey.agent.sys.SocketCalls;
import dev.latchkey.agent.workload.Caller;
import dev.latchkey.agent.workload.Sender;

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
        long identity(SocketCalls.Sender sender) {
            return sender.inode();
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
        long identity(SocketCalls.Sender sender) {
            return sender.pid();
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

    abstract long identity(SocketCalls.Sender sender);

    /** Whose the next bytes are, where the caller's show that identity. */
    Sender next(int socket, long identity) {
        try {
            return SocketCalls.nextSender(socket)
                    .map(sender ->
                            sender.descriptors() == 0 && identity(sender) == identity ? Sender.CALLER : Sender.ANOTHER)
                    .orElse(Sender.NOBODY);
        } catch (ErrnoException e) {
            // A descriptor may be lacking, or the connection was reset.
            return Sender.UNKNOWN;
        }
    }
}
