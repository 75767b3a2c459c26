package dev.latchkey.agent.admin.http;

import io.netty.handler.codec.http.HttpMethod;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One thing that can be asked.
 *
 * @param template the path, with names in braces for segments that vary
 * @param parameters of the query; others are refused
 */
record Route(HttpMethod method, String template, Body body, Set<String> parameters, Handler handler) {
    /** What a request carries. */
    enum Body {
        NONE,
        /** At most 64 KiB of JSON. */
        JSON,
        /** At most 1 MiB, its length said beforehand. */
        VALUE,
        /** Any length, read while it comes. */
        STREAM
    }

    /** Carries a request out; runs in a virtual thread and may block. */
    @FunctionalInterface
    interface Handler {
        Reply handle(Call call);
    }

    Route {
        parameters = Set.copyOf(parameters);
    }

    /** The segments that vary, by name, if the path is of this template. */
    Optional<Map<String, String>> match(List<String> segments) {
        String[] wanted = template.substring(1).split("/", -1);
        if (wanted.length != segments.size()) {
            return Optional.empty();
        }
        Map<String, String> found = new HashMap<>();
        for (int i = 0; i < wanted.length; i++) {
            if (wanted[i].startsWith("{")) {
                found.put(wanted[i].substring(1, wanted[i].length() - 1), segments.get(i));
            } else if (!wanted[i].equals(segments.get(i))) {
                return Optional.empty();
            }
        }
        return Optional.of(found);
    }
}
