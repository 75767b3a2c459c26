package dev.latchkey.integration;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Frames of the protocol, for peers that do what no launcher does. */
final class Frames {
    private Frames() {}

    /** Asks for one secret as variable {@code V}, within ten seconds; in hexadecimal digits. */
    static String request(String reference) {
        byte[] text = reference.getBytes(StandardCharsets.UTF_8);
        ByteBuffer body = ByteBuffer.allocate(256);
        body.putShort((short) 0x8001).putInt(4).putInt(10_000);
        body.putShort((short) 0x8010).putInt(5 + text.length);
        body.put((byte) 1).put((byte) 0).putShort((short) 1).put((byte) 'V').put(text);
        body.flip();
        ByteBuffer frame = ByteBuffer.allocate(12 + body.limit());
        frame.put(new byte[] {'L', 'K', 'E', 'Y', 1, 0, 1, 0})
                .putInt(body.limit())
                .put(body);
        return HexFormat.of().formatHex(frame.array());
    }
}
