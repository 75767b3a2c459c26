package dev.latchkey.agent.backend.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One request. SECURITY: header values and the body may be credentials; neither has a text form here. */
public final class HttpRequest {
    private static final String JSON = "application/json";

    private final String method;
    private final String path;
    private final Map<String, byte[]> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
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
        return post(path, JSON, body);
    }

    /**
     * The same with another body than JSON.
     *
     * @param type as in {@code application/x-www-form-urlencoded}
     */
    public static HttpRequest post(String path, String type, byte[] body) {
        HttpRequest request = new HttpRequest("POST", path);
        request.body = body;
        return request.header("Content-Type", type).header("Content-Length", String.valueOf(body.length));
    }

    /**
     * Takes the place of what would be sent under that name otherwise; case does not matter in names.
     *
     * @throws IllegalStateException for a value that would end its line
     */
    public HttpRequest header(String name, String value) {
        if (value.chars().anyMatch(c -> c < ' ' || c > '~')) {
            throw unprintable(name);
        }
        headers.put(name, value.getBytes(StandardCharsets.US_ASCII));
        return this;
    }

    /**
     * A header whose value is a credential: the array is used as it is, and the caller's to wipe once the request was sent.
     *
     * @throws IllegalStateException for a value that would end its line
     */
    public HttpRequest credential(String name, byte[] value) {
        for (byte b : value) {
            if (b < ' ' || b > '~') {
                throw unprintable(name);
            }
        }
        headers.put(name, value);
        return this;
    }

    private static IllegalStateException unprintable(String name) {
        return new IllegalStateException("a header '" + name + "' that is no printable ASCII");
    }

    /**
     * What goes before the body, in an array of its own that the caller wipes.
     *
     * @param prefix of the path
     */
    byte[] head(String prefix, String host) {
        byte[] first = ascii(method + " " + prefix + path + " HTTP/1.1\r\n" + usual("Host", host)
                + "Connection: close\r\nAccept-Encoding: identity\r\n" + usual("User-Agent", "latchkey"));
        int length = first.length + 2;
        for (Map.Entry<String, byte[]> header : headers.entrySet()) {
            length += header.getKey().length() + header.getValue().length + 4;
        }
        ByteBuffer head = ByteBuffer.allocate(length).put(first);
        headers.forEach((name, value) -> head.put(ascii(name + ": ")).put(value).put(ascii("\r\n")));
        return head.put(ascii("\r\n")).array();
    }

    /** Unless the request has its own. */
    private String usual(String name, String value) {
        return headers.containsKey(name) ? "" : name + ": " + value + "\r\n";
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    byte @Nullable [] body() {
        return body;
    }

    @Override
    public String toString() {
        return method + " [redacted]";
    }
}
