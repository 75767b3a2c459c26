package dev.latchkey.protocol;

import java.nio.ByteBuffer;

/** Asks whether the agent serves: SPEC.md, section 4.5. */
public record Check() implements Message {
    /** The whole frame. */
    public ByteBuffer encode(Version version) {
        return new FieldWriter().frame(version, FrameType.CHECK);
    }
}
