package dev.latchkey.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The decoders do with every vector what the vector says. */
class VectorsTest {
    static List<Vector> vectors() {
        return Vector.all();
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void decodesAsTheVectorSays(Vector vector) throws MalformedException {
        ByteBuffer in = vector.bytes().duplicate();
        if (vector.refusal().isEmpty()) {
            assertEquals(vector.decoded(), Decoded.lines(in, vector.decoder(), vector.requested()));
        } else {
            MalformedException e = assertThrows(
                    MalformedException.class, () -> Decoded.lines(in, vector.decoder(), vector.requested()));
            assertEquals(vector.refusal().get(), e.failureClass(), e.getMessage());
        }
    }

    @Test
    void everyFailureClassHasAVector() {
        List<FailureClass> classes =
                vectors().stream().flatMap(vector -> vector.refusal().stream()).toList();
        assertTrue(classes.containsAll(Arrays.asList(FailureClass.values())));
    }
}
