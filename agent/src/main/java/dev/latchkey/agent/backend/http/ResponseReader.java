package dev.latchkey.agent.backend.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads one answer of HTTP/1.1 to its end, within limits that no header can move. */
final class ResponseReader {
    /** More than a value of 1 MiB in base64 within JSON. */
    static final int MOST_BODY = 4 << 20;

    private static final int MOST_HEAD = 64 << 10;
    private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.[01] ([1-5][0-9]{2})(?: .*)?");
    private static final Pattern SIZE = Pattern.compile("[0-9a-fA-F]{1,8}");

    private final InputStream in;
    private final byte[] buffer = new byte[8 << 10];
    private int at;
    private int end;
    private int headBytes;

    ResponseReader(InputStream in) {
        this.in = in;
    }

    HttpResponse read() throws IOException {
        try {
            int status;
            Map<String, String> headers;
            do {
                status = status();
                headers = headers();
            } while (status < 200);
            return new HttpResponse(status, headers, body(status, headers));
        } finally {
            Arrays.fill(buffer, (byte) 0);
        }
    }

    private int status() throws IOException {
        Matcher line = STATUS_LINE.matcher(line());
        if (!line.matches()) {
            throw new MalformedResponse("answers in no HTTP");
        }
        return Integer.parseInt(line.group(1));
    }

    private Map<String, String> headers() throws IOException {
        Map<String, String> headers = new HashMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            if (colon < 1) {
                throw new MalformedResponse("answers in no HTTP");
            }
            String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
            String before = headers.put(name, line.substring(colon + 1).strip());
            if (before != null && name.equals("content-length")) {
                throw new MalformedResponse("answers with two lengths");
            }
        }
        return headers;
    }

    private byte[] body(int status, Map<String, String> headers) throws IOException {
        String encoding = headers.getOrDefault("content-encoding", "identity");
        if (!encoding.equalsIgnoreCase("identity")) {
            throw new MalformedResponse("answers with a compressed body, which was not asked for");
        }
        if (status == 204 || status == 304) {
            return new byte[0];
        }
        String transfer = headers.getOrDefault("transfer-encoding", "");
        if (transfer.equalsIgnoreCase("chunked")) {
            return chunks();
        }
        String length = headers.get("content-length");
        if (!transfer.isEmpty() || (length != null && !length.matches("[0-9]{1,10}"))) {
            throw new MalformedResponse("answers in no HTTP");
        }
        return length == null ? untilTheEnd() : exactly(Long.parseLong(length));
    }

    private byte[] exactly(long length) throws IOException {
        if (length > MOST_BODY) {
            throw tooLong();
        }
        byte[] body = new byte[(int) length];
        fill(body, 0, body.length);
        return body;
    }

    private byte[] chunks() throws IOException {
        byte[] body = new byte[0];
        while (true) {
            String size = line().split(";", 2)[0].strip();
            if (!SIZE.matcher(size).matches()) {
                throw new MalformedResponse("answers in no HTTP");
            }
            int length = Integer.parseUnsignedInt(size, 16);
            if (length < 0 || body.length + (long) length > MOST_BODY) {
                throw tooLong();
            }
            if (length == 0) {
                headers();
                return body;
            }
            body = grown(body, body.length + length);
            fill(body, body.length - length, length);
            if (!line().isEmpty()) {
                throw new MalformedResponse("answers in no HTTP");
            }
        }
    }

    private byte[] untilTheEnd() throws IOException {
        byte[] body = new byte[0];
        while (available()) {
            if (body.length + end - at > MOST_BODY) {
                throw tooLong();
            }
            int length = end - at;
            body = grown(body, body.length + length);
            fill(body, body.length - length, length);
        }
        return body;
    }

    /** SECURITY: what it grew out of is wiped. */
    private static byte[] grown(byte[] body, int length) {
        byte[] longer = Arrays.copyOf(body, length);
        Arrays.fill(body, (byte) 0);
        return longer;
    }

    private void fill(byte[] body, int from, int length) throws IOException {
        int done = 0;
        while (done < length) {
            if (!available()) {
                throw new MalformedResponse("ended its answer too early");
            }
            int part = Math.min(length - done, end - at);
            System.arraycopy(buffer, at, body, from + done, part);
            at += part;
            done += part;
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            if (!available()) {
                throw new MalformedResponse("ended its answer too early");
            }
            if (++headBytes > MOST_HEAD) {
                throw new MalformedResponse("answers with headers without end");
            }
            byte b = buffer[at++];
            if (b == '\n') {
                int length = line.length();
                return length > 0 && line.charAt(length - 1) == '\r' ? line.substring(0, length - 1) : line.toString();
            }
            line.append((char) (b & 0xFF));
        }
    }

    private boolean available() throws IOException {
        if (at < end) {
            return true;
        }
        at = 0;
        end = Math.max(0, in.read(buffer));
        return end > 0;
    }

    private static MalformedResponse tooLong() {
        return new MalformedResponse("answers with more than " + MOST_BODY + " bytes");
    }
}
