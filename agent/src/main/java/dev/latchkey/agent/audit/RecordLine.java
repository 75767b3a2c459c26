package dev.latchkey.agent.audit;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * What the chain needs of a line, read by its fixed form alone: a record of a kind that is not known yet links like any other.
 *
 * @param previous the hash of the record before it
 * @param hash its own, compared with its content
 */
record RecordLine(long sequence, String previous, String hash) {
    /** The longest line, newline included: four times what the largest request can become. */
    static final int MAX_BYTES = 4 << 20;

    /** Stands for the record before the first. */
    static final String NO_HASH = "0".repeat(64);

    static final String BEFORE_SEQUENCE = "{\"seq\":";
    static final String BEFORE_PREVIOUS = ",\"prev\":\"";
    static final String BEFORE_TIME = "\",\"time\":\"";
    static final String BEFORE_HASH = ",\"hash\":\"";
    static final String END = "\"}";

    /** What follows the hashed part, newline included. */
    static final int SEAL_BYTES = BEFORE_HASH.length() + NO_HASH.length() + END.length() + 1;

    private static final int HASH_DIGITS = 64;
    private static final int MAX_SEQUENCE_DIGITS = 18;

    /** So many bytes of a line have its number in them. */
    static final int NUMBERED_BYTES = BEFORE_SEQUENCE.length() + MAX_SEQUENCE_DIGITS;

    Head head() {
        return new Head(sequence, hash);
    }

    /** Whether it is the very next record after the other. */
    boolean follows(RecordLine other) {
        return sequence == other.sequence + 1 && previous.equals(other.hash);
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /**
     * Reads and checks one line.
     *
     * @param line without its newline
     */
    static RecordLine read(byte[] line, MessageDigest sha) throws BadRecordException {
        requirePrintable(line);
        Cursor cursor = new Cursor(line);
        cursor.expect(BEFORE_SEQUENCE);
        long sequence = cursor.sequence();
        cursor.expect(BEFORE_PREVIOUS);
        String previous = cursor.hash();
        cursor.expect(BEFORE_TIME);
        cursor.moveTo(line.length - BEFORE_HASH.length() - HASH_DIGITS - END.length());
        int hashed = cursor.at;
        cursor.expect(BEFORE_HASH);
        String hash = cursor.hash();
        cursor.expect(END);
        sha.update(line, 0, hashed);
        if (!HexFormat.of().formatHex(sha.digest()).equals(hash)) {
            throw new BadRecordException("its hash does not match its content");
        }
        return new RecordLine(sequence, previous, hash);
    }

    /** The number alone, of a line or of no more than {@link #NUMBERED_BYTES} of its beginning. */
    static long sequence(byte[] beginning) throws BadRecordException {
        Cursor cursor = new Cursor(beginning);
        cursor.expect(BEFORE_SEQUENCE);
        return cursor.sequence();
    }

    /** SECURITY: a forged record must not reach a terminal with more than printable characters. */
    private static void requirePrintable(byte[] line) throws BadRecordException {
        for (byte b : line) {
            if (b < ' ' || b == 0x7F) {
                throw new BadRecordException("it has a byte that is not printable ASCII");
            }
        }
    }

    /** Whether these bytes can be the beginning of a record that was never finished. */
    static boolean canBegin(byte[] bytes) {
        byte[] beginning = BEFORE_SEQUENCE.getBytes(StandardCharsets.US_ASCII);
        int common = Math.min(bytes.length, beginning.length);
        return Arrays.equals(bytes, 0, common, beginning, 0, common);
    }

    private static final class Cursor {
        private final byte[] line;
        private int at;

        Cursor(byte[] line) {
            this.line = line;
        }

        void moveTo(int place) throws BadRecordException {
            if (place < at) {
                throw new BadRecordException("it is too short for a record");
            }
            at = place;
        }

        void expect(String text) throws BadRecordException {
            if (at + text.length() > line.length || !text.equals(text(text.length()))) {
                throw new BadRecordException("it does not have the form of a record");
            }
            at += text.length();
        }

        long sequence() throws BadRecordException {
            int from = at;
            while (at < line.length && line[at] >= '0' && line[at] <= '9') {
                at++;
            }
            if (at == from || at - from > MAX_SEQUENCE_DIGITS || line[from] == '0') {
                throw new BadRecordException("its sequence is not a number");
            }
            return Long.parseLong(new String(line, from, at - from, StandardCharsets.US_ASCII));
        }

        String hash() throws BadRecordException {
            if (at + HASH_DIGITS > line.length) {
                throw new BadRecordException("it is too short for a record");
            }
            String hash = text(HASH_DIGITS);
            if (!hash.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
                throw new BadRecordException("it has a hash that is not one");
            }
            at += HASH_DIGITS;
            return hash;
        }

        private String text(int length) {
            return new String(line, at, length, StandardCharsets.ISO_8859_1);
        }
    }
}
