package dev.latchkey.agent.yaml;

import java.util.function.Function;

/** Something that was read, with the place it was read from. */
public record Located<T>(T value, Position at) {
    public <R> Located<R> map(Function<T, R> change) {
        return new Located<>(change.apply(value), at);
    }
}
