package dev.latchkey.agent.store;

import dev.latchkey.agent.crypto.KeyContext;
import dev.latchkey.agent.crypto.WrappedKey;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What stands in the clear before a backup's encrypted frames, which are bound to it.
 *
 * @param store the id of the store that was backed up
 * @param key the id of the backup's own key
 * @param wraps that key, wrapped under each KEK of the store
 */
record BackupHeader(String store, int schema, String key, List<WrappedKey> wraps) {
    private static final byte[] MAGIC = "latchkey-backup-1\n".getBytes(StandardCharsets.US_ASCII);
    private static final int MAX_BYTES = 1 << 16;
    private static final int MAX_WRAPPED = 1 << 12;

    BackupHeader {
        wraps = List.copyOf(wraps);
    }

    KeyContext context() {
        return new KeyContext(store, "backup", key);
    }

    byte[] toBytes() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        DataOutputStream data = new DataOutputStream(body);
        data.writeUTF(store);
        data.writeInt(schema);
        data.writeUTF(key);
        data.writeByte(wraps.size());
        for (WrappedKey wrapped : wraps) {
            data.writeUTF(wrapped.kek());
            data.writeShort(wrapped.bytes().length);
            data.write(wrapped.bytes());
        }
        return body.toByteArray();
    }

    void writeTo(DataOutputStream out) throws IOException {
        byte[] body = toBytes();
        out.write(MAGIC);
        out.writeInt(body.length);
        out.write(body);
    }

    /**
     * @throws IOException if this is not a backup
     */
    static BackupHeader readFrom(InputStream in) throws IOException {
        if (!Arrays.equals(in.readNBytes(MAGIC.length), MAGIC)) {
            throw new IOException("it is not a backup of version 1");
        }
        DataInputStream data = new DataInputStream(in);
        int length = data.readInt();
        if (length < 0 || length > MAX_BYTES) {
            throw new IOException("its header has a length that none has");
        }
        byte[] body = new byte[length];
        data.readFully(body);
        return parse(new DataInputStream(new ByteArrayInputStream(body)));
    }

    private static BackupHeader parse(DataInputStream data) throws IOException {
        String store = data.readUTF();
        int schema = data.readInt();
        String key = data.readUTF();
        int count = data.readUnsignedByte();
        List<WrappedKey> wraps = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String kek = data.readUTF();
            int size = data.readUnsignedShort();
            if (size > MAX_WRAPPED) {
                throw new IOException("its header holds a key of a size that none has");
            }
            byte[] wrapped = new byte[size];
            data.readFully(wrapped);
            wraps.add(new WrappedKey(kek, wrapped));
        }
        if (data.read() >= 0) {
            throw new IOException("its header is longer than what it holds");
        }
        return new BackupHeader(store, schema, key, wraps);
    }
}
