package dev.latchkey.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Asks for more than bindings: SPEC.md, section 4.6. As in a {@link Request}, what the parts say is not yet judged.
 *
 * @param surroundings what the client has already, and what becomes of a binding that meets it
 * @param given what the agent asked for before; empty the first time
 */
public record Supply(Terms terms, Sources sources, Surroundings surroundings, Given given) implements Message {
    static final int MAX_TEXT = 4_096;
    static final int MAX_DOCUMENTS = 64;
    static final int MAX_SPREADS = 64;
    static final int MAX_NAMES = 16_384;

    /** The most variables and the most files that an {@link Ask} can name. */
    public static final int MAX_ASKED = 1_024;

    private static final long MAX_DEADLINE_MILLIS = 600_000;

    public Supply {
        if (sources.isEmpty()) {
            throw new IllegalStateException("nothing is asked for");
        }
    }

    /** What is said of the request as a whole. */
    public record Terms(
            Duration deadline,
            Options options,
            Optional<String> project,
            Optional<String> environment,
            Optional<Token> token,
            Optional<String> command,
            Optional<Proof> proof,
            Optional<String> backend,
            Optional<Duration> maxAge) {}

    /**
     * The switches.
     *
     * @param all everything that the rule's inject-all selects
     * @param rawNames names taken from secrets stay as they are
     * @param keep a binding that meets an inherited variable is not requested
     * @param refuseConflicts a binding that meets an inherited variable is an error
     */
    public record Options(
            boolean dryRun,
            boolean offline,
            boolean all,
            boolean rawNames,
            boolean keep,
            boolean refuseConflicts,
            boolean dangerousNamesAllowed) {
        private static final int KNOWN = 0x7F;

        static Options of(long bits) {
            return new Options(
                    (bits & 1) != 0,
                    (bits & 2) != 0,
                    (bits & 4) != 0,
                    (bits & 8) != 0,
                    (bits & 16) != 0,
                    (bits & 32) != 0,
                    (bits & 64) != 0);
        }

        long bits() {
            return (dryRun ? 1 : 0)
                    | (offline ? 2 : 0)
                    | (all ? 4 : 0)
                    | (rawNames ? 8 : 0)
                    | (keep ? 16 : 0)
                    | (refuseConflicts ? 32 : 0)
                    | (dangerousNamesAllowed ? 64L : 0L);
        }
    }

    /**
     * Where variables and files come from.
     *
     * @param spreads references of JSON secrets whose fields become variables
     */
    public record Sources(boolean all, List<Binding> bindings, List<Document> documents, List<String> spreads) {
        public Sources {
            bindings = List.copyOf(bindings);
            documents = List.copyOf(documents);
            spreads = List.copyOf(spreads);
        }

        boolean isEmpty() {
            return !all && bindings.isEmpty() && documents.isEmpty() && spreads.isEmpty();
        }
    }

    /** A binding of a variable or, with {@code file}, of a variable that holds the path of a file with the value. */
    public record Binding(boolean file, boolean dangerousNameAllowed, String target, String reference) {
        @Override
        public String toString() {
            int comma = reference.indexOf(',');
            return target + "=" + (comma < 0 ? reference : reference.substring(0, comma));
        }
    }

    /**
     * A document as the client read it.
     *
     * @param target of a template, the variable that gets the path of the rendered file; empty for what has bindings
     * @param label its name for messages
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Document(boolean template, String target, String label, byte[] content) {
        /** The longest content, in bytes. */
        public static final int MAX_CONTENT = 262_144;

