package dev.latchkey.agent.config;

import dev.latchkey.agent.yaml.Node;
import dev.latchkey.agent.yaml.Position;
import dev.latchkey.agent.yaml.Problems;
import dev.latchkey.agent.yaml.YamlReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Turns {@code agent.yaml} into a configuration, or into all of its problems. Loading changes nothing and keeps nothing, so that it
 * may be done again at any time.
 */
public final class ConfigLoader {
    private final Host host;
    private final ConfigSecrets secrets;

    /** For a file whose secrets need not be known: it is checked, and what stands in for them is never used. */
    public ConfigLoader(Host host) {
        this(host, new ConfigSecrets.Unopened());
    }

    public ConfigLoader(Host host, ConfigSecrets secrets) {
        this.host = host;
        this.secrets = secrets;
    }

    /** The file that {@link Places} found; if nobody named it and it is not there, the defaults. */
    public ConfigResult load(Places.ConfigFile file) {
        boolean left = !file.mustExist() && Files.notExists(file.path());
        return left ? new ConfigResult.Loaded(defaults()) : load(file.path());
    }

    /** As {@link #load(Places.ConfigFile)}, for an agent that will do what the file says: so it must be a file that nobody else can change. */
    public ConfigResult loadToRun(Places.ConfigFile file) {
        Problems problems = new Problems();
        new FileOwner(host.uid()).check(file.path(), problems);
        ConfigResult result = load(file);
        return problems.count() == 0
                ? result
                : new ConfigResult.Refused(Stream.concat(problems.all().stream(), result.problems().stream())
                        .toList());
    }

    /** The file, which must be there. */
    public ConfigResult load(Path file) {
        Problems problems = new Problems();
        Optional<byte[]> document = bytes(file, problems);
        return document.isPresent() ? parse(document.get(), file, problems) : new ConfigResult.Refused(problems.all());
    }

    /**
     * The configuration of these bytes.
     *
     * @param file where they came from; relative paths of {@code ${file:…}} begin in its folder
     */
    public ConfigResult parse(byte[] document, Path file) {
        return parse(document, file, new Problems());
    }

    /** What an agent without any file has: the embedded store, one socket, served to its own user. */
    public AgentConfig defaults() {
        return switch (parse(new byte[0], Path.of("/"))) {
            case ConfigResult.Loaded(AgentConfig config) -> config;
            case ConfigResult.Refused _ -> throw new IllegalStateException("the defaults have a problem");
        };
    }

    private ConfigResult parse(byte[] document, Path file, Problems problems) {
        Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(Path.of("/"));
        Reading reading = new Reading(host, new Expansion(host, secrets, folder, problems), problems);
        int before = problems.count();
        Optional<Node> root = YamlReader.read(document, problems);
        if (root.isEmpty() && problems.count() > before) {
            return new ConfigResult.Refused(problems.all());
        }
        Node content =
                root.filter(node -> !(node instanceof Node.Empty)).orElse(new Node.Mapping(List.of(), Position.START));
        SecretPlaces.check(content, problems);
        Optional<AgentConfig> config = Keys.ROOT
                .read(content, "", reading)
                .map(draft -> new Assembly(draft, socketNames(content), reading).assemble());
        return config.isPresent() && problems.count() == 0
                ? new ConfigResult.Loaded(config.get())
                : new ConfigResult.Refused(problems.all());
    }

    /** Those of sockets with problems too, so that a rule that names one is not blamed for them. */
    private static Set<String> socketNames(Node root) {
        return entries(root)
                .filter(entry -> entry.key().equals(Keys.SOCKETS.name()))
                .flatMap(entry -> entry.value() instanceof Node.Sequence list ? list.items().stream() : Stream.empty())
                .flatMap(ConfigLoader::entries)
                .filter(entry -> entry.key().equals("name"))
                .flatMap(entry ->
                        entry.value() instanceof Node.Scalar scalar ? Stream.of(scalar.text()) : Stream.empty())
                .collect(Collectors.toSet());
    }

    private static Stream<Node.Entry> entries(Node node) {
        return node instanceof Node.Mapping mapping ? mapping.entries().stream() : Stream.empty();
    }

    private Optional<byte[]> bytes(Path file, Problems problems) {
        try (InputStream in = Files.newInputStream(file)) {
            if (host.elsewhere().isEmpty()) {
                refuseWritableByAll(file, problems);
            }
            return Optional.of(in.readNBytes(YamlReader.MAX_BYTES + 1));
        } catch (NoSuchFileException e) {
            problems.addToWhole("there is no such file", "name one that is there, or none to have the defaults");
        } catch (AccessDeniedException e) {
            problems.addToWhole("the file may not be read", "the user that runs the agent must be able to read it");
        } catch (IOException e) {
            problems.addToWhole("the file cannot be read", "it must be a regular file");
        }
        return Optional.empty();
    }

    /** SECURITY: who can write the configuration can grant itself every secret. Groups are the operator's own choice. */
    private static void refuseWritableByAll(Path file, Problems problems) throws IOException {
        if (Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_WRITE)) {
            problems.addToWhole("every user of this machine can write the file", "chmod o-w " + file);
        }
    }
}
