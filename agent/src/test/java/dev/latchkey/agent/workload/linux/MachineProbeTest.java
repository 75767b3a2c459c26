package dev.latchkey.agent.workload.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.workload.Capability;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MachineProbeTest {
    @Test
    void aMachineThatHasItAllLacksOnlyTheProof() {
        MachineProbe all = new MachineProbe(true, true, true, true, true, true);

        assertEquals(Set.of(Capability.LAUNCHER_PROOF), all.lacking().keySet());
        assertTrue(all.findings().stream().allMatch(MachineProbe.Finding::good));
    }

    @Test
    void aMachineThatHasNothingLacksEverythingAndSaysWhy() {
        MachineProbe none = new MachineProbe(false, false, false, false, false, false);

        assertEquals(
                Map.of(
                        Capability.STRICT_PIN, "the kernel is older than 6.5",
                        Capability.CONTROL_GROUPS, "/proc hides the processes of other users",
                        Capability.EXECUTABLES, "the agent lacks CAP_SYS_PTRACE",
                        Capability.LAUNCHER_PROOF, "this version installs no launcher that could give it"),
                none.lacking());
        assertEquals(
                List.of(
                        "pin: weak: the kernel is older than 6.5",
                        "sender: told by pid where one is seen: the kernel is older than 6.9",
                        "descriptors: dropped when received: the kernel is older than 6.16",
                        "proc: /proc hides the processes of other users",
                        "cgroup: seen from the agent's own namespace: rules match nothing outside of it",
                        "executables: the agent lacks CAP_SYS_PTRACE"),
                none.findings().stream().map(f -> f.name() + ": " + f.detail()).toList());
    }

    @Test
    void everyFindingOfThisMachineIsNamedAndDescribed() {
        List<MachineProbe.Finding> findings = MachineProbe.ofThisMachine().findings();

        assertEquals(
                List.of("pin", "sender", "descriptors", "proc", "cgroup", "executables"),
                findings.stream().map(MachineProbe.Finding::name).toList());
        assertTrue(findings.stream().noneMatch(finding -> finding.detail().isEmpty()));
    }
}
