package dev.latchkey.agent.server;

import dev.latchkey.agent.injection.LaunchRequest;
import dev.latchkey.protocol.MalformedException;
import dev.latchkey.protocol.Request;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Small requests that came lately, decoded: the same program is launched again and again, and asks in the same bytes each time. Any thread.
 */
final class RecentRequests {
    private static final int MOST = 256;
    private static final int MOST_BYTES = 1_024;

    private final Map<ByteBuffer, Decoded> requests = new ConcurrentHashMap<>();

    /** A request in the words of the protocol and in those of the use case. */
    record Decoded(Request request, LaunchRequest launch) {
        /** About what a binding takes of the heap until it is answered, however few bytes it came in. */
        private static final int BYTES_OF_BINDING = 150;

        /** What it takes besides its bytes. */
        int heap() {
            return request.bindings().size() * BYTES_OF_BINDING;
        }

        static Decoded of(ByteBuffer body) throws MalformedException {
            Request request = Request.decode(body);
            return new Decoded(request, Answers.launchRequest(request));
        }
    }

    /**
     * @param body as it came; it stays the caller's
     */
    Decoded decode(ByteBuffer body) throws MalformedException {
        if (body.remaining() > MOST_BYTES) {
            return Decoded.of(body);
        }
        Decoded known = requests.get(body);
        if (known != null) {
            return known;
        }
        Decoded decoded = Decoded.of(body.duplicate());
        if (isKept(decoded.request())) {
            keep(body, decoded);
        }
        return decoded;
    }

    private void keep(ByteBuffer body, Decoded decoded) {
        if (requests.size() >= MOST) {
            requests.clear();
        }
        byte[] copy = new byte[body.remaining()];
        body.duplicate().get(copy);
        requests.put(ByteBuffer.wrap(copy), decoded);
    }

    /** SECURITY: neither tokens nor what may be the default of a reference is kept. */
    private static boolean isKept(Request request) {
        return request.token().isEmpty()
                && request.bindings().stream()
                        .noneMatch(binding -> binding.reference().contains(","));
    }
}
