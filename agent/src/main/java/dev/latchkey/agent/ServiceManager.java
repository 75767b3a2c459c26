package dev.latchkey.agent;

import dev.latchkey.agent.sys.ErrnoException;
import dev.latchkey.agent.sys.ProcessCalls;
import dev.latchkey.agent.telemetry.Event;
import dev.latchkey.agent.telemetry.Key;
import dev.latchkey.agent.telemetry.Log;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Tells the service manager how the agent is doing, as {@code sd_notify(3)} does.
 *
 * @param socket the content of {@code NOTIFY_SOCKET}; absent: nobody wants to know
 */
record ServiceManager(Optional<String> socket, Log log) {
    void ready(String status) {
        send("READY=1\nSTATUS=" + status);
    }

    /** The manager waits for {@link #ready} then, if this is later than its signal: so the clock is told. */
    void reloading() {
        send("RELOADING=1\nMONOTONIC_USEC=" + TimeUnit.NANOSECONDS.toMicros(System.nanoTime()));
    }

    void stopping() {
        send("STOPPING=1");
    }

    /** A manager that cannot be told will draw its own conclusions; serving does not depend on it. */
    private void send(String state) {
        try {
            socket.ifPresent(path -> ProcessCalls.notify(path, state));
        } catch (ErrnoException e) {
            log.warn(Event.SERVICE_MANAGER_DEAF, Key.CODE.of(e.errno()));
        }
    }
}
