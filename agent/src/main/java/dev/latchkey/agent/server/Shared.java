package dev.latchkey.agent.server;

import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.telemetry.Event;
import dev.latchkey.agent.telemetry.Key;
import dev.latchkey.agent.workload.PinnedCaller;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** What all connections of a server have in common. */
final class Shared {
    private final Services services;
    private final Limits limits;
    private final Workers workers = new Workers();
    private final Quota quota;
    private final FrameMemory frameMemory;
    private final Rejections rejections;
    private final Turns turns = new Turns(2 * Runtime.getRuntime().availableProcessors());
    private final Running running = new Running();
    private final RecentRequests recentRequests = new RecentRequests();
    private final AtomicBoolean draining = new AtomicBoolean();

    Shared(Services services, Limits limits) {
        this.services = services;
        this.limits = limits;
        this.quota = new Quota(limits.connections(), limits.connectionsOfUser());
        this.frameMemory = new FrameMemory(limits.frameBytes(), limits.frameBytesOfUser());
        this.rejections = new Rejections(
                services.audit(),
                services.log(),
                workers::executeAnyway,
                System::nanoTime,
                limits.rejectionsPerSecond());
    }

    Services services() {
        return services;
    }

    Limits limits() {
        return limits;
    }

    Workers workers() {
        return workers;
    }

    Quota quota() {
        return quota;
    }

    FrameMemory frameMemory() {
        return frameMemory;
    }

    Turns turns() {
        return turns;
    }

    RecentRequests recentRequests() {
        return recentRequests;
    }

    Running running() {
        return running;
    }

    void drain() {
        draining.set(true);
    }

    boolean isDraining() {
        return draining.get();
    }

    /** Why no request is served now, whatever it asks for. */
    Optional<Failure> notNow() {
        if (isDraining()) {
            return Optional.of(Failure.of(FailureKind.DRAINING, "the agent is stopping"));
        }
        return switch (services.readiness().state()) {
            case STARTING -> Optional.of(Failure.of(FailureKind.STARTING, "the agent is starting"));
            case DRAINING -> Optional.of(Failure.of(FailureKind.DRAINING, "the agent is stopping"));
            // What fails may be no part of this request; what is, fails it with its own reason.
            case READY, FAILING -> Optional.empty();
        };
    }

    /** Remembers a refusal of something that could name no secret. */
    void rejected(Optional<Admission> admission, String code, String detail) {
        rejections.record(admission.flatMap(Admission::pinned).map(PinnedCaller::caller), code, detail);
    }

    /** SECURITY: the kind and place of a fault, never its message, which nobody has checked for values. */
    void logFault(Throwable fault) {
        StackTraceElement[] trace = fault.getStackTrace();
        String place = trace.length == 0 ? "" : " at " + trace[0];
        services.log().error(Event.INTERNAL_FAULT, Key.FAULT.of(fault.getClass().getName() + place));
    }
}
