package dev.latchkey.agent.config;

import java.util.function.Function;

/** Something that was read, with the place it was read from. */
record Located<T>(T value, Position at) {
    <R> Located<R> map(Function<T, R> change) {
        return new Located<>(change.apply(value), at);
    }
}
