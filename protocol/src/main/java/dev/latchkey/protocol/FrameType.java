package dev.latchkey.protocol;

import java.util.Optional;

/** The kinds of frame: SPEC.md, section 2. */
public enum FrameType {
    REQUEST(1, Side.AGENT, 262_144),
    DELIVERY(2, Side.CLIENT, 16_777_216),
    REFUSAL(3, Side.CLIENT, 262_144),
    PLAN(4, Side.CLIENT, 1_048_576),
    CHECK(5, Side.AGENT, 0),
    STATUS(6, Side.CLIENT, 4_096),
    ASK(7, Side.CLIENT, 1_048_576),
    SUPPLY(8, Side.AGENT, 1_048_576),
    PARCEL(11, Side.CLIENT, 16_777_216);

    private final int number;
    private final Side receiver;
    private final int maxBody;

    FrameType(int number, Side receiver, int maxBody) {
        this.number = number;
        this.receiver = receiver;
        this.maxBody = maxBody;
    }

    public int number() {
        return number;
    }

    /** The side that decodes frames of this type. */
    public Side receiver() {
        return receiver;
    }

    /** The longest body, in bytes. */
    public int maxBody() {
        return maxBody;
    }

    static Optional<FrameType> find(int number) {
        for (FrameType type : values()) {
            if (type.number == number) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