        @Override
        public String toString() {
            return label;
        }
    }

    /**
     * @param taken targets that something stronger than any document sets
     * @param inherited names of variables that pass on to the command; sent only where the options say what that means
     */
    public record Surroundings(List<String> taken, List<String> inherited) {
        public Surroundings {
            taken = List.copyOf(taken);
            inherited = List.copyOf(inherited);
        }
    }

    /** What a client found. */
    public record Given(List<Variable> variables, List<File> files) {
        public Given {
            variables = List.copyOf(variables);
            files = List.copyOf(files);
        }
    }

    /** A variable of the client; no value: it is not set. SECURITY: never shown. */
    public record Variable(int document, String name, Optional<byte[]> value) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** A file of the client: its bytes, or why it could not be read. */
    public record File(int document, String path, Optional<byte[]> content, String reason) {
        @Override
        public String toString() {
            return path;
        }
    }

    /** Decodes a body, from the buffer's position to its limit. */
    public static Supply decode(ByteBuffer body) throws MalformedException {
        FieldReader in = new FieldReader(body, Supply::most);
        Fields fields = new Fields();
        while (in.next()) {
            fields.read(in);
        }
        return fields.end();
    }

    private static int most(int number) {
        return switch (number) {
            case 1, 2, 3, 4, 5, 6, 7, 8, 12 -> 1;
            case 16 -> Request.MAX_BINDINGS;
            case 17 -> MAX_DOCUMENTS;
            case 18 -> MAX_SPREADS;
            case 19, 20 -> MAX_NAMES;
            case 32, 33 -> MAX_ASKED;
            default -> 0;
        };
    }

    /** What was read so far. */
    private static final class Fields {
        private Optional<Duration> deadline = Optional.empty();
        private Options options = Options.of(0);
        private Optional<String> project = Optional.empty();
        private Optional<String> environment = Optional.empty();
        private Optional<Token> token = Optional.empty();
        private Optional<String> command = Optional.empty();
        private Optional<Proof> proof = Optional.empty();
        private Optional<String> backend = Optional.empty();
        private Optional<Duration> maxAge = Optional.empty();
        private final List<Binding> bindings = new ArrayList<>();
        private final List<Document> documents = new ArrayList<>();
        private final List<String> spreads = new ArrayList<>();
        private final List<String> taken = new ArrayList<>();
        private final List<String> inherited = new ArrayList<>();
        private final List<Variable> variables = new ArrayList<>();
        private final List<File> files = new ArrayList<>();

        void read(FieldReader in) throws MalformedException {
            switch (in.number()) {
                case 1 -> deadline = Optional.of(deadline(in));
                case 2 -> options = options(in);
                case 3 -> project = Optional.of(in.text(MAX_TEXT));
                case 4 -> environment = Optional.of(in.text(MAX_TEXT));
                case 5 -> token = Optional.of(Token.decode(in));
                case 6 -> command = Optional.of(in.text(MAX_TEXT));
                case 7 -> backend = Optional.of(in.text(MAX_TEXT));
                case 8 -> maxAge = Optional.of(Duration.ofMillis(in.u32()));
                case 12 -> proof = Optional.of(Proof.decode(in));
                case 16 -> bindings.add(binding(in));
                case 17 -> documents.add(document(in));
                case 18 -> spreads.add(in.text(MAX_TEXT));
                case 19 -> taken.add(in.text(MAX_TEXT));
                case 20 -> inherited.add(in.text(MAX_TEXT));
                case 32 -> variables.add(variable(in));
                default -> files.add(file(in));
            }
            if (in.number() == 8) {
                in.end();
            }
        }

        private static Duration deadline(FieldReader in) throws MalformedException {
            long millis = in.u32();
            in.end();
            if (millis < 1 || millis > MAX_DEADLINE_MILLIS) {
                throw in.badValue("is not 1 to " + MAX_DEADLINE_MILLIS);
            }
            return Duration.ofMillis(millis);
        }

        private static Options options(FieldReader in) throws MalformedException {
            long bits = in.u32();
            in.end();
            if ((bits & ~Options.KNOWN) != 0) {
                throw in.malformed(FailureClass.BAD_RESERVED, "an option that has no meaning");
            }
            return Options.of(bits);
        }

        private static Binding binding(FieldReader in) throws MalformedException {
            int kind = in.u8();
            int flags = in.u8();
            ByteBuffer target = in.bytes(in.u16());
            ByteBuffer reference = in.rest();
            in.requireLength(target, MAX_TEXT);
            in.requireLength(reference, MAX_TEXT);
            if ((flags & ~1) != 0) {
                throw in.malformed(FailureClass.BAD_RESERVED, "a flag of a binding that has no meaning");
            }
            if (kind != 1 && kind != 2) {
                throw in.badValue("is a binding of the unknown kind " + kind);
            }
            return new Binding(kind == 2, flags != 0, in.text(target, 1, MAX_TEXT), in.text(reference, 1, MAX_TEXT));
        }

        private static Document document(FieldReader in) throws MalformedException {
            int kind = in.u8();
            ByteBuffer target = in.bytes(in.u16());
            ByteBuffer label = in.bytes(in.u16());
            byte[] content = copy(in.rest());
            in.requireLength(target, MAX_TEXT);
            in.requireLength(label, MAX_TEXT);
            if (content.length > Document.MAX_CONTENT) {
                throw in.malformed(FailureClass.TOO_LONG, "a document of more than 256 KiB");
            }
            if (kind != 1 && kind != 2) {
                throw in.badValue("is a document of the unknown kind " + kind);
            }
            if (kind == 1 && target.hasRemaining()) {
                throw in.badValue("is a document with bindings that has a target");
            }
            return new Document(kind == 2, in.text(target, kind - 1, MAX_TEXT), in.text(label, 1, MAX_TEXT), content);
        }

        private static Variable variable(FieldReader in) throws MalformedException {
            int document = in.u16();
            int state = in.u8();
            ByteBuffer name = in.bytes(in.u16());
            byte[] value = copy(in.rest());
            in.requireLength(name, MAX_TEXT);
            if (state > 1 || (state == 0 && value.length > 0)) {
                throw in.badValue("is a variable in an unknown state");
            }
            return new Variable(
                    document, in.text(name, 1, MAX_TEXT), state == 1 ? Optional.of(value) : Optional.empty());
        }

        private static File file(FieldReader in) throws MalformedException {
            int document = in.u16();
            int state = in.u8();
            ByteBuffer path = in.bytes(in.u16());
            ByteBuffer content = in.rest();
            in.requireLength(path, MAX_TEXT);
            if (state > 1) {
                throw in.badValue("is a file in an unknown state");
            }
            String name = in.text(path, 1, MAX_TEXT);
            return state == 1
                    ? new File(document, name, Optional.of(copy(content)), "")
                    : new File(document, name, Optional.empty(), in.text(content, 1, Texts.MAX_MESSAGE));
        }

        private static byte[] copy(ByteBuffer from) {
            byte[] bytes = new byte[from.remaining()];
            from.get(bytes);
            return bytes;
        }

        Supply end() throws MalformedException {
            Duration required = FieldReader.required(deadline, "deadline");
            Sources sources = new Sources(options.all(), bindings, documents, spreads);
            if (sources.isEmpty()) {
                throw new MalformedException(FailureClass.FIELD_MISSING, "nothing is asked for");
            }
            return new Supply(
                    new Terms(required, options, project, environment, token, command, proof, backend, maxAge),
                    sources,
                    new Surroundings(taken, inherited),
                    new Given(variables, files));
        }
    }

    /** The whole frame. */
    public ByteBuffer encode(Version version) {
        FieldWriter out =
                new FieldWriter().u32(FieldWriter.CRITICAL | 1, terms.deadline().toMillis());
        if (terms.options().bits() != 0) {
            out.u32(FieldWriter.CRITICAL | 2, terms.options().bits());
        }
        terms.project().ifPresent(text -> out.text(FieldWriter.CRITICAL | 3, text));
        terms.environment().ifPresent(text -> out.text(FieldWriter.CRITICAL | 4, text));
        terms.token().ifPresent(bytes -> out.bytes(FieldWriter.CRITICAL | 5, bytes.bytes()));
        terms.command().ifPresent(text -> out.text(6, text));
        terms.backend().ifPresent(text -> out.text(FieldWriter.CRITICAL | 7, text));
        terms.maxAge().ifPresent(age -> out.u32(FieldWriter.CRITICAL | 8, age.toMillis()));
        terms.proof().ifPresent(said -> out.bytes(12, said.encode()));
        sources.bindings().forEach(b -> out.bytes(FieldWriter.CRITICAL | 16, bytes(b)));
        sources.documents().forEach(d -> out.bytes(FieldWriter.CRITICAL | 17, bytes(d)));
        sources.spreads().forEach(text -> out.text(FieldWriter.CRITICAL | 18, text));
        surroundings.taken().forEach(text -> out.text(FieldWriter.CRITICAL | 19, text));
        surroundings.inherited().forEach(text -> out.text(FieldWriter.CRITICAL | 20, text));
        given.variables().forEach(v -> out.bytes(FieldWriter.CRITICAL | 32, bytes(v)));
        given.files().forEach(f -> out.bytes(FieldWriter.CRITICAL | 33, bytes(f)));
        return out.frame(version, FrameType.SUPPLY);
    }

    private static byte[] bytes(Binding binding) {
        byte[] target = binding.target().getBytes(StandardCharsets.UTF_8);
        byte[] reference = binding.reference().getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(4 + target.length + reference.length)
                .put((byte) (binding.file() ? 2 : 1))
                .put((byte) (binding.dangerousNameAllowed() ? 1 : 0))
                .putShort((short) target.length)
                .put(target)
                .put(reference)
                .array();
    }

    private static byte[] bytes(Document document) {
        byte[] target = document.target().getBytes(StandardCharsets.UTF_8);
        byte[] label = document.label().getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(5 + target.length + label.length + document.content().length)
                .put((byte) (document.template() ? 2 : 1))
                .putShort((short) target.length)
                .put(target)
                .putShort((short) label.length)
                .put(label)
                .put(document.content())
                .array();
    }

    private static byte[] bytes(Variable variable) {
        return part(
                variable.document(),
                variable.name(),
                variable.value().isPresent(),
                variable.value().orElse(new byte[0]));
    }

    private static byte[] bytes(File file) {
        byte[] rest = file.content().orElseGet(() -> file.reason().getBytes(StandardCharsets.UTF_8));
        return part(file.document(), file.path(), file.content().isPresent(), rest);
    }

    private static byte[] part(int document, String name, boolean there, byte[] rest) {
        byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(5 + nameBytes.length + rest.length)
                .putShort((short) document)
                .put((byte) (there ? 1 : 0))
                .putShort((short) nameBytes.length)
                .put(nameBytes)
                .put(rest)
                .array();
    }
}
