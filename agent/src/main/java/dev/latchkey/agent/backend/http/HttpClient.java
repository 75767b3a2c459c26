package dev.latchkey.agent.backend.http;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.UnavailableException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/** Sends requests to one place. */
public final class HttpClient {
    private final String name;
    private final Endpoint endpoint;
    private final Tls tls;

    /**
     * @param name the provider's, for messages
     */
    public HttpClient(String name, Endpoint endpoint, Tls tls) {
        this.name = name;
        this.endpoint = endpoint;
        this.tls = tls;
    }

    /** The same, for another place. */
    public HttpClient at(Endpoint other) {
        return new HttpClient(name, other, tls);
    }

    public Endpoint endpoint() {
        return endpoint;
    }

    /**
     * Sends a request and reads the whole answer, whatever its status.
     *
     * @param within the caller waits no longer, whatever the other side does
     * @throws UnavailableException if there is no answer
     * @throws AgentException {@code PROVIDER_MALFORMED} if it is none
     */
    public HttpResponse send(HttpRequest request, Duration within) {
        Exchange exchange = new Exchange(endpoint, tls);
        FutureTask<HttpResponse> answer = new FutureTask<>(() -> exchange.run(request));
        // No virtual thread: the resolver of names would hold the one that carries it.
        Thread.ofPlatform().daemon().name("backend").start(answer);
        try {
            return answer.get(within.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw failure(e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException | CancellationException e) {
            throw unavailable(FailureKind.TIMED_OUT, "did not answer in time");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unavailable(FailureKind.PROVIDER_UNAVAILABLE, "was not waited for");
        } finally {
            // Ends whatever still reads, so that no other side can hold a thread longer than the caller waits.
            exchange.close();
        }
    }

    /** SECURITY: what a library says of a connection is not passed on, for it can quote the other side. */
    private RuntimeException failure(Throwable cause) {
        return switch (cause) {
            case MalformedResponse e -> new AgentException(FailureKind.PROVIDER_MALFORMED, name + " " + e.getMessage());
            case UnknownHostException _ -> unreachable("cannot be reached: its name is not known");
            case SSLException _ -> unreachable("cannot be trusted: its certificate or its TLS is not accepted");
            case SocketTimeoutException _ -> unavailable(FailureKind.TIMED_OUT, "did not answer in time");
            case ConnectException _, NoRouteToHostException _ -> unreachable("cannot be reached: connection refused");
            case SocketException _, ClosedChannelException _ -> unreachable("ended the connection");
            case IOException _ -> unreachable("cannot be reached");
            case RuntimeException e -> e;
            default -> new IllegalStateException("a request failed in an unknown way", cause);
        };
    }

    private UnavailableException unreachable(String what) {
        return unavailable(FailureKind.PROVIDER_UNAVAILABLE, what);
    }

    private UnavailableException unavailable(FailureKind kind, String what) {
        return new UnavailableException(Failure.of(kind, name + " " + what, "its address is " + endpoint));
    }
}
