package dev.latchkey.agent.backend.http;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One request. SECURITY: header values and the body may be credentials; neither has a text form here. */
public final class HttpRequest {
    private final String method;
    private final String path;
    private final Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private byte @Nullable [] body;

    private HttpRequest(String method, String path) {
        this.method = method;
        this.path = path;
    }

    /**
     * @param path with its leading slash and query, encoded
     */
    public static HttpRequest get(String path) {
        return new HttpRequest("GET", path);
    }

    /** The body is the caller's to wipe. */
    public static HttpRequest post(String path, byte[] body) {
        HttpRequest request = new HttpRequest("POST", path);
        request.body = body;
        return request;
    }

    /**
     * Takes the place of what would be sent under that name otherwise.
     *
     * @throws IllegalStateException for a value that would end its line
     */
    public HttpRequest header(String name, String value) {
        if (value.chars().anyMatch(c -> c < ' ' || c > '~')) {
            throw new IllegalStateException("a header '" + name + "' that is no printable ASCII");
        }
        headers.put(name, value);
        return this;
    }

    String method() {
        return method;
    }

    String path() {
        return path;
    }

    /** Case does not matter in their names. */
    Map<String, String> headers() {
        return headers;
    }

    byte @Nullable [] body() {
        return body;
    }

    @Override
    public String toString() {
        return method + " [redacted]";
    }
}
