package dev.latchkey.agent.crypto.vaulttransit;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** The body of a request about several keys. */
final class TransitBatch {
    private static final byte[] BEGIN = "{\"batch_input\":[".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = "]}".getBytes(StandardCharsets.US_ASCII);

    private TransitBatch() {}

    /**
     * @param items wiped by this
     * @return the caller's to wipe
     */
    static byte[] request(List<byte[]> items) {
        int size = items.stream().mapToInt(item -> item.length + 1).sum();
        ByteBuffer body = ByteBuffer.allocate(BEGIN.length + size - 1 + END.length);
        body.put(BEGIN);
        for (int i = 0; i < items.size(); i++) {
            if (i > 0) {
                body.put((byte) ',');
            }
            body.put(items.get(i));
            Arrays.fill(items.get(i), (byte) 0);
        }
        return body.put(END).array();
    }
}
