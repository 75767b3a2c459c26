package dev.latchkey.agent.backend.aws.sdk;

import dev.latchkey.agent.backend.http.Endpoint;
import dev.latchkey.agent.backend.http.HttpClient;
import dev.latchkey.agent.backend.http.HttpRequest;
import dev.latchkey.agent.backend.http.HttpResponse;
import dev.latchkey.agent.backend.http.Tls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpFullResponse;
import software.amazon.awssdk.http.SdkHttpRequest;

/** The SDK's way out, over the agent's own HTTP. */
final class BoundedHttp implements SdkHttpClient {
    /** What is sent where no question runs, as by a refresh of credentials in the background. */
    private static final Duration USUAL = Duration.ofSeconds(10);

    private static final byte[] NOTHING = "{}".getBytes(StandardCharsets.US_ASCII);
    private static final int OK = 200;
    /** Ours to write. */
    private static final Set<String> OF_THE_CONNECTION =
            Set.of("connection", "content-length", "accept-encoding", "expect", "transfer-encoding");

    private final String name;
    private final Tls tls;
    private final boolean keepsAnswers;

    private BoundedHttp(String name, Tls tls, boolean keepsAnswers) {
        this.name = name;
        this.tls = tls;
        this.keepsAnswers = keepsAnswers;
    }

    /** For a service whose answers are secrets: they go to the {@link Call} that runs, and the SDK sees an empty one. */
    static BoundedHttp keepingAnswers(String name, Tls tls) {
        return new BoundedHttp(name, tls, true);
    }

    /** For the service that gives credentials, whose answers are the SDK's to read. */
    static BoundedHttp passingAnswers(String name, Tls tls) {
        return new BoundedHttp(name, tls, false);
    }

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
        return new ExecutableHttpRequest() {
            @Override
            public HttpExecuteResponse call() throws IOException {
                return sent(request);
            }

            @Override
            public void abort() {
                // The thread that asks is given up, and with it the connection.
            }
        };
    }

    private HttpExecuteResponse sent(HttpExecuteRequest execute) throws IOException {
        SdkHttpRequest request = execute.httpRequest();
        byte[] body = body(execute);
        Duration within = Call.CURRENT.isBound() ? Call.CURRENT.get().left() : USUAL;
        try {
            return passed(new HttpClient(name, endpoint(request), tls).send(plain(request, body), within));
        } finally {
            if (body != null) {
                Arrays.fill(body, (byte) 0);
            }
        }
    }

    private static byte @Nullable [] body(HttpExecuteRequest execute) throws IOException {
        if (execute.contentStreamProvider().isEmpty()) {
            return null;
        }
        try (InputStream content = execute.contentStreamProvider().get().newStream()) {
            return content.readAllBytes();
        }
    }

    private static Endpoint endpoint(SdkHttpRequest request) {
        return new Endpoint.Tcp(request.protocol().equals("https"), request.host(), request.port(), "");
    }

    private static HttpRequest plain(SdkHttpRequest request, byte @Nullable [] body) {
        String path = request.encodedPath().isEmpty() ? "/" : request.encodedPath();
        String whole = path
                + request.encodedQueryParameters().map(query -> "?" + query).orElse("");
        HttpRequest plain = switch (request.method()) {
            case GET -> HttpRequest.get(whole);
            case POST -> HttpRequest.post(whole, body == null ? new byte[0] : body);
            default -> throw new IllegalStateException("nothing here is asked by " + request.method());
        };
        request.forEachHeader((header, values) -> add(plain, header, values));
        return plain;
    }

    private static void add(HttpRequest request, String header, List<String> values) {
        if (!OF_THE_CONNECTION.contains(header.toLowerCase(Locale.ROOT))) {
            request.header(header, String.join(",", values));
        }
    }

    /** SECURITY: an answer that is kept is nobody else's to see. Of any other, which is an error, the SDK reads the code. */
    private HttpExecuteResponse passed(HttpResponse response) {
        boolean kept = keepsAnswers && response.status() == OK;
        if (kept) {
            Call.CURRENT.get().answered(response);
        }
        byte[] shown = kept ? NOTHING : response.body();
        SdkHttpFullResponse.Builder head = SdkHttpFullResponse.builder().statusCode(response.status());
        for (Map.Entry<String, String> header : response.headers().entrySet()) {
            head.putHeader(header.getKey(), header.getValue());
        }
        return HttpExecuteResponse.builder()
                .response(head.build())
                .responseBody(AbortableInputStream.create(new ByteArrayInputStream(shown)))
                .build();
    }

    @Override
    public String clientName() {
        return "latchkey";
    }

    @Override
    public void close() {
        // Keeps no connection.
    }
}
