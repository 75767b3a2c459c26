package dev.latchkey.agent.provider.bruin;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.provider.bruin.Connections.Connection;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** From a connection to the bytes that it stands for. */
final class Rendering {
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)\\}");

    private final Map<String, String> environment;

    Rendering(Map<String, String> environment) {
        this.environment = environment;
    }

    /**
     * The value of a generic connection, the compact JSON of any other.
     *
     * @throws AgentException {@code NO_VALUE} if a variable in it is not set, or a generic connection has no value
     */
    byte[] bytes(Connection connection) {
        return (connection.isGeneric() ? value(connection) : json(connection.fields()))
                .getBytes(StandardCharsets.UTF_8);
    }

    private String value(Connection connection) {
        return connection
                .fields()
                .text("value")
                .map(this::expanded)
                .orElseThrow(() -> new AgentException(FailureKind.NO_VALUE, "the generic connection has no value"));
    }

    private String json(Item item) {
        StringBuilder out = new StringBuilder();
        write(item, out);
        return out.toString();
    }

    private void write(Item item, StringBuilder out) {
        switch (item) {
            case Item.Null _ -> out.append("null");
            case Item.Text(String text, boolean literal) -> {
                if (literal) {
                    out.append(text);
                } else {
                    quote(expanded(text), out);
                }
            }
            case Item.Listing listing -> {
                out.append('[');
                String before = "";
                for (Item member : listing.items()) {
                    out.append(before);
                    write(member, out);
                    before = ",";
                }
                out.append(']');
            }
            case Item.Mapping mapping -> {
                out.append('{');
                String before = "";
                for (Map.Entry<String, Item> member : mapping.items().entrySet()) {
                    quote(member.getKey(), out.append(before));
                    write(member.getValue(), out.append(':'));
                    before = ",";
                }
                out.append('}');
            }
        }
    }

    private static void quote(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ') {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }

    /** One pass: what a variable holds is not looked at again. */
    private String expanded(String text) {
        Matcher found = VARIABLE.matcher(text);
        StringBuilder out = new StringBuilder();
        while (found.find()) {
            String value = environment.get(found.group(1));
            if (value == null) {
                throw new AgentException(
                        FailureKind.NO_VALUE,
                        "the connection refers to the variable " + found.group(1) + ", which is not set",
                        "it is a variable of the agent's own environment");
            }
            found.appendReplacement(out, Matcher.quoteReplacement(value));
        }
        return found.appendTail(out).toString();
    }
}
