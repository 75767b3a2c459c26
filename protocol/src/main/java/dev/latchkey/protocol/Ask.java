package dev.latchkey.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The agent's question for the client's own variables and files: SPEC.md, section 4.7.
 *
 * @param variables at most {@link Supply#MAX_ASKED}
 * @param files likewise; at least one of both
 */
public record Ask(List<Wanted> variables, List<Wanted> files) implements Message {
    public Ask {
        variables = List.copyOf(variables);
        files = List.copyOf(files);
        int all = variables.size() + files.size();
        if (all == 0 || variables.size() > Supply.MAX_ASKED || files.size() > Supply.MAX_ASKED) {
            throw new IllegalStateException("a question for " + all + " things");
        }
    }

    /**
     * Something that a document names.
     *
     * @param document its index in the request
     * @param name of a variable, or a path, as the document writes it
     */
    public record Wanted(int document, String name) {
        public Wanted {
            Texts.require(name, 1, Supply.MAX_TEXT);
        }

        private static Wanted decode(FieldReader in) throws MalformedException {
            return new Wanted(in.u16(), in.text(Supply.MAX_TEXT));
        }

        private byte[] encode() {
            byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
            return ByteBuffer.allocate(2 + bytes.length)
                    .putShort((short) document)
                    .put(bytes)
                    .array();
        }
    }

    /** Decodes a body, from the buffer's position to its limit. */
    public static Ask decode(ByteBuffer body) throws MalformedException {
        FieldReader in = new FieldReader(body, number -> number == 1 || number == 2 ? Supply.MAX_ASKED : 0);
        List<Wanted> variables = new ArrayList<>();
        List<Wanted> files = new ArrayList<>();
        while (in.next()) {
            (in.number() == 1 ? variables : files).add(Wanted.decode(in));
        }
        if (variables.isEmpty() && files.isEmpty()) {
            throw new MalformedException(FailureClass.FIELD_MISSING, "nothing is asked for");
        }
        return new Ask(variables, files);
    }

    /** The whole frame. */
    public ByteBuffer encode(Version version) {
        FieldWriter out = new FieldWriter();
        variables.forEach(wanted -> out.bytes(FieldWriter.CRITICAL | 1, wanted.encode()));
        files.forEach(wanted -> out.bytes(FieldWriter.CRITICAL | 2, wanted.encode()));
        return out.frame(version, FrameType.ASK);
    }
}
