package dev.latchkey.agent.server;

import dev.latchkey.agent.audit.AuditEvent;
import dev.latchkey.agent.audit.AuditLog;
import dev.latchkey.agent.consumers.Deliveries;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.injection.Bundle;
import dev.latchkey.agent.injection.ComposedRequest;
import dev.latchkey.agent.injection.InjectionResult;
import dev.latchkey.agent.injection.Injector;
import dev.latchkey.agent.injection.LaunchRequest;
import dev.latchkey.agent.memory.WipedSegment;
import dev.latchkey.agent.secret.Holding;
import dev.latchkey.agent.secret.Lease;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.workload.Caller;
import dev.latchkey.agent.workload.Entrance;
import dev.latchkey.agent.workload.PinnedCaller;
import dev.latchkey.agent.workload.PinnedProcess;
import dev.latchkey.agent.workload.Presented;
import dev.latchkey.agent.workload.Sender;
import dev.latchkey.agent.workload.Supposed;
import dev.latchkey.agent.workload.Workload;
import dev.latchkey.agent.workload.WorkloadAttestor;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** Hand-made stand-ins for what the server works with. */
final class Fakes {
    private static final int PATIENCE_SECONDS = 10;

    private Fakes() {}

    static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        return Objects.requireNonNull(queue.poll(PATIENCE_SECONDS, TimeUnit.SECONDS), "nothing came");
    }

    /** Answers as it is told, and remembers. */
    static final class FakeInjector implements Injector {
        final BlockingQueue<LaunchRequest> asked = new LinkedBlockingQueue<>();
        final BlockingQueue<ComposedRequest> composed = new LinkedBlockingQueue<>();
        /** Which thread each request and each conclusion ran on. */
        final BlockingQueue<Thread> threads = new LinkedBlockingQueue<>();

        final BlockingQueue<HandOver> concluded = new LinkedBlockingQueue<>();
        volatile Function<LaunchRequest, InjectionResult> answer = _ -> {
            throw new AgentException(FailureKind.SECRET_NOT_FOUND, "not found in default/default", "look again");
        };

        volatile boolean atOnce;

        @Override
        public boolean injectsAtOnce(LaunchRequest request, PinnedCaller caller) {
            return atOnce;
        }

        @Override
        public boolean concludesAtOnce() {
            return atOnce;
        }

        @Override
        public InjectionResult inject(LaunchRequest request, PinnedCaller caller) {
            asked.add(request);
            threads.add(Thread.currentThread());
            return answer.apply(request);
        }

        @Override
        public InjectionResult inject(ComposedRequest request, PinnedCaller caller) {
            composed.add(request);
            threads.add(Thread.currentThread());
            return answer.apply(request.launch());
        }

        @Override
        public void conclude(Bundle bundle, HandOver result) {
            threads.add(Thread.currentThread());
            concluded.add(result);
        }
    }

    /** Memory that can still be looked at when it is closed. */
    static final class VisibleSegment implements WipedSegment {
        final CountDownLatch closed = new CountDownLatch(1);
        private final ByteBuffer memory;

        VisibleSegment(byte[] block) {
            memory = ByteBuffer.allocateDirect(block.length).put(block).flip();
        }

        @Override
        public ByteBuffer buffer() {
            return memory.duplicate();
        }

        @Override
        public void close() {
            for (int i = 0; i < memory.limit(); i++) {
                memory.put(i, (byte) 0);
            }
            closed.countDown();
        }

        boolean isWiped() throws InterruptedException {
            return closed.await(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    && memory.equals(ByteBuffer.allocate(memory.limit()));
        }
    }

    static InjectionResult delivered(int count, WipedSegment block) {
        return delivered(count, block, Optional.empty());
    }

    /** With a version that came under a lease, where there is a hold. */
    static InjectionResult delivered(int count, WipedSegment block, Optional<Lease.Hold> hold) {
        Holding holding = new Holding(new SecretLocation("store", "x"), "1", hold);
        Bundle.Contents contents = new Bundle.Contents("flow", List.of("store:x@1"), List.of(holding));
        return new InjectionResult.Delivered(new Bundle(77, count, contents, List.of(), block));
    }

    /** Remembers who got what. */
    static final class FakeDeliveries implements Deliveries {
        final BlockingQueue<String> told = new LinkedBlockingQueue<>();
        volatile Optional<RuntimeException> fault = Optional.empty();

        @Override
        public void delivered(PinnedCaller caller, String workload, List<Holding> holdings) {
            fault.ifPresent(thrown -> {
                throw thrown;
            });
            told.add(caller.caller().pid() + " " + workload + " " + holdings);
        }
    }

    /** Counts how often it is given back. */
    static final class FakeHold implements Lease.Hold {
        final AtomicInteger closed = new AtomicInteger();

        @Override
        public void close() {
            closed.incrementAndGet();
        }

        @Override
        public void leave() {
            throw new IllegalStateException("the server leaves no lease to itself");
        }

        @Override
        public Lease lease() {
            throw new IllegalStateException("the server looks at no lease");
        }
    }

    /** The socket of most tests. */
    static final Entrance MAIN = new Entrance("main", true, Optional.empty());

    /** Knows one caller, who lives or not. */
    static final class FakeAttestor implements WorkloadAttestor {
        final AtomicInteger open = new AtomicInteger();
        volatile boolean alive = true;
        volatile long uid = 1000;
        volatile boolean knows = true;
        volatile Sender sender = Sender.CALLER;
        volatile Optional<Error> fault = Optional.empty();

        @Override
        public void listening(int socket) {}

        @Override
        public OptionalLong uid(int socket) {
            return knows ? OptionalLong.of(uid) : OptionalLong.empty();
        }

        @Override
        public PinnedCaller attest(int socket, Entrance entrance) {
            fault.ifPresent(thrown -> {
                throw thrown;
            });
            if (!knows) {
                throw new AgentException(FailureKind.CALLER_UNKNOWN, "the caller could not be attested");
            }
            Caller caller = new Caller(entrance.listener(), 42, uid, 1000, List.of());
            open.incrementAndGet();
            return new PinnedCaller() {
                @Override
                public Caller caller() {
                    return caller;
                }

                @Override
                public boolean alive() {
                    return alive;
                }

                @Override
                public Sender receive(int socket, ByteBuffer into) {
                    int came = Fakes.receive(socket, into);
                    return came == 0 ? Sender.NOBODY : came < 0 ? Sender.NOBODY_ANY_MORE : sender;
                }

                @Override
                public Workload workload(Presented presented) {
                    return new Workload(caller, true, Supposed.Facts.PLAIN, presented);
                }

                @Override
                public PinnedProcess keep() {
                    throw new IllegalStateException("the server keeps no process itself");
                }

                @Override
                public void close() {
                    open.decrementAndGet();
                }
            };
        }
    }

    private static int receive(int socket, ByteBuffer into) {
        try {
            int came = new Socket(socket).recv(into, into.position(), into.limit());
            into.position(into.position() + Math.max(0, came));
            return came;
        } catch (IOException e) {
            return -1;
        }
    }

    /** Keeps events in memory. */
    static final class FakeAudit implements AuditLog {
        final BlockingQueue<AuditEvent> events = new LinkedBlockingQueue<>();
        private final AtomicInteger sequence = new AtomicInteger();

        @Override
        public long append(AuditEvent event) {
            events.add(event);
            return sequence.incrementAndGet();
        }
    }
}
