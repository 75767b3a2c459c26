package dev.latchkey.agent.cli;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.function.Consumer;

/** The body of a response, by its framing. An end before the end is an error. */
final class HttpBody {
    private static final int MAX_LINE = 64 * 1024;

    private HttpBody() {}

    /** A line without its CR LF. */
    static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException();
            }
            if (line.length() == MAX_LINE) {
                throw new IOException("a line over " + MAX_LINE + " bytes");
            }
            line.append((char) c);
        }
        int length = line.length();
        return length > 0 && line.charAt(length - 1) == '\r' ? line.substring(0, length - 1) : line.toString();
    }

    static InputStream ofLength(InputStream in, long length) {
        return new Framed(in) {
            private long left = length;

            @Override
            long available(long wanted) {
                return Math.min(left, wanted);
            }

            @Override
            void took(int count) {
                left -= count;
            }
        };
    }

    /**
     * @param trailer hears each line after the last chunk
     */
    static InputStream chunked(InputStream in, Consumer<String> trailer) {
        return new Framed(in) {
            private long left;
            private boolean ended;
            private boolean begun;

            @Override
            long available(long wanted) throws IOException {
                if (left == 0 && !ended) {
                    next();
                }
                return Math.min(left, wanted);
            }

            private void next() throws IOException {
                if (begun && !line(in).isEmpty()) {
                    throw new IOException("a chunk without an end");
                }
                begun = true;
                left = size(line(in));
                if (left == 0) {
                    ended = true;
                    for (String line = line(in); !line.isEmpty(); line = line(in)) {
                        trailer.accept(line);
                    }
                }
            }

            @Override
            void took(int count) {
                left -= count;
            }
        };
    }

    private static long size(String line) throws IOException {
        String digits = line.split(";", 2)[0].strip();
        if (!digits.matches("[0-9A-Fa-f]{1,8}")) {
            throw new IOException("a chunk without a length");
        }
        return Long.parseLong(digits, 16);
    }

    private abstract static class Framed extends InputStream {
        private final InputStream in;

        Framed(InputStream in) {
            this.in = in;
        }

        /** How much of what is wanted may be read now; 0: the body is over. */
        abstract long available(long wanted) throws IOException;

        abstract void took(int count);

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] to, int from, int count) throws IOException {
            Objects.checkFromIndexSize(from, count, to.length);
            int now = (int) available(count);
            if (now == 0) {
                return count == 0 ? 0 : -1;
            }
            int read = in.read(to, from, now);
            if (read < 0) {
                throw new EOFException();
            }
            took(read);
            return read;
        }
    }
}
