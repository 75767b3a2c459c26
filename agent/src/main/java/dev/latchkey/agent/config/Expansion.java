package dev.latchkey.agent.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Replaces the {@code ${…}} of values in one pass: what a reference became is never looked at again, and everything that cannot be
 * resolved is reported at its own column.
 *
 * <p>SECURITY: what a reference became never stands in a message.
 */
final class Expansion {
    /** All references of one file together, in characters. */
    static final int MAX_TOTAL = 1024 * 1024;

    static final int MAX_FILE = 64 * 1024;

    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    private final Map<String, String> environment;
    private final Path folder;
    private final Problems problems;
    private final Map<Position, String> written = new HashMap<>();
    private int total;

    /**
     * @param folder where relative paths of {@code ${file:…}} begin
     */
    Expansion(Map<String, String> environment, Path folder, Problems problems) {
        this.environment = environment;
        this.folder = folder;
        this.problems = problems;
    }

    /** The value; absent, with problems added, if a reference in it cannot be resolved. */
    Optional<String> expand(Node.Scalar scalar) {
        String text = scalar.text();
        if (text.contains("${")) {
            written.put(scalar.at(), text);
        }
        StringBuilder out = new StringBuilder(text.length());
        boolean whole = true;
        int done = 0;
        for (int open = text.indexOf("${"); open >= 0; open = text.indexOf("${", done)) {
            if (open > done && text.charAt(open - 1) == '$') {
                out.append(text, done, open - 1).append("${");
                done = open + 2;
                continue;
            }
            out.append(text, done, open);
            int close = text.indexOf('}', open);
            Located<String> body =
                    new Located<>(text.substring(open + 2, close < 0 ? text.length() : close), column(scalar, open));
            Optional<String> value = close < 0 ? unfinished(body) : resolve(body);
            whole &= value.isPresent();
            value.ifPresent(out::append);
            done = close < 0 ? text.length() : close + 1;
        }
        return whole ? Optional.of(out.append(text, done, text.length()).toString()) : Optional.empty();
    }

    /** A value as the file says it, before its references were replaced. */
    String asWritten(Located<String> value) {
        return written.getOrDefault(value.at(), value.value());
    }

    private static Position column(Node.Scalar scalar, int index) {
        int characters = scalar.text().codePointCount(0, index);
        return scalar.textAt().map(start -> start.plus(characters)).orElse(scalar.at());
    }

    private Optional<String> resolve(Located<String> body) {
        return within(body, source(body));
    }

    private Optional<String> source(Located<String> body) {
        String text = body.value();
        if (text.startsWith("secret:")) {
            return refuse(body, "${secret:…} is not available yet", "write ${file:PATH} or ${env:NAME}");
        }
        if (text.startsWith("file:")) {
            return file(body, text.substring("file:".length()));
        }
        if (text.startsWith("env:")) {
            return variable(body, text.substring("env:".length()));
        }
        int otherwise = text.indexOf(":-");
        return otherwise < 0
                ? variable(body, text)
                : variableOr(body, text.substring(0, otherwise), text.substring(otherwise + 2));
    }

    private Optional<String> variable(Located<String> body, String name) {
        if (!VARIABLE.matcher(name).matches()) {
            return notAReference(body);
        }
        Optional<String> value = Optional.ofNullable(environment.get(name));
        return value.isPresent()
                ? value
                : refuse(
                        body,
                        "the variable " + Problems.plain(name) + " is not set",
                        "set it, or give a default: ${" + Problems.plain(name) + ":-TEXT}");
    }

    private Optional<String> variableOr(Located<String> body, String name, String otherwise) {
        if (!VARIABLE.matcher(name).matches()) {
            return notAReference(body);
        }
        return Optional.of(Optional.ofNullable(environment.get(name))
                .filter(v -> !v.isEmpty())
                .orElse(otherwise));
    }

    private Optional<String> file(Located<String> body, String name) {
        try {
            Path path = folder.resolve(Path.of(name));
            if (name.isEmpty() || !Files.isRegularFile(path)) {
                return refuse(
                        body, "there is no regular file " + Problems.quote(name), "${file:PATH} reads one text file");
            }
            return content(body, path);
        } catch (InvalidPathException e) {
            return notAReference(body);
        }
    }

    private Optional<String> content(Located<String> body, Path path) {
        String which = "the file " + Problems.printable(path.toString());
        try (InputStream in = Files.newInputStream(path)) {
            byte[] bytes = in.readNBytes(MAX_FILE + 1);
            if (bytes.length > MAX_FILE) {
                return refuse(body, which + " is over 64 KiB", "${file:PATH} reads one small text file");
            }
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return Optional.of(text.endsWith("\n") ? text.substring(0, text.length() - 1) : text);
        } catch (CharacterCodingException e) {
            return refuse(body, which + " is not UTF-8", "${file:PATH} reads one text file");
        } catch (IOException e) {
            return refuse(body, which + " cannot be read", "the agent's user must be able to read it");
        }
    }

    private Optional<String> within(Located<String> body, Optional<String> value) {
        total = Math.addExact(total, value.map(String::length).orElse(0));
        return total <= MAX_TOTAL
                ? value
                : refuse(body, "the references of this file become more than 1 MiB", "refer to smaller files");
    }

    private Optional<String> unfinished(Located<String> body) {
        return refuse(body, "a '${' without its '}'", "write $${ for a literal '${'");
    }

    private Optional<String> notAReference(Located<String> body) {
        return refuse(
                body,
                "not a reference: " + Problems.quote("${" + body.value() + "}"),
                "references are ${NAME}, ${NAME:-TEXT}, ${env:NAME} and ${file:PATH}; $${ is a literal '${'");
    }

    private Optional<String> refuse(Located<String> body, String message, String hint) {
        problems.add(body.at(), message, hint);
        return Optional.empty();
    }
}
