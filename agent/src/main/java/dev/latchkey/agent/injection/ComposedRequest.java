package dev.latchkey.agent.injection;

import dev.latchkey.agent.injection.LaunchRequest.RequestedBinding;
import dev.latchkey.agent.secret.Freshness;
import dev.latchkey.agent.yaml.Position;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a launcher asks for besides bindings of variables, decoded and not yet judged.
 *
 * @param launch what every request says, with its bindings; those of {@code files} hold the path of a file with the value
 * @param spreads references of JSON secrets whose fields become variables
 * @param backend the provider of references that name none; absent: the configuration's
 * @param given what the client was asked for before
 */
public record ComposedRequest(
        LaunchRequest launch,
        Set<Integer> files,
        List<Document> documents,
        List<String> spreads,
        Switches switches,
        Optional<String> backend,
        Freshness freshness,
        Surroundings surroundings,
        Given given) {
    public ComposedRequest {
        files = Set.copyOf(files);
        documents = List.copyOf(documents);
        spreads = List.copyOf(spreads);
    }

    /**
     * @param all everything that the rule's {@code inject-all} selects
     * @param rawNames names taken from secrets stay as they are
     */
    public record Switches(boolean all, boolean rawNames, boolean dangerousNamesAllowed) {}

    /**
     * A document as the launcher read it.
     *
     * @param target of a template, the variable that gets the path of the rendered file
     * @param label its name for messages
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Document(Optional<String> target, String label, byte[] content) {
        /** A place in it, as messages show it. */
        String place(Position at) {
            return label + ":" + at.line() + ":" + at.column();
        }

        @Override
        public String toString() {
            return label;
        }
    }

    /**
     * What the environment of the command has already.
     *
     * @param taken targets that something stronger than any document sets
     * @param inherited names that pass on to the command; empty where a binding replaces them
     * @param keep what meets one of them is not requested; otherwise it is an error
     */
    public record Surroundings(Set<String> taken, Set<String> inherited, boolean keep) {
        public Surroundings {
            // SECURITY: the JDK's immutable sets and maps take quadratic time for names that were chosen to collide.
            taken = Collections.unmodifiableSet(new HashSet<>(taken));
            inherited = Collections.unmodifiableSet(new HashSet<>(inherited));
        }
    }

    /** Something that a document names. */
    public record Key(int document, String name) {}

    /** The launcher's own variables and files. SECURITY: never shown, and wiped once the request is done with. */
    public record Given(Map<Key, Optional<byte[]>> variables, Map<Key, GivenFile> files) {
        public Given {
            variables = Collections.unmodifiableMap(new HashMap<>(variables));
            files = Collections.unmodifiableMap(new HashMap<>(files));
        }

        void wipe() {
            variables.values().forEach(value -> value.ifPresent(bytes -> Arrays.fill(bytes, (byte) 0)));
            files.values().forEach(file -> file.content().ifPresent(bytes -> Arrays.fill(bytes, (byte) 0)));
        }

        @Override
        public String toString() {
            return "[redacted]";
        }
    }

    /**
     * @param reason why there is no content
     */
    public record GivenFile(Optional<byte[]> content, String reason) {}

    boolean isFile(int binding) {
        return files.contains(binding);
    }

    List<RequestedBinding> bindings() {
        return launch.bindings();
    }
}
