package dev.latchkey.agent.manifest;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Likeness;
import dev.latchkey.agent.manifest.Manifest.Entry;
import dev.latchkey.agent.manifest.Manifest.Located;
import dev.latchkey.agent.manifest.Manifest.Text;
import dev.latchkey.agent.manifest.Manifest.Variable;
import dev.latchkey.agent.reference.ReferenceParser;
import dev.latchkey.agent.reference.Template;
import dev.latchkey.agent.yaml.Node;
import dev.latchkey.agent.yaml.Problems;
import dev.latchkey.agent.yaml.YamlReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads one document with bindings. Everything that is wrong with it is told at once. */
public final class ManifestReader {
    /** Of what one document binds, and of references in its texts. SECURITY: what is more is not kept. */
    private static final int MAX_ENTRIES = 1_024;

    private static final Set<String> SCRIPTS = Set.of(".py", ".sql", ".r", ".R", ".sh");
    private static final Set<String> PIPELINES = Set.of("pipeline.yml", "pipeline.yaml");
    private static final List<String> KEYS =
            List.of("secrets", "default", "env", "connection", "project", "environment");

    private final Problems problems;
    private final boolean strict;
    private final List<Entry> entries = new ArrayList<>();
    private final List<Entry> defaults = new ArrayList<>();
    private final List<Variable> variables = new ArrayList<>();
    private final Map<String, String> literals = new LinkedHashMap<>();
    private Optional<Located> project = Optional.empty();
    private Optional<Located> environment = Optional.empty();
    private int bindings;
    private int references;

    /**
     * @param strict other keys are errors, rather than somebody else's
     */
    private ManifestReader(Problems problems, boolean strict) {
        this.problems = problems;
        this.strict = strict;
    }

    /**
     * What could be read of the document; absent if it is no document at all. Whatever is wrong with it is added to the problems.
     *
     * @param label its name, whose last part tells a pipeline
     */
    public static Optional<Manifest> read(String label, byte[] content, Problems problems) {
        int before = problems.count();
        Optional<String> annotation = text(content).flatMap(CommentBlock::of);
        if (annotation.isEmpty() && SCRIPTS.stream().anyMatch(label::endsWith)) {
            problems.addToWhole(
                    "the script has no @bruin block",
                    "its first comment block must begin with @bruin; a manifest of its own is named *.yaml");
            return Optional.empty();
        }
        boolean plain = annotation.isEmpty() && !PIPELINES.contains(label.substring(label.lastIndexOf('/') + 1));
        byte[] yaml = annotation.map(a -> a.getBytes(StandardCharsets.UTF_8)).orElse(content);
        Optional<Node> root = YamlReader.read(yaml, problems);
        if (problems.count() > before) {
            return Optional.empty();
        }
        Manifest manifest = new ManifestReader(problems, plain).read(root);
        if (problems.count() == before && manifest.isEmpty()) {
            problems.addToWhole(
                    "the document binds nothing", "secrets:, env: or connection: bind something to a variable");
        }
        return Optional.of(manifest);
    }

