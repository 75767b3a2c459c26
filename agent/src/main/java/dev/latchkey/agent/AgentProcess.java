package dev.latchkey.agent;

import dev.latchkey.agent.admin.view.StatusView.ProbeView;
import dev.latchkey.agent.cli.AgentRunner;
import dev.latchkey.agent.cli.Surroundings;
import dev.latchkey.agent.config.AgentConfig;
import dev.latchkey.agent.config.ConfigLoader;
import dev.latchkey.agent.config.ConfigReport;
import dev.latchkey.agent.config.ConfigResult;
import dev.latchkey.agent.config.ConfigSecrets;
import dev.latchkey.agent.config.Host;
import dev.latchkey.agent.config.Places;
import dev.latchkey.agent.config.ReloadDiff;
import dev.latchkey.agent.config.RunPlaces;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.memory.Hardening;
import dev.latchkey.agent.sys.MemoryCalls;
import dev.latchkey.agent.sys.ProcessCalls;
import dev.latchkey.agent.sys.SignalCalls;
import dev.latchkey.agent.telemetry.Event;
import dev.latchkey.agent.telemetry.Key;
import dev.latchkey.agent.telemetry.LibraryMessages;
import dev.latchkey.agent.telemetry.Log;
import dev.latchkey.agent.workload.linux.MachineProbe;
import java.io.PrintStream;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** {@code agent run}: one agent in one process, and the signals and the command that it answers to. */
final class AgentProcess implements AgentRunner {
    private static final int PRIVATE = 077;
    private static final int DRAIN_SECONDS = 10;

    private final MachineProbe machine;
    private final Host host;
    private final Clock clock;
    private final PrintStream err;
    private final String version;
    private final Optional<AotCache> cache;
    private final BlockingQueue<Order> orders = new LinkedBlockingQueue<>();

    AgentProcess(Host host, Surroundings surroundings, Optional<AotCache> cache) {
        this.machine = MachineProbe.ofThisMachine();
        this.host = host.lacking(machine.lacking());
        this.clock = surroundings.clock();
        this.err = surroundings.err();
        this.version = surroundings.version();
        this.cache = cache;
    }

    /** What makes a running agent do something else. */
    private sealed interface Order {
        record Reload() implements Order {}

        record Interrupt() implements Order {}

        record Terminate() implements Order {}

        record GuestEnded(int status) implements Order {}
    }

    @Override
    public int run(Options options) {
        cache.ifPresent(AotCache::refuseOtherJars);
        // SECURITY: before the first file is made.
        int umask = ProcessCalls.umask(PRIVATE);
        Places places = new Places(host);
        Places.ConfigFile file = places.configFile(options.config());
        ConfigSecrets.Unopened unopened = new ConfigSecrets.Unopened();
        return switch (new ConfigLoader(host, unopened).loadToRun(file)) {
            case ConfigResult.Refused refused -> {
                err.print(ConfigReport.text(file.path().toString(), refused.problems()));
                yield 1;
            }
            case ConfigResult.Loaded loaded -> {
                RunPlaces run = places.run(options.state(), options.socket(), loaded.config());
                Agent.Completion completion = secrets -> unopened.asked() ? completed(file, secrets) : loaded.config();
                yield serve(options, file, completion, loaded.config(), run, umask);
            }
        };
    }

    private AgentConfig completed(Places.ConfigFile file, ConfigSecrets secrets) {
        return switch (new ConfigLoader(host, secrets).load(file)) {
            case ConfigResult.Loaded loaded -> loaded.config();
            case ConfigResult.Refused refused -> {
                err.print(ConfigReport.text(file.path().toString(), refused.problems()));
                throw new AgentException(
                        FailureKind.BAD_CONFIGURATION, "the configuration names secrets that cannot be had");
            }
        };
    }

