package dev.latchkey.agent.injection;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.injection.ComposedRequest.Document;
import dev.latchkey.agent.injection.InjectionResult.Wanted;
import dev.latchkey.agent.injection.LaunchRequest.RequestedBinding;
import dev.latchkey.agent.injection.Output.Layer;
import dev.latchkey.agent.injection.Output.Part;
import dev.latchkey.agent.injection.Output.Shape;
import dev.latchkey.agent.manifest.Check;
import dev.latchkey.agent.manifest.Manifest;
import dev.latchkey.agent.manifest.ManifestReader;
import dev.latchkey.agent.manifest.OwnName;
import dev.latchkey.agent.policy.Selection;
import dev.latchkey.agent.reference.ReferenceParser;
import dev.latchkey.agent.reference.Template;
import dev.latchkey.agent.secret.EnvironmentName;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.ProjectName;
import dev.latchkey.agent.yaml.Problem;
import dev.latchkey.agent.yaml.Problems;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Turns what a composed request says into outputs: reads its documents, fills in their texts, and lets the stronger of two replace the weaker. */
final class Composer {
    /**
     * What one request is made of: each place that names a secret, a variable or a file, and each output that names none. SECURITY: of all
     * documents together and before anything is judged, for each becomes many objects, a record and maybe a failure.
     */
    static final int MAX_PARTS = 1_024;

    private final ComposedRequest request;
    private final Settings settings;
    private final Selection selection;
    private final Namespace namespace;
    private final List<Output> outputs = new ArrayList<>();
    private final Failures failures = new Failures();
    private final List<Wanted> variables = new ArrayList<>();
    private final List<Wanted> files = new ArrayList<>();
    private final Set<String> keys = new HashSet<>();
    private final Set<String> defaultKeys = new HashSet<>();
    private int parts;

    private Composer(ComposedRequest request, Settings settings, Selection selection, Namespace namespace) {
        this.request = request;
        this.settings = settings;
        this.selection = selection;
        this.namespace = namespace;
    }

    /**
     * @throws AgentException if a project or an environment has no name, the request has too many parts, or the store cannot be asked for
     *     everything
     */
    static Composition compose(ComposedRequest request, Settings settings, Selection selection) {
        Namespace namespace =
                settings.namespace(request.launch().project(), request.launch().environment());
        return new Composer(request, settings, selection, namespace).compose();
    }

    private Composition compose() {
        count(request.bindings().size() + request.spreads().size());
        addBindings();
        request.spreads().forEach(this::addSpread);
        List<Document> documents = request.documents();
        List<Pending> defaults = new ArrayList<>();
        for (int index = 0; index < documents.size(); index++) {
            Document document = documents.get(index);
            if (document.target().isPresent()) {
                addTemplate(index, document);
            } else {
                addManifest(index, document).ifPresent(defaults::add);
            }
        }
        // Whatever an entry of any document has as its key, no default adds.
        defaults.forEach(this::addDefaults);
        if (request.switches().all()) {
            List<Output> everything = Everything.of(
                    settings.providers(), selection, request.switches().rawNames(), MAX_PARTS + 1, failures::add);
            count(everything.size());
            outputs.addAll(everything);
        }
        // Also where something is wrong already: what the client lacks is told together with it.
        if (variables.size() + files.size() > 0) {
            return new Composition.Incomplete(variables, files);
        }
        List<Output> left = new Layers(request, failures::add).strongest(outputs);
        // SECURITY: where anything is denied nothing is looked up to say more.
        return failures.list().stream().anyMatch(failure -> Refusals.isDenial(failure.kind()))
                ? new Composition.Refused(failures.list())
                : new Composition.Complete(left, failures);
    }

    private void count(int more) {
        parts += more;
        if (parts > MAX_PARTS) {
            throw new AgentException(
                    FailureKind.BUNDLE_TOO_LARGE,
                    "the request has more than " + MAX_PARTS + " references, variables and files",
                    "leave out what the command does not need, or start it in steps");
        }
    }

    private void addBindings() {
        for (int index = 0; index < request.bindings().size(); index++) {
            RequestedBinding binding = request.bindings().get(index);
            outputs.add(new Output(
                    binding.target(),
                    request.isFile(index) ? Shape.FILE : Shape.VARIABLE,
                    Layer.COMMAND_LINE,
                    List.of(new Part.Secret(binding, namespace, Optional.empty())),
                    Check.NONE,
                    "the command line",
                    Optional.of(index),
                    false));
        }
    }

    private void addSpread(String reference) {
        outputs.add(spread(reference, namespace, Layer.EVERYTHING, "--all-from"));
    }

    private static Output spread(String reference, Namespace namespace, Layer layer, String origin) {
        return new Output(
                origin,
                Shape.SPREAD,
                layer,
                List.of(new Part.Secret(new RequestedBinding(origin, reference, false), namespace, Optional.empty())),
                Check.NONE,
                origin,
                Optional.empty(),
                false);
    }

    private void addTemplate(int index, Document document) {
        String target = document.target().orElseThrow();
        Problems problems = new Problems();
        text(document, problems).ifPresent(source -> {
            count(Math.max(1, Template.references(source)));
            TextResolver resolver = new TextResolver(index, document, Map.of(), request.given(), problems);
            Places places = Places.of(source);
            List<Part> parts = Template.parse(source).pieces().stream()
                    .map(piece -> resolver.part(piece, target, namespace, places.place(piece)))
                    .toList();
            want(resolver);
            outputs.add(new Output(
                    target,
                    Shape.FILE,
                    Layer.COMMAND_LINE,
                    parts,
                    Check.NONE,
                    document.label(),
                    Optional.empty(),
                    false));
        });
        tell(document, problems);
    }

