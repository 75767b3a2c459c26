package dev.latchkey.agent.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Searches the whole memory of this process for a value that it knows only masked. */
final class Residue {
    private static final byte MASK = 0x5A;
    private static final int CHUNK = 1 << 20;

    private Residue() {}

    static byte unmask(byte b) {
        // Never NUL, which a block cannot hold.
        byte plain = (byte) (b ^ MASK);
        return plain == 0 ? 1 : plain;
    }

    /** Where in memory it is, as addresses in hexadecimal. */
    static List<String> find(byte[] masked) throws IOException {
        List<String> found = new ArrayList<>();
        ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);
        try (FileChannel memory = FileChannel.open(Path.of("/proc/self/mem"))) {
            for (String line : Files.readAllLines(Path.of("/proc/self/maps"), StandardCharsets.ISO_8859_1)) {
                if (line.contains(" rw")) {
                    search(memory, line.split("[ -]", -1), masked, chunk, found);
                }
            }
        }
        return found;
    }

    private static void search(
            FileChannel memory, String[] range, byte[] masked, ByteBuffer chunk, List<String> found) {
        long end = Long.parseUnsignedLong(range[1], 16);
        // Chunks overlap, so that nothing is missed where they meet.
        for (long at = Long.parseUnsignedLong(range[0], 16); at < end; at += CHUNK - masked.length) {
            long start = at;
            int read = read(memory, chunk.clear().limit((int) Math.min(CHUNK, end - at)), at);
            offsets(chunk, read, masked).forEach(offset -> found.add(Long.toHexString(start + offset)));
        }
        // The chunk itself must not be what the next search finds.
        chunk.clear();
        for (int i = 0; i < CHUNK; i++) {
            chunk.put(i, (byte) 0);
        }
    }

    private static int read(FileChannel memory, ByteBuffer chunk, long at) {
        try {
            return Math.max(0, memory.read(chunk, at));
        } catch (IOException e) {
            // A mapping that went away, or that cannot be read.
            return 0;
        }
    }

    static IntStream offsets(ByteBuffer bytes, int length, byte[] masked) {
        return IntStream.rangeClosed(0, length - masked.length).filter(offset -> isAt(bytes, offset, masked));
    }

    private static boolean isAt(ByteBuffer bytes, int offset, byte[] masked) {
        for (int i = 0; i < masked.length; i++) {
            if (bytes.get(offset + i) != unmask(masked[i])) {
                return false;
            }
        }
        return true;
    }
}
