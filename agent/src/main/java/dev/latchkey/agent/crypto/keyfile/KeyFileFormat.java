package dev.latchkey.agent.crypto.keyfile;

import dev.latchkey.agent.crypto.AesKey;
import dev.latchkey.agent.crypto.KeyMemory;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** The text of a key file. Works on bytes throughout, because a String of a key could not be wiped. */
final class KeyFileFormat {
    /** No key file is longer: a rotation drops what it replaced, so it has one or two generations. */
    static final int MAX_BYTES = 1024;

    private static final byte[] HEADER = "latchkey-key-1\n".getBytes(StandardCharsets.US_ASCII);
    private static final int ID_DIGITS = 16;
    private static final int TIME_CHARS = "2026-01-01T00:00:00Z".length();
    private static final int KEY_AT = ID_DIGITS + 1 + TIME_CHARS + 1;
    private static final int LINE_BYTES = KEY_AT + 2 * AesKey.BYTES + 1;

    private KeyFileFormat() {}

    /** The text is not one that {@link #write} makes. The message says where, and nothing of what stands there. */
    static final class BadFormat extends Exception {
        BadFormat(String message) {
            super(message);
        }
    }

    static List<StoredKey> parse(byte[] text, KeyMemory memory) throws BadFormat {
        if (!Arrays.equals(text, 0, Math.min(text.length, HEADER.length), HEADER, 0, HEADER.length)) {
            throw new BadFormat("its first line is not that of a key file of version 1");
        }
        int body = text.length - HEADER.length;
        if (body == 0 || body % LINE_BYTES != 0) {
            throw new BadFormat("it has " + text.length + " bytes, which no key file has");
        }
        List<StoredKey> keys = new ArrayList<>();
        try {
            for (int at = HEADER.length; at < text.length; at += LINE_BYTES) {
                keys.add(parseLine(text, at, keys.size() + 2, memory));
            }
        } catch (BadFormat e) {
            keys.forEach(StoredKey::close);
            throw e;
        }
        return keys;
    }

    private static StoredKey parseLine(byte[] text, int at, int number, KeyMemory memory) throws BadFormat {
        String id = new String(text, at, ID_DIGITS, StandardCharsets.US_ASCII);
        String since = new String(text, at + ID_DIGITS + 1, TIME_CHARS, StandardCharsets.US_ASCII);
        boolean framed =
                text[at + ID_DIGITS] == ' ' && text[at + KEY_AT - 1] == ' ' && text[at + LINE_BYTES - 1] == '\n';
        AesKey key = parseKey(text, at + KEY_AT, number, memory);
        try {
            if (framed && StoredKey.idOf(key, since).equals(id)) {
                return new StoredKey(id, Instant.parse(since), key);
            }
        } catch (DateTimeParseException e) {
            key.close();
            throw new BadFormat("line " + number + " is damaged");
        }
        key.close();
        throw new BadFormat("line " + number + " is damaged");
    }

    private static AesKey parseKey(byte[] text, int at, int number, KeyMemory memory) throws BadFormat {
        byte[] key = new byte[AesKey.BYTES];
        for (int i = 0; i < key.length; i++) {
            int high = text[at + 2 * i];
            int low = text[at + 2 * i + 1];
            if (!HexFormat.isHexDigit(high) || !HexFormat.isHexDigit(low)) {
                Arrays.fill(key, (byte) 0);
                throw new BadFormat("line " + number + " is damaged");
            }
            key[i] = (byte) (HexFormat.fromHexDigit(high) << 4 | HexFormat.fromHexDigit(low));
        }
        return memory.take(key);
    }

    /**
     * @return the caller's to wipe
     */
    static byte[] write(List<StoredKey> keys) {
        byte[] text = Arrays.copyOf(HEADER, HEADER.length + keys.size() * LINE_BYTES);
        int at = HEADER.length;
        for (StoredKey key : keys) {
            byte[] front = (key.id() + " " + key.since() + " ").getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(front, 0, text, at, KEY_AT);
            writeKey(key.key(), text, at + KEY_AT);
            text[at + LINE_BYTES - 1] = '\n';
            at += LINE_BYTES;
        }
        return text;
    }

    private static void writeKey(AesKey key, byte[] text, int at) {
        HexFormat hex = HexFormat.of();
        byte[] bytes = key.copyOfBytes();
        for (int i = 0; i < bytes.length; i++) {
            text[at + 2 * i] = (byte) hex.toHighHexDigit(bytes[i]);
            text[at + 2 * i + 1] = (byte) hex.toLowHexDigit(bytes[i]);
        }
        Arrays.fill(bytes, (byte) 0);
    }
}
