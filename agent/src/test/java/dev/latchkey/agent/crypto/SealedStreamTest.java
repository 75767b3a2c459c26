package dev.latchkey.agent.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.latchkey.agent.memory.LockedMemory;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SealedStreamTest {
    private static final byte[] HEADER = {1, 2, 3};

    private final SecureRandom random = new SecureRandom();
    private final AesKey key = new KeyMemory(new LockedMemory(_ -> {})).random(random);

    private byte[] sealed(byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        SealedOutput out = new SealedOutput(bytes, key, HEADER, random);
        out.write(content);
        out.finish();
        return bytes.toByteArray();
    }

    private byte[] open(byte[] stream) throws IOException {
        return new SealedInput(new ByteArrayInputStream(stream), key, HEADER).readAllBytes();
    }

    private byte[] content(int size) {
        byte[] content = new byte[size];
        random.nextBytes(content);
        return content;
    }

    @ParameterizedTest
    @ValueSource(
            ints = {0, 1, SealedOutput.FRAME_BYTES - 1, SealedOutput.FRAME_BYTES, 3 * SealedOutput.FRAME_BYTES + 7})
    void givesBackWhatWasWritten(int size) throws Exception {
        byte[] content = content(size);

        assertArrayEquals(content, open(sealed(content)));
    }

    @Test
    void refusesAStreamThatIsCutAnywhere() throws Exception {
        byte[] stream = sealed(content(200));
        for (int length = 0; length < stream.length; length++) {
            byte[] cut = Arrays.copyOf(stream, length);
            assertThrows(SealedInput.DamagedException.class, () -> open(cut), "cut at " + length);
        }
    }

    @Test
    void refusesAStreamThatIsCutBetweenFrames() throws Exception {
        byte[] stream = sealed(content(2 * SealedOutput.FRAME_BYTES + 5));
        byte[] oneFrame = Arrays.copyOf(stream, 1 + Integer.BYTES + SealedOutput.FRAME_BYTES + Envelope.OVERHEAD);

        assertThrows(SealedInput.DamagedException.class, () -> open(oneFrame));
    }

    @Test
    void refusesSwappedFramesAndAnythingAfterTheEnd() throws Exception {
        byte[] stream = sealed(content(2 * SealedOutput.FRAME_BYTES + 5));
        int frame = 1 + Integer.BYTES + SealedOutput.FRAME_BYTES + Envelope.OVERHEAD;
        byte[] swapped = stream.clone();
        System.arraycopy(stream, 0, swapped, frame, frame);
        System.arraycopy(stream, frame, swapped, 0, frame);

        assertThrows(SealedInput.DamagedException.class, () -> open(swapped));
        assertThrows(SealedInput.DamagedException.class, () -> open(Arrays.copyOf(stream, stream.length + 1)));
    }

    @Test
    void refusesAnUnfinishedStreamAndAnotherHeader() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        SealedOutput out = new SealedOutput(bytes, key, HEADER, random);
        out.write(content(SealedOutput.FRAME_BYTES + 1));
        assertThrows(SealedInput.DamagedException.class, () -> open(bytes.toByteArray()));

        byte[] stream = sealed(content(9));
        SealedInput other = new SealedInput(new ByteArrayInputStream(stream), key, new byte[] {1, 2, 4});
        assertThrows(SealedInput.DamagedException.class, other::readAllBytes);
    }

    @Test
    void refusesALengthThatNoFrameHasBeforeItAllocates() {
        byte[] huge = {0, 0x7F, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF};
        byte[] negative = {0, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF};

        assertThrows(SealedInput.DamagedException.class, () -> open(huge));
        assertThrows(SealedInput.DamagedException.class, () -> open(negative));
    }
}
