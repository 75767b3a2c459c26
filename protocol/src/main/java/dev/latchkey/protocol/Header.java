package dev.latchkey.protocol;

import java.nio.ByteBuffer;

/**
 * The first 12 bytes of a frame: SPEC.md, section 2.
 *
 * @param length bytes of the body, 0 to the type's maximum
 */
public record Header(Version version, FrameType type, int length) {
    /** Bytes of a header. */
    public static final int BYTES = 12;

    private static final int MAGIC = 0x4C4B4559;

    public Header {
        if (length < 0 || length > type.maxBody()) {
            throw new IllegalStateException("a " + type + " of " + length + " bytes");
        }
    }

    /**
     * Decodes a header and moves behind it.
     *
     * @param in may hold less than a header, if no more will come
     * @param receiver the side that decodes
     */
    public static Header decode(ByteBuffer in, Side receiver) throws MalformedException {
        requireMagic(in);
        Version version = version(in, receiver);
        int number = Byte.toUnsignedInt(need(in, 1).get());
        // A client understands a refusal whatever its version, so that it can say that the versions do not match.
        if (!version.isServed() && number != FrameType.REFUSAL.number()) {
            throw badVersion(version);
        }
        FrameType type = type(number, receiver);
        if (need(in, 1).get() != 0) {
            throw new MalformedException(FailureClass.BAD_RESERVED, "the reserved byte of the header is not 0");
        }
        return new Header(version, type, length(in, type));
    }

    private static void requireMagic(ByteBuffer in) throws MalformedException {
        if (need(in, 4).getInt() != MAGIC) {
            throw new MalformedException(FailureClass.BAD_MAGIC, "not a frame of this protocol");
        }
    }

    private static Version version(ByteBuffer in, Side receiver) throws MalformedException {
        need(in, 2);
        Version version = new Version(Byte.toUnsignedInt(in.get()), Byte.toUnsignedInt(in.get()));
        if (receiver == Side.AGENT && !version.isServed()) {
            throw badVersion(version);
        }
        return version;
    }

    private static FrameType type(int number, Side receiver) throws MalformedException {
        return FrameType.find(number)
                .filter(type -> type.receiver() == receiver)
                .orElseThrow(() -> new MalformedException(
                        FailureClass.BAD_TYPE, "a frame of type " + number + " is not expected here"));
    }

    private static int length(ByteBuffer in, FrameType type) throws MalformedException {
        long length = Integer.toUnsignedLong(need(in, 4).getInt());
        if (length > type.maxBody()) {
            throw new MalformedException(
                    FailureClass.TOO_LONG,
                    "a body of " + length + " bytes, where " + type + " has at most " + type.maxBody());
        }
        return (int) length;
    }

    private static MalformedException badVersion(Version version) {
        return new MalformedException(
                FailureClass.BAD_VERSION,
                "version " + version + " of the protocol is not served, only " + Version.CURRENT);
    }

    private static ByteBuffer need(ByteBuffer in, int bytes) throws MalformedException {
        if (in.remaining() < bytes) {
            throw new MalformedException(FailureClass.TRUNCATED, "the frame ends inside its header");
        }
        return in;
    }

    /** Appends the 12 bytes. */
    void encode(ByteBuffer out) {
        out.putInt(MAGIC)
                .put((byte) version.major())
                .put((byte) version.minor())
                .put((byte) type.number())
                .put((byte) 0)
                .putInt(length);
    }
}
