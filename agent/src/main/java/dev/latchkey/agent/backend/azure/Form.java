package dev.latchkey.agent.backend.azure;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** What a form sends, or what follows the {@code ?} of a path. SECURITY: may hold credentials. */
final class Form {
    static final String TYPE = "application/x-www-form-urlencoded";

    private final StringBuilder text = new StringBuilder();

    Form with(String name, String value) {
        text.append(text.isEmpty() ? "" : "&")
                .append(name)
                .append('=')
                .append(URLEncoder.encode(value, StandardCharsets.UTF_8));
        return this;
    }

    /** The caller's to wipe. */
    byte[] toBytes() {
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    /** As it stands in a path. */
    String toQuery() {
        return "?" + text;
    }

    @Override
    public String toString() {
        return "[redacted]";
    }
}
