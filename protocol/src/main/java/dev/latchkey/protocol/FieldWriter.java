package dev.latchkey.protocol;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Collects the fields of a body that holds no value of a secret. Fields are written in the order of the calls. */
final class FieldWriter {
    static final int CRITICAL = 0x8000;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream(256);

    FieldWriter u8(int tag, int value) {
        return bytes(tag, new byte[] {(byte) value});
    }

    FieldWriter u16(int tag, int value) {
        return bytes(tag, ByteBuffer.allocate(2).putShort((short) value).array());
    }

    FieldWriter u32(int tag, long value) {
        return bytes(tag, ByteBuffer.allocate(4).putInt((int) value).array());
    }

    FieldWriter u64(int tag, long value) {
        return bytes(tag, ByteBuffer.allocate(8).putLong(value).array());
    }

    FieldWriter text(int tag, String value) {
        return bytes(tag, value.getBytes(StandardCharsets.UTF_8));
    }

    FieldWriter bytes(int tag, byte[] value) {
        head(tag, value.length);
        out.writeBytes(value);
        return this;
    }

    /** Tag and length of a field whose value the caller writes elsewhere, right after these bytes. */
    FieldWriter head(int tag, int length) {
        out.writeBytes(
                ByteBuffer.allocate(6).putShort((short) tag).putInt(length).array());
        return this;
    }

    byte[] toBytes() {
        return out.toByteArray();
    }

    /** The whole frame, from position 0 to its limit. */
    ByteBuffer frame(Version version, FrameType type) {
        return frame(version, type, 0);
    }

    /** A frame of which so many bytes of the body follow elsewhere. */
    ByteBuffer frame(Version version, FrameType type, int following) {
        byte[] body = out.toByteArray();
        ByteBuffer frame = ByteBuffer.allocate(Header.BYTES + body.length);
        new Header(version, type, Math.addExact(body.length, following)).encode(frame);
        return frame.put(body).flip();
    }
}
