package dev.latchkey.agent.manifest;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.manifest.Manifest.Entry;
import dev.latchkey.agent.reference.ReferenceParser;
import dev.latchkey.agent.reference.Template;
import dev.latchkey.agent.secret.SecretReference.Absence;
import dev.latchkey.agent.yaml.Node;
import dev.latchkey.agent.yaml.Position;
import dev.latchkey.agent.yaml.Problems;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Reads one element of {@code secrets}. */
final class EntryReader {
    private static final List<String> KEYS =
            List.of("key", "inject_as", "file", "optional", "default", "check", "from");
    private static final int MAX_LENGTH = 1 << 20;

    private final Node.Mapping node;
    private final Problems problems;
    private Optional<Node.Scalar> key = Optional.empty();
    private Optional<Node.Scalar> from = Optional.empty();
    private Optional<String> target = Optional.empty();
    private Optional<String> otherwise = Optional.empty();
    private boolean file;
    private boolean optional;
    private Check check = Check.NONE;

    EntryReader(Node.Mapping node, Problems problems) {
        this.node = node;
        this.problems = problems;
    }

    Optional<Entry> read() {
        int before = problems.count();
        node.entries().forEach(this::read);
        if (problems.count() > before) {
            return Optional.empty();
        }
        Optional<Entry> entry = from.isPresent() ? spread(from.get()) : single();
        return problems.count() == before ? entry : Optional.empty();
    }

    private void read(Node.Entry entry) {
        switch (entry.key()) {
            case "key" -> key = scalar(entry);
            case "from" -> from = scalar(entry);
            case "inject_as" -> target = scalar(entry).filter(this::isTarget).map(Node.Scalar::text);
            case "file" -> file = flag(entry);
            case "optional" -> optional = flag(entry);
            case "default" -> otherwise = text(entry);
            case "check" -> check = check(entry);
            default ->
                problems.add(
                        entry.at(),
                        "unknown key " + Problems.plain(entry.key()),
                        () -> Optional.of(ManifestReader.keysHere(entry.key(), KEYS)));
        }
    }

    private Optional<Entry> spread(Node.Scalar reference) {
        boolean alone = node.entries().size() == 1;
        if (!alone) {
            problems.add(node.at(), "`from` takes every field and goes with no other key");
        }
        return alone && ManifestReader.isReference(reference, "from", problems)
                ? Optional.of(new Entry(
                        reference.at(), reference.text(), reference.text(), Optional.empty(), false, true, Check.NONE))
                : Optional.empty();
    }

    private Optional<Entry> single() {
        if (key.isEmpty()) {
            problems.add(node.at(), "an element of secrets has no key", "write `key: NAME`, or `from: REF`");
            return Optional.empty();
        }
        Node.Scalar scalar = key.get();
        return ManifestReader.isReference(scalar, "key", problems)
                ? Optional.of(new Entry(scalar.at(), scalar.text(), withOptions(scalar), target, file, false, check))
                : Optional.empty();
    }

    /** SECURITY: every character of the default is escaped, so that none can begin an option. */
    private String withOptions(Node.Scalar scalar) {
        boolean says = !(ReferenceParser.parse(scalar.text()).absence() instanceof Absence.Fails);
        if ((optional ? 1 : 0) + (otherwise.isPresent() ? 1 : 0) + (says ? 1 : 0) > 1) {
            problems.add(scalar.at(), "more than one of `optional` and `default`, of which a secret has one");
        }
        String own = otherwise
                .map(text ->
                        ",default=" + HexFormat.of().withPrefix("%").formatHex(text.getBytes(StandardCharsets.UTF_8)))
                .orElse(optional ? ",optional" : "");
        return scalar.text() + own;
    }

    private Check check(Node.Entry entry) {
        Optional<ValuePattern> pattern = Optional.empty();
        int minLength = 0;
        boolean json = false;
        if (!(entry.value() instanceof Node.Mapping map)) {
            problems.add(
                    entry.value().at(),
                    "check must be a mapping, not " + entry.value().words());
            return Check.NONE;
        }
        for (Node.Entry part : map.entries()) {
            switch (part.key()) {
                case "pattern" -> pattern = scalar(part).flatMap(this::pattern);
                case "min-length" -> minLength = scalar(part).map(this::length).orElse(0);
                case "json" -> json = flag(part);
                default ->
                    problems.add(
                            part.at(),
                            "unknown key check." + Problems.plain(part.key()),
                            () -> Optional.of(
                                    ManifestReader.keysHere(part.key(), List.of("pattern", "min-length", "json"))));
            }
        }
        return new Check(pattern, minLength, json);
    }

    private Optional<ValuePattern> pattern(Node.Scalar scalar) {
        try {
            return Optional.of(new ValuePattern(scalar.text()));
        } catch (AgentException bad) {
            problems.add(
                    scalar.at(),
                    "check.pattern " + bad.failure().message(),
                    () -> bad.failure().hint());
            return Optional.empty();
        }
    }

    private int length(Node.Scalar scalar) {
        boolean number = scalar.text().length() <= 7 && scalar.text().chars().allMatch(c -> c >= '0' && c <= '9');
        int length = number ? Integer.parseInt(scalar.text()) : MAX_LENGTH + 1;
        if (length > MAX_LENGTH) {
            problems.add(scalar.at(), "check.min-length must be a number of bytes, 0 to " + MAX_LENGTH);
        }
        return length;
    }

    private boolean isTarget(Node.Scalar scalar) {
        boolean name = Template.isName(scalar.text());
        if (!name) {
            problems.add(scalar.at(), "inject_as is not the name of a variable: " + Problems.quote(scalar.text()));
        }
        return name;
    }

    private boolean flag(Node.Entry entry) {
        String text = entry.value() instanceof Node.Scalar scalar ? scalar.text() : "";
        if (!text.equals("true") && !text.equals("false")) {
            problems.add(entry.value().at(), entry.key() + " must be true or false");
        }
        return text.equals("true");
    }

    private Optional<String> text(Node.Entry entry) {
        return switch (entry.value()) {
            case Node.Scalar scalar -> Optional.of(scalar.text());
            case Node.Empty _ -> Optional.of("");
            case Node other -> {
                problems.add(other.at(), entry.key() + " must be a single value, not " + other.words());
                yield Optional.empty();
            }
        };
    }

    private Optional<Node.Scalar> scalar(Node.Entry entry) {
        if (entry.value() instanceof Node.Scalar scalar && !scalar.text().isBlank()) {
            return Optional.of(scalar);
        }
        Position at = entry.value().at();
        problems.add(at, entry.key() + " must be a single value that is not blank");
        return Optional.empty();
    }
}
