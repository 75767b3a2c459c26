package dev.latchkey.agent.workload.linux;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.sys.ErrnoException;
import dev.latchkey.agent.sys.SocketCalls;
import dev.latchkey.agent.sys.SocketCalls.PeerCredentials;
import dev.latchkey.agent.workload.Caller;
import dev.latchkey.agent.workload.Entrance;
import dev.latchkey.agent.workload.PinnedCaller;
import dev.latchkey.agent.workload.WorkloadAttestor;
import java.util.OptionalLong;

/** The attestor of Linux. */
public final class LinuxAttestor implements WorkloadAttestor {
    private final boolean strict;
    private final SenderCheck senders;

    public LinuxAttestor() {
        this(SocketCalls.hasPeerPidfd(), SenderCheck.ofThisKernel());
    }

    /**
     * @param strict whether the kernel hands out pidfds of peers
     */
    LinuxAttestor(boolean strict, SenderCheck senders) {
        this.strict = strict;
        this.senders = senders;
    }

    @Override
    public void listening(int socket) {
        senders.prepare(socket);
        try {
            SocketCalls.refuseDescriptors(socket);
        } catch (ErrnoException e) {
            // Before Linux 6.16 there is no such option; the kernel then drops what it is sent, because nothing here
            // receives it.
            if (e.errno() != ErrnoException.ENOPROTOOPT) {
                throw e;
            }
        }
    }

    @Override
    public OptionalLong uid(int socket) {
        try {
            return OptionalLong.of(SocketCalls.peerCredentials(socket).uid());
        } catch (ErrnoException e) {
            return OptionalLong.empty();
        }
    }

    @Override
    public PinnedCaller attest(int socket, Entrance entrance) {
        try {
            Caller caller = identify(socket, entrance.listener());
            requirePid(caller.pid(), entrance.pidRequired());
            int pidfd = strict ? SocketCalls.peerPidfd(socket) : weakPidfd(caller.pid());
            return new Pin(new Pin.Connector(caller, entrance.launcherGroup()), strict, senders, pidfd);
        } catch (ErrnoException e) {
            throw failed(e);
        }
    }

    /**
     * Takes a peer's credentials without pinning it: enough for one who is known by uid and groups alone.
     *
     * @throws ErrnoException if the kernel does not say
     */
    public static Caller identify(int socket, String listener) {
        PeerCredentials peer = SocketCalls.peerCredentials(socket);
        return new Caller(listener, peer.pid(), peer.uid(), peer.gid(), SocketCalls.peerGroups(socket));
    }

    private static AgentException failed(ErrnoException e) {
        boolean full = e.errno() == ErrnoException.EMFILE || e.errno() == ErrnoException.ENFILE;
        return new AgentException(
                full
                        ? Failure.of(FailureKind.BUSY, "the agent has no file descriptor left")
                        : Failure.of(FailureKind.CALLER_UNKNOWN, "the caller could not be attested: " + e.getMessage()),
                e);
    }

    /** A caller of a PID namespace beside ours shows pid 0. */
    static void requirePid(int pid, boolean pidRequired) {
        if (pid == 0 && pidRequired) {
            throw unknown("the caller lives in another PID namespace, and this socket requires a pid");
        }
    }

    static int weakPidfd(int pid) {
        if (pid == 0) {
            throw unknown("a caller without a pid cannot be pinned on a kernel before Linux 6.5");
        }
        return WeakPin.open(pid);
    }

    static AgentException unknown(String message) {
        return new AgentException(FailureKind.CALLER_UNKNOWN, message);
    }
}
