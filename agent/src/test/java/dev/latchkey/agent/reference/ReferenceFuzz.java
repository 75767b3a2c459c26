package dev.latchkey.agent.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.SecretReference;
import dev.latchkey.agent.secret.SecretReference.Absence;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What must hold of the parser whatever it is given. {@code integration-tests/fuzz/run.sh references} has a fuzzer call it. */
public final class ReferenceFuzz {
    private static final Pattern MESSAGE = Pattern.compile("column ([0-9]+) of the reference: (.*)");

    /** SECURITY: nothing of the reference can be in these. */
    private static final Set<String> FAULTS = Set.of(
            "the option is empty",
            "not an option: they are optional, default=, decode= and encode=",
            "not an option: decode is base64 or hex",
            "not an option: encode is base64, base64url, hex, url or json",
            "the same option twice",
            "'optional' together with 'default='",
            "a second '@'",
            "a second '#'",
            "'#' after '@'",
            "not the name of a provider before ':'",
            "the path is empty",
            "a part of the field is empty",
            "the version is empty",
            "a control character",
            "'%' without two hexadecimal digits",
            "bytes that are not UTF-8");

    private ReferenceFuzz() {}

    /** Reads inputs as hexadecimal digits, one a line, and writes those that are text with their outcomes, as the corpus has them. */
    public static void main(String[] args) throws IOException {
        String inputs = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        inputs.lines()
                .forEach(line -> text(HexFormat.of().parseHex(line))
                        .ifPresent(text -> System.out.println(line + "\t" + outcome(text))));
    }

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] input) {
        text(input).ifPresent(ReferenceFuzz::check);
    }

    /** {@code ok} and the parts, or {@code bad} and the column, with TABs between: a line of the vectors without the reference. */
    static String outcome(String text) {
        try {
            return "ok\t" + described(ReferenceParser.parse(text));
        } catch (AgentException refused) {
            return "bad\t" + message(refused).group(1);
        }
    }

    /** The protocol lets through nothing else. */
    static Optional<String> text(byte[] input) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(input))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private static void check(String text) {
        String shown = ReferenceParser.shown(text);
        assertTrue(text.startsWith(shown) && shown.indexOf(',') < 0, shown);
        try {
            SecretReference parsed = ReferenceParser.parse(text);
            assertFalse(parsed.path().isEmpty());
            assertEquals(parsed, ReferenceParser.parse(written(parsed)));
            assertEquals(withOtherDefault(parsed).toString(), parsed.toString());
        } catch (AgentException refused) {
            checkRefusal(refused, text);
        }
    }

    private static void checkRefusal(AgentException refused, String text) {
        assertEquals(FailureKind.BAD_REFERENCE, refused.kind());
        Matcher message = message(refused);
        int column = Integer.parseInt(message.group(1));
        assertTrue(column >= 1 && column <= text.codePointCount(0, text.length()) + 1, "column " + column);
        assertTrue(FAULTS.contains(message.group(2)), message.group(2));
    }

    private static Matcher message(AgentException refused) {
        Matcher message = MESSAGE.matcher(refused.failure().message());
        assertTrue(message.matches(), refused.failure().message());
        return message;
    }

    private static SecretReference withOtherDefault(SecretReference parsed) {
        Absence other = parsed.absence() instanceof Absence.Defaults ? new Absence.Defaults("other") : parsed.absence();
        return new SecretReference(
                parsed.provider(),
                parsed.path(),
                parsed.field(),
                parsed.version(),
                other,
                parsed.decode(),
                parsed.encode());
    }

    /** A reference that says the same, with every character escaped that can be. */
    private static String written(SecretReference parsed) {
        StringBuilder text = new StringBuilder();
        parsed.provider().ifPresent(provider -> text.append(provider).append(':'));
        text.append(hex(parsed.path()));
        if (!parsed.field().isEmpty()) {
            text.append('#')
                    .append(parsed.field().stream().map(ReferenceFuzz::hex).collect(Collectors.joining(".")));
        }
        parsed.version().ifPresent(version -> text.append('@').append(hex(version)));
        switch (parsed.absence()) {
            case Absence.Fails() -> {}
            case Absence.Removes() -> text.append(",optional");
            case Absence.Defaults(String otherwise) -> text.append(",default=").append(hex(otherwise));
        }
        parsed.decode().ifPresent(decode -> text.append(",decode=").append(lower(decode)));
        parsed.encode().ifPresent(encode -> text.append(",encode=").append(lower(encode)));
        return text.toString();
    }

    private static String hex(String part) {
        return HexFormat.of().withPrefix("%").formatHex(part.getBytes(StandardCharsets.UTF_8));
    }

    private static String described(SecretReference reference) {
        List<String> parts = new ArrayList<>();
        reference.provider().ifPresent(p -> parts.add("provider=" + p));
        parts.add("path=" + escaped(reference.path()));
        if (!reference.field().isEmpty()) {
            parts.add("field="
                    + reference.field().stream().map(ReferenceFuzz::escaped).collect(Collectors.joining("/")));
        }
        reference.version().ifPresent(v -> parts.add("version=" + escaped(v)));
        switch (reference.absence()) {
            case Absence.Fails() -> {}
            case Absence.Removes() -> parts.add("optional");
            case Absence.Defaults(String text) -> parts.add("default=" + escaped(text));
        }
        reference.decode().ifPresent(d -> parts.add("decode=" + lower(d)));
        reference.encode().ifPresent(e -> parts.add("encode=" + lower(e)));
        return String.join("\t", parts);
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static String escaped(String text) {
        StringBuilder result = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            boolean plain = b >= 0x21 && b <= 0x7E && b != '%' && b != ',';
            result.append(plain ? String.valueOf((char) b) : String.format(Locale.ROOT, "%%%02X", b));
        }
        return result.toString();
    }
}
