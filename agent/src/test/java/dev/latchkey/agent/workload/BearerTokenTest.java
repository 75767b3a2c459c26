package dev.latchkey.agent.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class BearerTokenTest {
    @Test
    void isEqualToTheSameBytesOnly() {
        assertEquals(token("correct horse"), token("correct horse"));
        assertEquals(token("correct horse").hashCode(), token("correct horse").hashCode());
        assertNotEquals(token("correct horse"), token("correct hors"));
        assertNotEquals(token("correct horse"), token("correct horse "));
        assertNotEquals(token("a"), (Object) "a");
    }

    @Test
    void hasNoTextForm() {
        assertEquals("[redacted]", token("correct horse").toString());
    }

    private static BearerToken token(String text) {
        return BearerToken.of(text.getBytes(StandardCharsets.UTF_8));
    }
}