    private static Optional<String> text(byte[] content) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(content))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private Manifest read(Optional<Node> root) {
        switch (root.orElse(null)) {
            case Node.Mapping mapping -> mapping.entries().forEach(this::readTop);
            case Node.Empty _ -> {}
            case null -> {}
            case Node other -> problems.add(other.at(), "the document must be a mapping, not " + other.words());
        }
        if (bindings > MAX_ENTRIES) {
            problems.addToWhole(bindings + " bindings are more than " + MAX_ENTRIES, "split the document");
        }
        if (references > MAX_ENTRIES) {
            problems.addToWhole(references + " references are more than " + MAX_ENTRIES, "split the document");
        }
        return new Manifest(project, environment, entries, defaults, variables, literals);
    }

    private void readTop(Node.Entry entry) {
        switch (entry.key()) {
            case "secrets" -> readSecrets(entry.value());
            case "default" -> readDefault(entry.value());
            case "env" -> readEnvironment(entry.value());
            case "connection" -> readConnection(entry.value());
            case "project" -> project = place(entry, project);
            case "environment" -> environment = place(entry, environment);
            default -> unknown(entry, "", KEYS);
        }
    }

    /** Of scripts and pipelines both may mean something else. */
    private Optional<Located> place(Node.Entry entry, Optional<Located> before) {
        return strict ? scalar(entry.value(), entry.key()).map(s -> new Located(s.text(), s.at())) : before;
    }

    private void readSecrets(Node node) {
        switch (node) {
            case Node.Sequence list -> list.items().forEach(item -> readEntry(item, entries));
            case Node.Mapping map -> map.entries().forEach(this::readLiteral);
            case Node.Empty _ -> {}
            case Node.Scalar _ -> problems.add(node.at(), "secrets must be a list or a mapping, not " + node.words());
        }
    }

    private void readDefault(Node node) {
        if (!(node instanceof Node.Mapping map)) {
            if (strict) {
                problems.add(node.at(), "default must be a mapping, not " + node.words());
            }
            return;
        }
        for (Node.Entry entry : map.entries()) {
            if (!entry.key().equals("secrets")) {
                unknown(entry, "default.", List.of("secrets"));
            } else if (entry.value() instanceof Node.Sequence list) {
                list.items().forEach(item -> readEntry(item, defaults));
            } else if (!(entry.value() instanceof Node.Empty)) {
                problems.add(
                        entry.value().at(),
                        "default.secrets must be a list, not " + entry.value().words());
            }
        }
    }

    private void readLiteral(Node.Entry entry) {
        if (!Template.isName(entry.key())) {
            problems.add(entry.at(), "not a name that ${NAME} can refer to: " + Problems.quote(entry.key()));
        }
        switch (entry.value()) {
            case Node.Scalar scalar -> literals.put(entry.key(), scalar.text());
            case Node.Empty _ -> literals.put(entry.key(), "");
            case Node other ->
                problems.add(other.at(), "a literal of secrets must be a single value, not " + other.words());
        }
    }

    private void readEnvironment(Node node) {
        switch (node) {
            case Node.Mapping map -> map.entries().forEach(this::readVariable);
            case Node.Empty _ -> {}
            case Node.Scalar _, Node.Sequence _ ->
                problems.add(node.at(), "env must be a mapping, not " + node.words());
        }
    }

    private void readVariable(Node.Entry entry) {
        if (!hasRoom()) {
            return;
        }
        if (!Template.isName(entry.key())) {
            problems.add(entry.at(), "not the name of a variable: " + Problems.quote(entry.key()));
        }
        switch (entry.value()) {
            case Node.Scalar scalar -> variables.add(new Variable(entry.at(), entry.key(), text(scalar)));
            case Node.Empty empty ->
                variables.add(
                        new Variable(entry.at(), entry.key(), new Text("", Template.parse(""), empty.at(), false)));
            case Node other ->
                problems.add(other.at(), "a variable of env must be a single value, not " + other.words());
        }
    }

    /** Whether there may be another binding, which is counted. */
    private boolean hasRoom() {
        return ++bindings <= MAX_ENTRIES;
    }

    private Text text(Node.Scalar scalar) {
        references += Template.references(scalar.text());
        return new Text(
                scalar.text(),
                Template.parse(references > MAX_ENTRIES ? "" : scalar.text()),
                scalar.textAt().orElse(scalar.at()),
                scalar.textAt().isPresent());
    }

    private void readConnection(Node node) {
        scalar(node, "connection").ifPresent(scalar -> {
            if (isReference(scalar, "connection")) {
                entries.add(new Entry(
                        scalar.at(), scalar.text(), scalar.text(), Optional.empty(), false, false, Check.NONE));
            }
        });
    }

    private void readEntry(Node node, List<Entry> to) {
        if (!hasRoom()) {
            return;
        }
        if (node instanceof Node.Mapping map) {
            new EntryReader(map, problems).read().ifPresent(to::add);
        } else {
            problems.add(
                    node.at(), "an element of secrets must be a mapping, not " + node.words(), "write `- key: NAME`");
        }
    }

    private Optional<Node.Scalar> scalar(Node node, String name) {
        if (node instanceof Node.Scalar scalar && !scalar.text().isBlank()) {
            return Optional.of(scalar);
        }
        problems.add(node.at(), name + " must be a single value that is not blank");
        return Optional.empty();
    }

    private boolean isReference(Node.Scalar scalar, String name) {
        return isReference(scalar, name, problems);
    }

    /** SECURITY: a reference that is none is not quoted. */
    static boolean isReference(Node.Scalar scalar, String name, Problems problems) {
        try {
            ReferenceParser.parse(scalar.text());
            return true;
        } catch (AgentException bad) {
            problems.add(scalar.at(), name + ": " + bad.failure().message());
            return false;
        }
    }

    static String keysHere(String typed, List<String> known) {
        return Likeness.nearest(typed, known)
                .map(near -> "did you mean " + near + "?")
                .orElse("the keys here are " + String.join(", ", known));
    }

    private void unknown(Node.Entry entry, String where, List<String> known) {
        if (strict) {
            problems.add(
                    entry.at(),
                    "unknown key " + where + Problems.plain(entry.key()),
                    () -> Optional.of(keysHere(entry.key(), known)));
        }
    }
}
