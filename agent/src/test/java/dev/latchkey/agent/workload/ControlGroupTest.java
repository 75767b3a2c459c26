package dev.latchkey.agent.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ControlGroupTest {
    private static final String ID = "0123456789abcdef".repeat(4);
    private static final String OTHER = "fedcba9876543210".repeat(4);
    private static final String POD = "0f8fad5b-d9cb-469f-a165-70867728950e";

    @Test
    void isTheUnifiedOne() {
        assertEquals("/system.slice/a.service", path("0::/system.slice/a.service\n"));
        assertEquals("/", path("0::/\n"));
    }

    @Test
    void isTheServiceManagersWhereTheUnifiedOneSaysNothing() {
        String hybrid = "9:name=systemd:/system.slice/a.service\n4:memory:/elsewhere\n0::/\n";

        assertEquals("/system.slice/a.service", path(hybrid));
        assertEquals("/b", path("9:name=systemd:/a\n0::/b\n"));
    }

    @Test
    void isNoneOutsideOfWhatIsSeenOrAfterItWasRemoved() {
        for (String lines : new String[] {
            "0::/../other", "0::/..", "0::/a (deleted)", "4:memory:/a", "", "x", "0::relative", "1:name=other:/a"
        }) {
            assertEquals(Optional.empty(), ControlGroup.parse(lines), lines);
        }
        assertEquals("/a:b", path("0::/a:b"));
    }

    @ParameterizedTest
    @CsvSource({
        "/system.slice/web.service, web.service",
        "/system.slice/web.service/sub, web.service",
        "/system.slice/system-getty.slice/getty@tty1.service, getty@tty1.service",
        "/init.scope, init.scope",
        "/system.slice/_cgroup.service, cgroup.service",
        "/user.slice/user-1000.slice/user@1000.service/app.slice/web.service, user@1000.service",
        "/user.slice/user-1000.slice/session-1.scope, session-1.scope",
        "/system.slice/evil.service/system.slice/web.service, evil.service",
        "/, ",
        "/system.slice, ",
        "/docker/abc/system.slice/web.service, ",
        "/web.service.d/web.service, "
    })
    void unitIsTheFirstFromTheRootSide(String path, String unit) {
        assertEquals(Optional.ofNullable(unit), new ControlGroup(path).unit());
    }

    @ParameterizedTest
    @CsvSource({
        "/docker/ID",
        "/docker/ID/docker/OTHER",
        "/system.slice/docker-ID.scope",
        "/system.slice/docker-ID.scope/system.slice/docker-OTHER.scope",
        "/machine.slice/libpod-ID.scope/container",
        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podPOD.slice/cri-containerd-ID.scope",
        "/kubepods/besteffort/podPOD/ID",
        "/kubepods/besteffort/podPOD/crio-ID",
        "/ecs/0123456789/ID"
    })
    void containerIsTheFirstFromTheRootSide(String path) {
        assertEquals(Optional.of(ID), group(path).container());
    }

    @ParameterizedTest
    @CsvSource({
        "/",
        "/system.slice/web.service",
        "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-ID.scope",
        "/system.slice/web.service/docker-ID.scope",
        "/user.slice/user-1000.slice/session-1.scope/docker/ID",
        "/machine.slice/libpod-conmon-ID.scope",
        "/system.slice/crio-conmon-ID.scope",
        "/docker/0123456789abcdef",
        "/docker/x-ID.service"
    })
    void whatAUserCouldHaveNamedIsNoContainer(String path) {
        assertEquals(Optional.empty(), group(path).container());
    }

    @ParameterizedTest
    @CsvSource({
        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podPOD_.slice/cri-containerd-ID.scope",
        "/kubepods.slice/kubepods-podPOD_.slice/cri-containerd-ID.scope",
        "/kubepods/podPOD/ID",
        "/kubepods/besteffort/podPOD/ID/kubepods/podPOX/OTHER",
        "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-podPOD_.slice/cri-containerd-ID.scope"
    })
    void podIsTheFirstFromTheRootSide(String path) {
        assertEquals(Optional.of(POD), group(path).pod());
    }

    @ParameterizedTest
    @CsvSource({
        "/docker/ID/kubepods/podPOD/OTHER",
        "/system.slice/docker-ID.scope/kubepods/podPOD",
        "/user.slice/user-1.slice/user@1.service/kubepods/podPOD",
        "/somewhere/podPOD/ID",
        "/kubepods/pod123/ID"
    })
    void whatAContainerCouldHaveNamedIsNoPod(String path) {
        assertEquals(Optional.empty(), group(path).pod());
    }

    @Test
    void hasAnAbsolutePath() {
        assertThrows(IllegalStateException.class, () -> new ControlGroup("a"));
    }

    private static String path(String lines) {
        return ControlGroup.parse(lines).orElseThrow().path();
    }

    private static ControlGroup group(String path) {
        return new ControlGroup(path.replace("POD_", POD.replace('-', '_'))
                .replace("POD", POD)
                .replace("POX", POD.replace('0', '1'))
                .replace("OTHER", OTHER)
                .replace("ID", ID));
    }
}
