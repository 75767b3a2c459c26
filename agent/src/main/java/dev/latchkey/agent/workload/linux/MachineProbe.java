package dev.latchkey.agent.workload.linux;

import dev.latchkey.agent.sys.SocketCalls;
import dev.latchkey.agent.workload.Capability;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What attestation can do on this machine with the rights of this process. Asked once at the start, never assumed.
 *
 * @param pinsStrictly whether the kernel hands out pidfds of peers
 * @param tellsSenders whether the sender of a message is told from every other process
 * @param refusesDescriptors whether a peer that sends descriptors gets an error
 * @param seesOthers whether {@code /proc} shows the processes of other users
 * @param tracesOthers whether the executables of processes that cannot be dumped are shown
 * @param seesAllGroups whether control groups are seen from the root of the machine
 * @param shieldsLaunchers whether a process that gives up the group of its executable cannot be traced meanwhile
 */
public record MachineProbe(
        boolean pinsStrictly,
        boolean tellsSenders,
        boolean refusesDescriptors,
        boolean seesOthers,
        boolean tracesOthers,
        boolean seesAllGroups,
        boolean shieldsLaunchers) {
    private static final String OLD_PIN = "the kernel is older than 6.5";
    private static final String HIDDEN = "/proc hides the processes of other users";
    private static final String NO_TRACING = "the agent lacks CAP_SYS_PTRACE";
    private static final String TRACEABLE =
            "fs.suid_dumpable is 1 or cannot be read, so that a launcher could be traced while it gives up its group";

    private static final int CAP_SYS_PTRACE = 19;
    /** The number of the namespace that every machine begins with. */
    private static final String FIRST_CGROUP_NAMESPACE = "cgroup:[4026531835]";

    public static MachineProbe ofThisMachine() {
        return new MachineProbe(
                SocketCalls.hasPeerPidfd(),
                SenderCheck.ofThisKernel() == SenderCheck.BY_PIDFD,
                SocketCalls.canRefuseDescriptors(),
                canRead(Path.of("/proc/1/cgroup")),
                hasCapability(CAP_SYS_PTRACE),
                isInFirstCgroupNamespace(),
                shieldsWhoGivesUpAGroup(Path.of("/proc/sys/fs/suid_dumpable")));
    }

    /** 0: such a process cannot be traced or dumped; 2: only root can. */
    static boolean shieldsWhoGivesUpAGroup(Path setting) {
        try {
            return Set.of("0", "2").contains(Files.readString(setting).strip());
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean canRead(Path file) {
        try {
            return !Files.readString(file, StandardCharsets.ISO_8859_1).isEmpty();
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean hasCapability(int capability) {
        try {
            return Files.readAllLines(Path.of("/proc/self/status"), StandardCharsets.ISO_8859_1).stream()
                    .filter(line -> line.startsWith("CapEff:"))
                    .map(line -> Long.parseUnsignedLong(
                            line.substring("CapEff:".length()).strip(), 16))
                    .anyMatch(effective -> (effective >> capability & 1) == 1);
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isInFirstCgroupNamespace() {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/ns/cgroup"))
                    .toString()
                    .equals(FIRST_CGROUP_NAMESPACE);
        } catch (IOException e) {
            return false;
        }
    }

    /** What no rule may ask for here, with the reason. */
    public Map<Capability, String> lacking() {
        Map<Capability, String> lacking = new EnumMap<>(Capability.class);
        if (!shieldsLaunchers || !seesOthers) {
            lacking.put(Capability.LAUNCHER_PROOF, whyNoProof());
        }
        if (!pinsStrictly) {
            lacking.put(Capability.STRICT_PIN, OLD_PIN);
        }
        if (!seesOthers) {
            lacking.put(Capability.CONTROL_GROUPS, HIDDEN);
        }
        if (!tracesOthers) {
            lacking.put(Capability.EXECUTABLES, NO_TRACING);
        }
        return lacking;
    }

    /** A launcher is known by the groups that it has left, which {@code /proc} shows. */
    private String whyNoProof() {
        return shieldsLaunchers ? HIDDEN : TRACEABLE;
    }

    /**
     * A finding for operators.
     *
     * @param good whether nothing is lacking
     */
    public record Finding(String name, boolean good, String detail) {}

    /** Everything that was found, in the order in which a request meets it. */
    public List<Finding> findings() {
        List<Finding> findings = new ArrayList<>();
        findings.add(finding("pin", pinsStrictly, "strict", "weak: " + OLD_PIN));
        findings.add(finding(
                "sender",
                tellsSenders,
                "told by pidfd",
                "told by pid where one is seen: the kernel is older than 6.9"));
        findings.add(finding(
                "descriptors",
                refusesDescriptors,
                "refused when sent",
                "dropped when received: the kernel is older than 6.16"));
        findings.add(finding("proc", seesOthers, "shows all processes", HIDDEN));
        findings.add(finding(
                "cgroup",
                seesAllGroups,
                "seen from the root",
                "seen from the agent's own namespace: rules match nothing outside of it"));
        findings.add(finding("executables", tracesOthers, "of all processes", NO_TRACING));
        findings.add(finding(
                "proof",
                shieldsLaunchers && seesOthers,
                "a launcher can give it: agent install-launcher",
                whyNoProof()));
        return findings;
    }

    private static Finding finding(String name, boolean good, String yes, String no) {
        return new Finding(name, good, good ? yes : no);
    }
}
