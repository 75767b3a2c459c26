package dev.latchkey.agent.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.workload.Supposed.Whereabouts;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SupposedTest {
    private static final String POD = "0f8fad5b-d9cb-469f-a165-70867728950e";

    @Test
    void isInAGroupWhoseNameSaysWhatWasAsked() {
        assertEquals(Optional.of("a.service"), at("", "a.service", "", "").unit());
        assertEquals(
                Optional.of("abcdef012345" + "0".repeat(52)),
                at("", "", "abcdef012345", "").container());
        assertEquals(Optional.of(POD), at("", "", "", POD).pod());
        assertEquals(Optional.of(POD), at("", "", "abcdef012345", POD).pod());
        assertEquals(
                "abcdef",
                at("", "", "abcdef012345", POD).container().orElseThrow().substring(0, 6));
        assertEquals("/a/b", at("/a/b", "", "", "").path());
        assertEquals(Optional.empty(), where("", "", "", "").group());
    }

    @Test
    void isInNoGroupThatCannotBe() {
        for (Whereabouts where : new Whereabouts[] {
            where("/a", "a.service", "", ""),
            where("", "a.service", "abcdef012345", ""),
            where("/a", "", "", POD),
            where("a", "", "", ""),
            where("", "a.slice", "", ""),
            where("", "a", "", ""),
            where("", "", "not-hex", ""),
            where("", "", "", "not-a-uid")
        }) {
            AgentException e = assertThrows(AgentException.class, where::group, where::toString);
            assertEquals(FailureKind.BAD_ARGUMENT, e.kind());
        }
    }

    @Test
    void lacksWhatWasNotAsked() {
        assertInstanceOf(Attested.Absent.class, Supposed.Facts.PLAIN.controlGroup());
        assertInstanceOf(Attested.Absent.class, Supposed.Facts.PLAIN.executableHash());
        assertInstanceOf(Attested.Absent.class, Supposed.Facts.PLAIN.runs(Path.of("/bin/a")));
    }

    private static ControlGroup at(String cgroup, String unit, String container, String pod) {
        return where(cgroup, unit, container, pod).group().orElseThrow();
    }

    private static Whereabouts where(String cgroup, String unit, String container, String pod) {
        return new Whereabouts(given(cgroup), given(unit), given(container), given(pod));
    }

    private static Optional<String> given(String text) {
        return Optional.of(text).filter(some -> !some.isEmpty());
    }
}