    private int serve(
            Options options,
            Places.ConfigFile file,
            Agent.Completion completion,
            AgentConfig config,
            RunPlaces places,
            int umask) {
        Log log = log(options, config);
        LibraryMessages.to(log);
        Agent.Base base = new Agent.Base(version, host, clock, new SecureRandom(), log, probes(log), completion);
        ServiceManager manager =
                new ServiceManager(Optional.ofNullable(host.environment().get("NOTIFY_SOCKET")), log);
        listenForSignals(log);
        long began = System.nanoTime();
        int status;
        try (Agent agent = new Agent(config, places, base)) {
            ready(log, manager, places, agent, began);
            Optional<Guest> guest = guest(options, places, umask);
            String serving = serving(places);
            status = obey(new Served(agent, file, log, options.logLevel().isPresent(), manager, serving), guest);
            log.info(Event.AGENT_DRAINING);
            manager.stopping();
        }
        log.info(Event.AGENT_STOPPED);
        return status;
    }

    private static void ready(Log log, ServiceManager manager, RunPlaces places, Agent agent, long began) {
        log.info(
                Event.AGENT_READY,
                Key.SOCKET.of(places.sockets().getFirst().path()),
                Key.POLICY.of(agent.policyVersion()),
                Key.MILLIS.of(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began)));
        manager.ready(serving(places));
    }

    private static String serving(RunPlaces places) {
        return "serving on " + places.sockets().getFirst().path();
    }

    private Log log(Options options, AgentConfig config) {
        Log.Level level = options.logLevel()
                .map(text -> Log.Level.valueOf(text.toUpperCase(Locale.ROOT)))
                .orElse(config.log().level());
        Log.Format format = options.logFormat()
                .map(text -> Log.Format.valueOf(text.toUpperCase(Locale.ROOT)))
                .orElse(config.log().format());
        return new Log(err, clock, level, format);
    }

    private List<ProbeView> probes(Log log) {
        List<ProbeView> probes = new ArrayList<>(attestation());
        probes.addAll(harden(log));
        cache.flatMap(AotCache::unused).ifPresent(reason -> log.warn(Event.AOT_CACHE_UNUSED, Key.MESSAGE.of(reason)));
        cache.map(AotCache::probe).ifPresent(probes::add);
        return probes;
    }

    private static List<ProbeView> harden(Log log) {
        List<String> missing = Hardening.apply();
        missing.forEach(what -> log.warn(Event.HARDENING_INCOMPLETE, Key.MESSAGE.of(what)));
        return missing.isEmpty()
                ? List.of(StatusReport.ok("hardening", "not dumpable, no core files"))
                : missing.stream()
                        .map(what -> StatusReport.warning("hardening", what))
                        .toList();
    }

    /** What attestation can do here. */
    private List<ProbeView> attestation() {
        Stream<ProbeView> found = machine.findings().stream()
                .map(f ->
                        f.good() ? StatusReport.ok(f.name(), f.detail()) : StatusReport.warning(f.name(), f.detail()));
        ProbeView memory = MemoryCalls.hasSecretMemory()
                ? StatusReport.ok("secret-memory", "memfd_secret: no dump shows keys and values of the usual size")
                : StatusReport.warning("secret-memory", "the kernel has no memfd_secret, or has it switched off");
        return Stream.concat(found, Stream.of(memory)).toList();
    }

    private void listenForSignals(Log log) {
        SignalCalls.catchOrders();
        Thread.ofPlatform().daemon().name("signals").start(() -> {
            while (true) {
                hear(SignalCalls.awaitOrder(), log);
            }
        });
    }

    private void hear(int signal, Log log) {
        switch (signal) {
            case SignalCalls.SIGHUP -> orders.add(new Order.Reload());
            case SignalCalls.SIGINT -> orders.add(new Order.Interrupt());
            case SignalCalls.SIGTERM -> orders.add(new Order.Terminate());
            default ->
                log.info(
                        Event.SIGNAL_IGNORED,
                        Key.MESSAGE.of("signal " + signal + " means nothing to the agent"),
                        Key.HINT.of("SIGHUP reloads the configuration, SIGTERM stops"));
        }
    }

    private Optional<Guest> guest(Options options, RunPlaces places, int umask) {
        if (options.command().isEmpty()) {
            return Optional.empty();
        }
        Guest guest = Guest.start(options.command(), places, umask);
        var _ = guest.ended().thenAccept(status -> orders.add(new Order.GuestEnded(status)));
        return Optional.of(guest);
    }

    /**
     * What a reload works on.
     *
     * @param levelGiven whether the command line decided the log level, which then stays
     * @param manager is told when the new configuration is in force, or refused
     * @param serving the status it was told at the start
     */
    private record Served(
            Agent agent, Places.ConfigFile file, Log log, boolean levelGiven, ServiceManager manager, String serving) {}

    /** Until an order to stop comes. Gives the exit status. */
    private int obey(Served served, Optional<Guest> guest) {
        while (true) {
            switch (next()) {
                case Order.Reload _ -> {
                    served.manager().reloading();
                    boolean adopted = reload(served);
                    served.manager()
                            .ready(served.serving()
                                    + (adopted ? "" : "; the changed configuration was refused, see the log"));
                }
                case Order.GuestEnded(int status) -> {
                    return status;
                }
                // The terminal interrupts the guest too, and it is the guest's to decide whether that ends it.
                case Order.Interrupt _ when guest.isPresent() -> {}
                case Order.Interrupt _, Order.Terminate _ -> {
                    return guest.map(this::dismiss).orElse(0);
                }
            }
        }
    }

    private int dismiss(Guest guest) {
        guest.terminate();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DRAIN_SECONDS);
        while (true) {
            try {
                Order order = orders.poll(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
                if (order == null) {
                    guest.kill();
                    return guest.ended().join();
                }
                if (order instanceof Order.GuestEnded(int status)) {
                    return status;
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException("nobody interrupts the main thread", e);
            }
        }
    }

    private Order next() {
        try {
            return orders.take();
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts the main thread", e);
        }
    }

    /** A file that is refused leaves the configuration as it was, and says so. Gives whether it was not. */
    private boolean reload(Served served) {
        return switch (new ConfigLoader(host, served.agent().secrets()).loadToRun(served.file())) {
            case ConfigResult.Refused refused -> {
                refused.problems()
                        .forEach(problem -> served.log()
                                .error(
                                        Event.CONFIGURATION_REFUSED,
                                        Key.FILE.of(
                                                served.file().path() + ":" + problem.line() + ":" + problem.column()),
                                        Key.MESSAGE.of(problem.message()),
                                        Key.HINT.of(problem.hint()
                                                        .map(hint -> hint + "; ")
                                                        .orElse("") + "the configuration in force stays as it was")));
                yield false;
            }
            case ConfigResult.Loaded loaded -> adopt(served, loaded.config());
        };
    }

    private static boolean adopt(Served served, AgentConfig config) {
        ReloadDiff changes = ReloadDiff.between(served.agent().config(), config);
        Key.Field file = Key.FILE.of(served.file().path());
        try {
            served.agent().adopt(config);
        } catch (AgentException e) {
            served.log()
                    .error(
                            Event.CONFIGURATION_REFUSED,
                            file,
                            Key.MESSAGE.of(e.failure().message()));
            return false;
        }
        if (!served.levelGiven()) {
            served.log().level(config.log().level());
        }
        served.log()
                .info(
                        Event.CONFIGURATION_LOADED,
                        file,
                        Key.POLICY.of(served.agent().policyVersion()));
        if (!changes.restart().isEmpty()) {
            String waiting = "not in force before a restart: " + String.join(", ", changes.restart());
            served.log().warn(Event.CONFIGURATION_LOADED, file, Key.MESSAGE.of(waiting));
        }
        return true;
    }
}
