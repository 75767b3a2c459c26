package dev.latchkey.agent.backend.http;

import java.io.IOException;

/** An answer that is none. SECURITY: its message says what is wrong, and nothing of what was sent. */
final class MalformedResponse extends IOException {
    MalformedResponse(String message) {
        super(message);
    }
}
