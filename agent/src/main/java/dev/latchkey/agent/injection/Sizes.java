package dev.latchkey.agent.injection;

import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.injection.Judged.Cleared;
import dev.latchkey.agent.secret.FoundSecret;
import dev.latchkey.agent.secret.SecretReference;
import dev.latchkey.agent.secret.SecretReference.Absence;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** How large entries and blocks can be, as far as it can be known before a value is opened. */
final class Sizes {
    /** The longest {@code NAME=VALUE}: the kernel takes strings of 128 KiB with their NUL. */
    static final int MAX_ENTRY = 131_071;

    /** The largest block: a DELIVERY has 16 MiB, and before its block at most three fields and 1,024 removed ones. */
    static final int MAX_BLOCK = (16 << 20) - (14 + 10 + 6) - 1024 * 8;

    private Sizes() {}

    /** The size of what will be delivered, where it is the stored value and the provider knows its size. */
    static Optional<Integer> exact(Cleared cleared, FoundSecret secret) {
        SecretReference reference = cleared.reference();
        boolean asStored = reference.field().isEmpty()
                && reference.decode().isEmpty()
                && reference.encode().isEmpty();
        return asStored ? secret.size() : Optional.empty();
    }

    /** The longest value that fits behind the name. */
    static int room(Cleared cleared) {
        return MAX_ENTRY - cleared.binding().target().length() - 1;
    }

    /** The bytes that the entry takes in the block, its NUL included, at most. */
    static long most(Resolved binding) {
        return switch (binding) {
            case Resolved.Found(Cleared cleared, FoundSecret secret) -> entry(cleared, mostOf(cleared, secret));
            case Resolved.Defaulted(Cleared cleared, String text) -> entry(cleared, utf8Length(text));
            case Resolved.Removed _, Resolved.Failed _ -> 0;
        };
    }

    /** Of all of them together. */
    static long mostOf(List<Resolved> bindings) {
        long all = 0;
        for (Resolved binding : bindings) {
            all += most(binding);
        }
        return all;
    }

    /** Whether what is known of the sizes rules out that all of it fits one block. */
    static boolean exceedBlock(List<Resolved> bindings) {
        long all = 0;
        for (Resolved binding : bindings) {
            all += known(binding);
        }
        return all > MAX_BLOCK;
    }

    private static long known(Resolved binding) {
        return binding instanceof Resolved.Found(Cleared cleared, FoundSecret secret)
                        && exact(cleared, secret).isEmpty()
                ? 0
                : most(binding);
    }

    static Failure tooLong() {
        return Failure.of(
                FailureKind.VALUE_TOO_LONG,
                "name and value are over " + MAX_ENTRY + " bytes, which cannot be a variable",
                "--secret-file takes values up to 1 MiB");
    }

    static Failure bundleTooLarge() {
        return Failure.of(
                FailureKind.BUNDLE_TOO_LARGE,
                "all values together are over " + MAX_BLOCK + " bytes",
                "bind fewer or smaller secrets");
    }

    private static long entry(Cleared cleared, long value) {
        return cleared.binding().target().length() + 1 + Math.min(value, room(cleared)) + 1;
    }

    private static long mostOf(Cleared cleared, FoundSecret secret) {
        long stored = secret.size().orElse(MAX_ENTRY);
        long encoded = cleared.reference()
                .encode()
                .map(encoding -> Encoder.most(encoding, stored))
                .orElse(stored);
        return switch (cleared.reference().absence()) {
            case Absence.Fails(), Absence.Removes() -> encoded;
            case Absence.Defaults(String text) -> Math.max(encoded, utf8Length(text));
        };
    }

    private static int utf8Length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
