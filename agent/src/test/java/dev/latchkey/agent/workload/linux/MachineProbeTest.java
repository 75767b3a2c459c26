package dev.latchkey.agent.workload.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.workload.Capability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineProbeTest {
    @Test
    void aMachineThatHasItAllLacksNothing() {
        MachineProbe all = new MachineProbe(true, true, true, true, true, true, true);

        assertEquals(Map.of(), all.lacking());
        assertTrue(all.findings().stream().allMatch(MachineProbe.Finding::good));
    }

    @Test
    void aMachineThatHasNothingLacksEverythingAndSaysWhy() {
        MachineProbe none = new MachineProbe(false, false, false, false, false, false, false);

        assertEquals(
                Map.of(
                        Capability.STRICT_PIN, "the kernel is older than 6.5",
                        Capability.CONTROL_GROUPS, "/proc hides the processes of other users",
                        Capability.EXECUTABLES, "the agent lacks CAP_SYS_PTRACE",
                        Capability.LAUNCHER_PROOF,
                                "fs.suid_dumpable is 1 or cannot be read, so that a launcher could be traced while it gives up its group"),
                none.lacking());
        assertEquals(
                List.of(
                        "pin: weak: the kernel is older than 6.5",
                        "sender: told by pid where one is seen: the kernel is older than 6.9",
                        "descriptors: dropped when received: the kernel is older than 6.16",
                        "proc: /proc hides the processes of other users",
                        "cgroup: seen from the agent's own namespace: rules match nothing outside of it",
                        "executables: the agent lacks CAP_SYS_PTRACE",
                        "proof: fs.suid_dumpable is 1 or cannot be read, so that a launcher could be traced while it gives up its group"),
                none.findings().stream().map(f -> f.name() + ": " + f.detail()).toList());
    }

    @Test
    void aLauncherIsNotKnownWhereProcHidesIt() {
        MachineProbe hidden = new MachineProbe(true, true, true, false, true, true, true);

        assertEquals(
                "/proc hides the processes of other users", hidden.lacking().get(Capability.LAUNCHER_PROOF));
    }

    @Test
    void aLauncherIsShieldedUnlessTheKernelIsToldOtherwise(@TempDir Path folder) throws IOException {
        for (String setting : new String[] {"0\n", "2\n", "1\n", ""}) {
            Path file = Files.writeString(folder.resolve("suid_dumpable"), setting);
            assertEquals(
                    setting.startsWith("0") || setting.startsWith("2"), MachineProbe.shieldsWhoGivesUpAGroup(file));
        }
        assertFalse(MachineProbe.shieldsWhoGivesUpAGroup(folder.resolve("none")));
    }

    @Test
    void everyFindingOfThisMachineIsNamedAndDescribed() {
        List<MachineProbe.Finding> findings = MachineProbe.ofThisMachine().findings();

        assertEquals(
                List.of("pin", "sender", "descriptors", "proc", "cgroup", "executables", "proof"),
                findings.stream().map(MachineProbe.Finding::name).toList());
        assertTrue(findings.stream().noneMatch(finding -> finding.detail().isEmpty()));
    }
}
