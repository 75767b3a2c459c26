package dev.latchkey.agent.backend.http;

import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** An answer. Closing it wipes the body. */
public final class HttpResponse implements AutoCloseable {
    private final int status;
    private final Map<String, String> headers;
    private final byte[] body;

    HttpResponse(int status, Map<String, String> headers, byte[] body) {
        this.status = status;
        this.headers = Map.copyOf(headers);
        this.body = body;
    }

    public int status() {
        return status;
    }

    /** By their names in lower case. */
    public Map<String, String> headers() {
        return headers;
    }

    /** By its name in lower case. */
    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }

    /** The bytes themselves. SECURITY: may hold secrets, and may say anything. */
    public byte[] body() {
        return body;
    }

    /** When the backend wants to be asked again, where it says so in seconds. */
    public Optional<Duration> retryAfter() {
        return header("retry-after")
                .filter(text -> text.matches("[0-9]{1,6}"))
                .map(text -> Duration.ofSeconds(Long.parseLong(text)));
    }

    @Override
    public void close() {
        Arrays.fill(body, (byte) 0);
    }

    @Override
    public String toString() {
        return "status " + status;
    }
}
