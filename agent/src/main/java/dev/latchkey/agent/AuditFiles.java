package dev.latchkey.agent;

import dev.latchkey.agent.audit.AuditReader;
import dev.latchkey.agent.audit.AuditVerification;
import dev.latchkey.agent.audit.CheckpointKey;
import dev.latchkey.agent.audit.Head;
import dev.latchkey.agent.audit.SigningKey;
import dev.latchkey.agent.audit.Trust;
import dev.latchkey.agent.cli.Collaborators.AuditVerifier;
import dev.latchkey.agent.config.AgentConfig;
import dev.latchkey.agent.config.ConfigLoader;
import dev.latchkey.agent.config.ConfigResult;
import dev.latchkey.agent.config.Host;
import dev.latchkey.agent.config.Places;
import dev.latchkey.agent.config.RunPlaces;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What {@code agent audit verify} and {@code agent audit key} look at: the files of an agent, whether it runs or not. */
record AuditFiles(Host host) implements AuditVerifier {
    @Override
    public Verified verify(Optional<Path> file, Kept kept) {
        Optional<Head> head = kept.head().map(Head::parse);
        List<CheckpointKey> keys = kept.keys().stream().map(CheckpointKey::read).toList();
        if (file.isPresent() || !keys.isEmpty()) {
            return view(
                    AuditReader.verify(file.orElseGet(() -> place().log()), new Trust(head, keys, !keys.isEmpty())));
        }
        Place place = place();
        List<CheckpointKey> own = SigningKey.find(place.state()).map(SigningKey::publicKey).stream()
                .toList();
        return view(AuditReader.verify(place.log(), new Trust(head, own, false)));
    }

    private static Verified view(AuditVerification found) {
        return new Verified(
                found.intact(),
                found.problem()
                        .map(p -> new Flaw(p.damage().text(), p.file(), p.line(), p.offset(), p.sequence(), p.what())),
                found.records(),
                found.last().map(Head::toString),
                found.covered().map(covered -> covered.head().sequence()),
                found.report());
    }

    @Override
    public String publicKey() {
        Path state = place().state();
        return SigningKey.find(state)
                .map(key -> key.publicKey().pem())
                .orElseThrow(() -> new AgentException(
                        FailureKind.STATE_UNUSABLE,
                        "there is no " + SigningKey.FILE + " in " + state,
                        "the first agent that runs there makes one; LATCHKEY_STATE names another state folder"));
    }

    /** Where {@code agent run} would write. */
    private record Place(Path state, Path log) {}

    private Place place() {
        Places places = new Places(host);
        Places.ConfigFile file = places.configFile(Optional.empty());
        return switch (new ConfigLoader(host).load(file)) {
            case ConfigResult.Loaded(AgentConfig config) -> {
                RunPlaces run = places.run(Optional.empty(), Optional.empty(), config);
                yield new Place(run.state(), run.inState(config.audit().path()));
            }
            case ConfigResult.Refused _ ->
                throw new AgentException(
                        FailureKind.BAD_CONFIGURATION,
                        "the configuration " + file.path() + " was refused, so the place of the audit log is not known",
                        "name the file: agent audit verify FILE");
        };
    }
}
