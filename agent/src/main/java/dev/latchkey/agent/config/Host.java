package dev.latchkey.agent.config;

import dev.latchkey.agent.workload.Capability;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * What configuration and places depend on besides the file.
 *
 * @param uid the effective uid of the agent
 * @param exists whether there is anything at a path
 * @param lacking what attestation cannot do here, with the reason; empty where that does not matter, as in checking a file for another machine
 * @param providerTypes the types of providers that do not come with the agent
 * @param elsewhere the machine that a configuration is for, if it is only tried here
 */
public record Host(
        long uid,
        Map<String, String> environment,
        Accounts accounts,
        Predicate<Path> exists,
        Map<Capability, String> lacking,
        ProviderTypes providerTypes,
        Optional<Elsewhere> elsewhere) {
    private static final Pattern WHITE_SPACE = Pattern.compile("\\s+");

    public Host {
        environment = Map.copyOf(environment);
        lacking = Map.copyOf(lacking);
    }

    /** A machine without further types of providers. */
    public Host(
            long uid,
            Map<String, String> environment,
            Accounts accounts,
            Predicate<Path> exists,
            Map<Capability, String> lacking) {
        this(uid, environment, accounts, exists, lacking, ProviderTypes.NONE, Optional.empty());
    }

    /** This process on this machine. */
    public static Host current() {
        return new Host(effectiveUid(), System.getenv(), Accounts.ofThisMachine(), Files::exists, Map.of());
    }

    /** The same, where a rule that needs one of these is refused. */
    public Host lacking(Map<Capability, String> capabilities) {
        return new Host(uid, environment, accounts, exists, capabilities, providerTypes, elsewhere);
    }

    /** The same with further types of providers. */
    public Host offering(ProviderTypes types) {
        return new Host(uid, environment, accounts, exists, lacking, types, elsewhere);
    }

    /** The same, where configurations are tried that are for another machine. */
    public Host trying(Elsewhere other) {
        return new Host(uid, environment, accounts, exists, lacking, providerTypes, Optional.of(other));
    }

    Optional<Long> uidOf(String user) {
        return elsewhere.isPresent() ? elsewhere.get().uid(user, accounts::uid) : accounts.uid(user);
    }

    Optional<Long> gidOf(String group) {
        return elsewhere.isPresent() ? elsewhere.get().gid(group, accounts::gid) : accounts.gid(group);
    }

    public boolean isRoot() {
        return uid == 0;
    }

    /** The variable's value; empty counts as unset. */
    Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
    }

    /** A variable that holds a path; a relative one of XDG's or systemd's does not count, as their specifications ask. */
    Optional<Path> folder(String name) {
        return variable(name).map(Path::of).filter(Path::isAbsolute);
    }

    Optional<Path> home() {
        return folder("HOME").or(() -> accounts.home(uid));
    }

    /** From the status file: the owner of {@code /proc/self} is root as soon as the process cannot be dumped. */
    private static long effectiveUid() {
        try (var lines = Files.lines(Path.of("/proc/self/status"))) {
            String uids = lines.filter(line -> line.startsWith("Uid:"))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("/proc/self/status has no uid"));
            return Long.parseLong(WHITE_SPACE.split(uids, -1)[2]);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read /proc/self/status", e);
        }
    }
}
