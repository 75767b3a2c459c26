package dev.latchkey.agent.crypto.keyfile;

import dev.latchkey.agent.crypto.AesKey;
import dev.latchkey.agent.crypto.KeyMemory;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HexFormat;

/** One generation as the file holds it. */
record StoredKey(String id, Instant since, AesKey key) implements AutoCloseable {
    private static final byte[] ID_LABEL = "latchkey key id 1".getBytes(StandardCharsets.US_ASCII);
    private static final int ID_BYTES = 8;

    static StoredKey random(KeyMemory memory, SecureRandom random, Instant now) {
        AesKey key = memory.random(random);
        Instant since = now.truncatedTo(ChronoUnit.SECONDS);
        return new StoredKey(idOf(key, since.toString()), since, key);
    }

    /** Covers the whole line. Tells keys apart and damaged ones from whole ones; says nothing of use about 256 random bits. */
    static String idOf(AesKey key, String since) {
        byte[] bytes = key.copyOfBytes();
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(ID_LABEL);
            digest.update(since.getBytes(StandardCharsets.US_ASCII));
            return HexFormat.of().formatHex(digest.digest(bytes), 0, ID_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    @Override
    public void close() {
        key.close();
    }
}