    private static Optional<String> text(Document document, Problems problems) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(document.content()))
                    .toString());
        } catch (CharacterCodingException e) {
            problems.addToWhole("the template is not UTF-8", "save it as UTF-8");
            return Optional.empty();
        }
    }

    /** What a document still has to say when all of them were read. */
    private record Pending(Document document, Manifest manifest, Namespace namespace) {}

    private Optional<Pending> addManifest(int index, Document document) {
        Problems problems = new Problems();
        Optional<Pending> pending = ManifestReader.read(document.label(), document.content(), problems)
                .map(manifest -> new Pending(document, manifest, place(manifest, problems)));
        // Of one that is not what it must be nothing is looked up, for it may not mean the names that it seems to.
        boolean usable = problems.count() == 0;
        int before = outputs.size();
        pending.ifPresent(p -> {
            count(p.manifest().parts());
            addEntries(p, p.manifest().entries(), Layer.DOCUMENTS, keys, problems);
            addVariables(index, p, problems);
        });
        if (!usable) {
            outputs.subList(before, outputs.size()).clear();
        }
        tell(document, problems);
        return pending.filter(_ -> usable);
    }

    /** What the command line says counts for every document. */
    private Namespace place(Manifest manifest, Problems problems) {
        Namespace place = namespace;
        if (request.launch().project().isEmpty() && manifest.project().isPresent()) {
            Manifest.Located project = manifest.project().get();
            try {
                place = new Namespace(new ProjectName(project.text()), place.environment());
            } catch (AgentException bad) {
                problems.add(project.at(), bad.failure().message());
            }
        }
        if (request.launch().environment().isEmpty() && manifest.environment().isPresent()) {
            Manifest.Located environment = manifest.environment().get();
            try {
                place = new Namespace(place.project(), new EnvironmentName(environment.text()));
            } catch (AgentException bad) {
                problems.add(environment.at(), bad.failure().message());
            }
        }
        return place;
    }

    private void addDefaults(Pending pending) {
        Problems problems = new Problems();
        List<Manifest.Entry> left = pending.manifest().defaults().stream()
                .filter(entry -> !keys.contains(key(entry)))
                .toList();
        addEntries(pending, left, Layer.DEFAULTS, defaultKeys, problems);
        tell(pending.document(), problems);
    }

    /** An earlier document's entry wins over a later one's with the same key; within one document a key may be bound more than once. */
    private void addEntries(
            Pending pending, List<Manifest.Entry> entries, Layer layer, Set<String> earlier, Problems problems) {
        Set<String> own = new HashSet<>();
        for (Manifest.Entry entry : entries) {
            own.add(key(entry));
            if (!earlier.contains(key(entry))) {
                add(pending, entry, layer, problems);
            }
        }
        earlier.addAll(own);
    }

    private static String key(Manifest.Entry entry) {
        return ReferenceParser.shown(entry.key());
    }

    private void add(Pending pending, Manifest.Entry entry, Layer layer, Problems problems) {
        String origin = pending.document().place(entry.at());
        if (entry.spread()) {
            outputs.add(spread(entry.reference(), pending.namespace(), layer, origin));
            return;
        }
        Optional<String> target = entry.target()
                .or(() -> OwnName.ofReference(entry.key(), request.switches().rawNames()));
        if (target.isEmpty()) {
            problems.add(
                    entry.at(),
                    Problems.quote(key(entry)) + " has no name of its own that a variable could have",
                    "only the plain name of a secret has one: add `inject_as: NAME`");
            return;
        }
        outputs.add(new Output(
                target.get(),
                entry.file() ? Shape.FILE : Shape.VARIABLE,
                layer,
                List.of(new Part.Secret(
                        new RequestedBinding(target.get(), entry.reference(), allowsDangerous()),
                        pending.namespace(),
                        Optional.of(origin))),
                entry.check(),
                origin,
                Optional.empty(),
                false));
    }

    private boolean allowsDangerous() {
        return request.switches().dangerousNamesAllowed();
    }

    private void addVariables(int index, Pending pending, Problems problems) {
        TextResolver resolver =
                new TextResolver(index, pending.document(), pending.manifest().literals(), request.given(), problems);
        Set<String> own = new HashSet<>();
        for (Manifest.Variable variable : pending.manifest().variables()) {
            String key = "env " + variable.target();
            own.add(key);
            if (keys.contains(key)) {
                continue;
            }
            Places places = Places.of(variable);
            List<Part> parts = variable.text().template().pieces().stream()
                    .map(piece -> resolver.part(piece, variable.target(), pending.namespace(), places.place(piece)))
                    .toList();
            outputs.add(new Output(
                    variable.target(),
                    Shape.VARIABLE,
                    Layer.DOCUMENTS,
                    parts,
                    Check.NONE,
                    pending.document().place(variable.at()),
                    Optional.empty(),
                    false));
        }
        keys.addAll(own);
        want(resolver);
    }

    private void want(TextResolver resolver) {
        variables.addAll(resolver.variables());
        files.addAll(resolver.files());
    }

    private void tell(Document document, Problems problems) {
        for (Problem problem : problems.all()) {
            failures.add(new Failure(FailureKind.BAD_DOCUMENT, problem.text(document.label()), problem.hint()));
        }
    }
}
