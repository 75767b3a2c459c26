package dev.latchkey.agent.telemetry;

import java.io.PrintStream;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** Writes events as lines of logfmt or JSON. */
public final class Log {
    /** From the fewest lines to the most. */
    public enum Level {
        ERROR,
        WARN,
        INFO,
        DEBUG;

        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The form of a line. */
    public enum Format {
        LOGFMT,
        JSON
    }

    private final PrintStream out;
    private final Clock clock;
    private final Format format;
    private volatile Level level;

    public Log(PrintStream out, Clock clock, Level level, Format format) {
        this.out = out;
        this.clock = clock;
        this.level = level;
        this.format = format;
    }

    /** Changes what is written from now on. */
    public void level(Level newLevel) {
        this.level = newLevel;
    }

    public boolean writes(Level asked) {
        return asked.compareTo(level) <= 0;
    }

    public void error(Event event, Key.Field... fields) {
        write(Level.ERROR, event, fields);
    }

    public void warn(Event event, Key.Field... fields) {
        write(Level.WARN, event, fields);
    }

    public void info(Event event, Key.Field... fields) {
        write(Level.INFO, event, fields);
    }

    public void debug(Event event, Key.Field... fields) {
        write(Level.DEBUG, event, fields);
    }

    private void write(Level at, Event event, Key.Field... fields) {
        if (!writes(at)) {
            return;
        }
        Line line = format == Format.JSON ? Line.json() : Line.logfmt();
        line.put("time", clock.instant().truncatedTo(ChronoUnit.MILLIS).toString());
        line.put("level", at.text());
        line.put("event", event.text());
        for (Key.Field field : fields) {
            line.put(field.key().text(), field.value());
        }
        out.println(line.end());
    }

    /** One line while it is being written. */
    private abstract static class Line {
        final StringBuilder text = new StringBuilder(160);

        static Line logfmt() {
            return new Line() {
                @Override
                void put(String key, String value) {
                    text.append(text.isEmpty() ? "" : " ").append(key).append('=');
                    if (isPlain(value)) {
                        text.append(value);
                    } else {
                        quote(value);
                    }
                }

                @Override
                String end() {
                    return text.toString();
                }
            };
        }

        static Line json() {
            return new Line() {
                @Override
                void put(String key, String value) {
                    text.append(text.isEmpty() ? '{' : ',');
                    quote(key);
                    text.append(':');
                    quote(value);
                }

                @Override
                String end() {
                    return text.append('}').toString();
                }
            };
        }

        abstract void put(String key, String value);

        abstract String end();

        final void quote(String value) {
            text.append('"');
            value.chars().forEach(this::escape);
            text.append('"');
        }

        private void escape(int c) {
            if (c == '"' || c == '\\') {
                text.append('\\').append((char) c);
            } else if (c < ' ' || (c >= 0x7F && c < 0xA0)) {
                text.append(String.format(Locale.ROOT, "\\u%04x", c));
            } else {
                text.append((char) c);
            }
        }

        private static boolean isPlain(String value) {
            return !value.isEmpty()
                    && value.chars().allMatch(c -> c > ' ' && c < 0x7F && c != '"' && c != '=' && c != '\\');
        }
    }
}
