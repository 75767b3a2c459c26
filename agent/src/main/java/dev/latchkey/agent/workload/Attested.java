package dev.latchkey.agent.workload;

import java.util.Optional;
import java.util.function.Function;

/** What could be learnt of one property of a caller. */
public sealed interface Attested<T> {
    /** It has this value. */
    record Known<T>(T value) implements Attested<T> {}

    /**
     * It has none, and that is certain.
     *
     * @param why in words, as in {@code the caller is in no unit}
     */
    record Absent<T>(String why) implements Attested<T> {}

    /**
     * It could not be learnt. SECURITY: nothing may be concluded from this, neither that a rule matches nor that it does not.
     *
     * @param why in words
     */
    record Unknown<T>(String why) implements Attested<T> {}

    /** A property of this property, which it may lack. */
    default <U> Attested<U> part(Function<T, Optional<U>> part, String whyAbsent) {
        return switch (this) {
            case Known<T>(T value) ->
                part.apply(value).<Attested<U>>map(Known::new).orElseGet(() -> new Absent<>(whyAbsent));
            case Absent<T>(String why) -> new Absent<>(why);
            case Unknown<T>(String why) -> new Unknown<>(why);
        };
    }
}
