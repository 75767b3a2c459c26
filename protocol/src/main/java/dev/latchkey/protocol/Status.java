package dev.latchkey.protocol;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whether the agent serves: SPEC.md, section 4.5.
 *
 * @param reasons why it is not ready; at most 8
 */
public record Status(State state, List<String> reasons) implements Message {
    /** The most reasons. */
    public static final int MAX_REASONS = 8;

    /** How the agent is. */
    public enum State {
        READY(1),
        STARTING(2),
        FAILING(3),
        DRAINING(4);

        private final int number;

        State(int number) {
            this.number = number;
        }

        public int number() {
            return number;
        }
    }

    public Status {
        reasons = List.copyOf(reasons);
        if (reasons.size() > MAX_REASONS) {
            throw new IllegalStateException("a status of " + reasons.size() + " reasons");
        }
        reasons.forEach(reason -> Texts.require(reason, 1, Texts.MAX_MESSAGE));
    }

    /** Decodes a body, from the buffer's position to its limit. */
    public static Status decode(ByteBuffer body) throws MalformedException {
        FieldReader in = new FieldReader(body, Status::most);
        Optional<State> state = Optional.empty();
        List<String> reasons = new ArrayList<>();
        while (in.next()) {
            if (in.number() == 1) {
                state = Optional.of(state(in));
            } else {
                reasons.add(in.text(Texts.MAX_MESSAGE));
            }
        }
        return new Status(FieldReader.required(state, "state"), reasons);
    }

    private static State state(FieldReader in) throws MalformedException {
        int number = in.u8();
        in.end();
        for (State state : State.values()) {
            if (state.number() == number) {
                return state;
            }
        }
        throw in.badValue("is the unknown state " + number);
    }

    private static int most(int number) {
        return switch (number) {
            case 1 -> 1;
            case 2 -> MAX_REASONS;
            default -> 0;
        };
    }

    /** The whole frame. */
    public ByteBuffer encode(Version version) {
        FieldWriter out = new FieldWriter().u8(FieldWriter.CRITICAL | 1, state.number());
        reasons.forEach(reason -> out.text(2, reason));
        return out.frame(version, FrameType.STATUS);
    }
}
