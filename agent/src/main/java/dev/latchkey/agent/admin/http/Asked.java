package dev.latchkey.agent.admin.http;

import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.SecretValue;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the head of a request asks for, checked before any of its body is taken.
 *
 * @param length of the body, within the route's limit; 0 for a stream
 */
record Asked(Route route, Map<String, String> segments, Map<String, List<String>> query, int length) {
    private static final int MAX_JSON = 64 * 1024;
    private static final int MAX_PARAMETERS = 64;
    private static final String REPEATABLE = "scope";

    static Asked parse(HttpRequest head, List<Route> routes) throws Refused {
        QueryStringDecoder uri = new QueryStringDecoder(head.uri(), StandardCharsets.UTF_8, true, MAX_PARAMETERS, true);
        List<String> path = segments(uri.rawPath());
        List<Route> there =
                routes.stream().filter(route -> route.match(path).isPresent()).toList();
        if (there.isEmpty()) {
            throw new Refused(
                    HttpResponseStatus.NOT_FOUND, Failure.of(FailureKind.MALFORMED, "there is nothing at this path"));
        }
        Route route = there.stream()
                .filter(candidate -> candidate.method().equals(head.method()))
                .findFirst()
                .orElseThrow(() -> new Refused(
                        HttpResponseStatus.METHOD_NOT_ALLOWED,
                        Failure.of(FailureKind.MALFORMED, "the path does not know this method")));
        Map<String, String> varying = route.match(path).orElseThrow();
        return new Asked(route, varying, query(uri, route), length(head, route));
    }

    private static List<String> segments(String rawPath) throws Refused {
        if (!rawPath.startsWith("/")) {
            throw Refused.malformed("a path begins with '/'");
        }
        List<String> decoded = new ArrayList<>();
        for (String segment : rawPath.substring(1).split("/", -1)) {
            try {
                // A plus sign is itself in a path.
                decoded.add(QueryStringDecoder.decodeComponent(segment.replace("+", "%2B"), StandardCharsets.UTF_8));
            } catch (IllegalArgumentException e) {
                throw Refused.malformed("the path is not percent-encoded UTF-8");
            }
        }
        return decoded;
    }

    private static Map<String, List<String>> query(QueryStringDecoder uri, Route route) throws Refused {
        Map<String, List<String>> query;
        try {
            query = uri.parameters();
        } catch (IllegalArgumentException e) {
            throw Refused.malformed("the query is not percent-encoded UTF-8");
        }
        for (Map.Entry<String, List<String>> parameter : query.entrySet()) {
            if (!route.parameters().contains(parameter.getKey())) {
                throw bad("an unknown parameter; the path knows "
                        + String.join(", ", route.parameters().stream().sorted().toList()));
            }
            if (parameter.getValue().size() > 1 && !parameter.getKey().equals(REPEATABLE)) {
                throw bad("'" + parameter.getKey() + "' must be given once");
            }
        }
        return query;
    }

    private static int length(HttpRequest head, Route route) throws Refused {
        boolean chunked = HttpUtil.isTransferEncodingChunked(head);
        long length = contentLength(head).orElse(0L);
        if (route.body() == Route.Body.STREAM) {
            requireType(head, Responses.OCTETS);
            return 0;
        }
        if (route.body() == Route.Body.NONE) {
            if (chunked || length != 0) {
                throw bad("the path takes no body");
            }
            return 0;
        }
        boolean value = route.body() == Route.Body.VALUE;
        requireType(head, value ? Responses.OCTETS : Responses.JSON);
        if (chunked || contentLength(head).isEmpty()) {
            throw new Refused(
                    HttpResponseStatus.LENGTH_REQUIRED,
                    Failure.of(FailureKind.MALFORMED, "the body's length must be said beforehand"));
        }
        requireWithin(length, value ? SecretValue.MAX_BYTES : MAX_JSON, value);
        return (int) length;
    }

    private static void requireWithin(long length, int most, boolean value) throws Refused {
        if (length > most) {
            throw new Refused(
                    HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
                    value
                            ? Failure.of(FailureKind.BAD_VALUE, "a value of " + length + " bytes is over 1 MiB")
                            : Failure.of(FailureKind.BAD_ARGUMENT, "a body of " + length + " bytes is over 64 KiB"));
        }
    }

    private static Optional<Long> contentLength(HttpRequest head) throws Refused {
        try {
            return HttpUtil.isContentLengthSet(head) ? Optional.of(HttpUtil.getContentLength(head)) : Optional.empty();
        } catch (NumberFormatException e) {
            throw Refused.malformed("the body's length is not a number");
        }
    }

    private static void requireType(HttpRequest head, String type) throws Refused {
        String said = head.headers().get(HttpHeaderNames.CONTENT_TYPE, "");
        if (!said.split(";", 2)[0].strip().equalsIgnoreCase(type)) {
            throw new Refused(
                    HttpResponseStatus.UNSUPPORTED_MEDIA_TYPE,
                    Failure.of(FailureKind.MALFORMED, "the body must be " + type));
        }
    }

    private static Refused bad(String message) {
        return new Refused(HttpResponseStatus.BAD_REQUEST, Failure.of(FailureKind.BAD_ARGUMENT, message));
    }
}
