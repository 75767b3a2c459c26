package dev.latchkey.agent.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.protocol.Code;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CodesTest {
    private static final Set<FailureKind> ADMIN_ONLY =
            EnumSet.range(FailureKind.FORBIDDEN, FailureKind.CONNECTION_LOST);

    @Test
    void everyFailureOfALaunchHasTheCodeOfItsName() {
        for (FailureKind kind : EnumSet.complementOf(EnumSet.copyOf(ADMIN_ONLY))) {
            assertEquals(kind.text(), Codes.of(kind).text());
        }
    }

    @Test
    void everyCodeHasAFailure() {
        List<String> kinds =
                Arrays.stream(FailureKind.values()).map(FailureKind::text).toList();
        assertTrue(
                kinds.containsAll(Arrays.stream(Code.values()).map(Code::text).toList()));
    }

    @Test
    void failuresOfTheAdminInterfaceAreInternalToALauncher() {
        ADMIN_ONLY.forEach(kind -> assertEquals(Code.INTERNAL, Codes.of(kind)));
    }
}
