package dev.latchkey.agent.injection;

import dev.latchkey.agent.json.JsonDocument;
import dev.latchkey.agent.json.JsonPart;
import dev.latchkey.agent.memory.WipedSegment;
import dev.latchkey.agent.secret.FoundSecret;
import dev.latchkey.agent.secret.SecretReference;
import dev.latchkey.agent.secret.SecretReference.Decoding;
import dev.latchkey.agent.secret.SecretValue;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;

/**
 * What lies between a stored value and a delivered one: its field, its decoding, its encoding.
 *
 * <p>SECURITY: each step writes into a segment of its own that is wiped after the next one, the last into the block. Nothing goes through arrays, of
 * which a collection leaves copies.
 */
final class Conversion {
    private final WipedSegment.Source memory;

    Conversion(WipedSegment.Source memory) {
        this.memory = memory;
    }

    /**
     * Writes what a reference makes of a secret.
     *
     * @return bytes of the value before decoding and encoding: of the field, where one is asked
     */
    int write(FoundSecret secret, SecretReference reference, Sink to) {
        try (SecretValue stored = reference.field().isEmpty() ? secret.open() : secret.openObject();
                SecretValue picked = picked(stored, reference.field());
                SecretValue decoded = decoded(picked, reference)) {
            encode(decoded, reference, to);
            return picked.size();
        }
    }

    /** Lends what a spread takes its fields from: the object itself, also where the secret is delivered as its only value. */
    void lendObject(FoundSecret secret, SecretReference reference, Consumer<ByteBuffer> borrower) {
        boolean only = reference.field().isEmpty() && reference.decode().isPresent();
        try (SecretValue stored = only ? secret.open() : secret.openObject();
                SecretValue picked = picked(stored, reference.field());
                SecretValue decoded = decoded(picked, reference)) {
            lend(decoded, borrower);
        }
    }

    /** Writes one field of such an object. */
    void writeField(JsonPart field, SecretReference reference, Sink to) {
        try (SecretValue value = written(field)) {
            encode(value, reference, to);
        }
    }

    private SecretValue picked(SecretValue stored, List<String> field) {
        return field.isEmpty() ? stored : stored.lend(json -> written(JsonDocument.find(json, field)));
    }

    private SecretValue decoded(SecretValue picked, SecretReference reference) {
        return reference
                .decode()
                .map(decoding -> picked.<SecretValue>lend(digits -> decoded(digits, decoding)))
                .orElse(picked);
    }

    private SecretValue decoded(ByteBuffer digits, Decoding decoding) {
        return written(Decoder.most(decoding, digits.remaining()), to -> Decoder.decode(digits, decoding, to));
    }

    private SecretValue written(JsonPart part) {
        return written(part.size(), part::writeTo);
    }

    private SecretValue written(int most, Consumer<ByteBuffer> writer) {
        WipedSegment segment = memory.allocate(most);
        boolean written = false;
        try {
            ByteBuffer to = segment.buffer();
            writer.accept(to);
            SecretValue value = SecretValue.outsideHeap(to.flip(), segment::close);
            written = true;
            return value;
        } finally {
            if (!written) {
                segment.close();
            }
        }
    }

    private static void encode(SecretValue value, SecretReference reference, Sink to) {
        lend(
                value,
                bytes -> reference
                        .encode()
                        .ifPresentOrElse(encoding -> Encoder.encode(bytes, encoding, to), () -> to.put(bytes)));
    }

    private static void lend(SecretValue value, Consumer<ByteBuffer> borrower) {
        var _ = value.<Boolean>lend(bytes -> {
            borrower.accept(bytes);
            return true;
        });
    }
}
