package dev.latchkey.agent.store;

import dev.latchkey.agent.secret.SecretValue;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * All rows of all tables as one stream, table after table: the names of its columns, then for each row a 1 and its cells,
 * then a 0.
 */
final class RowStream {
    private static final int MORE = 1;
    private static final int END = 0;
    private static final int NOTHING = 0;
    private static final int NUMBER = 1;
    private static final int TEXT = 2;
    private static final int BYTES = 3;

    /** No cell is longer: a sealed value of the largest size, or a description of four-byte characters. */
    private static final int MAX_CELL = SecretValue.MAX_BYTES + (1 << 12);

    private final LongConsumer progress;
    private long rows;

    RowStream(LongConsumer progress) {
        this.progress = progress;
    }

    void write(Session session, DataOutputStream out) throws SQLException {
        try {
            for (String table : Schema.TABLES) {
                List<String> columns = columns(session, table);
                out.writeUTF(table);
                out.writeUTF(String.join(",", columns));
                session.each("SELECT * FROM " + table, row -> writeRow(row, columns.size(), out));
                out.writeByte(END);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void writeRow(Row row, int columns, DataOutputStream out) throws SQLException {
        try {
            out.writeByte(MORE);
            for (int column = 1; column <= columns; column++) {
                writeCell(row.any(column), out);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        progress.accept(++rows);
    }

    private static void writeCell(Optional<Object> cell, DataOutputStream out) throws IOException {
        switch (cell.orElse(null)) {
            case null -> out.writeByte(NOTHING);
            case Number number -> {
                out.writeByte(NUMBER);
                out.writeLong(number.longValue());
            }
            case String text -> writeBytes(TEXT, text.getBytes(StandardCharsets.UTF_8), out);
            case byte[] bytes -> writeBytes(BYTES, bytes, out);
            case Object other -> throw new IllegalStateException("a cell of type " + other.getClass());
        }
    }

    private static void writeBytes(int type, byte[] bytes, DataOutputStream out) throws IOException {
        out.writeByte(type);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    /** Inserts every row into the empty tables of the same schema. */
    void read(Session session, DataInputStream in) throws SQLException, IOException {
        for (String table : Schema.TABLES) {
            List<String> columns = columns(session, table);
            if (!in.readUTF().equals(table) || !in.readUTF().equals(String.join(",", columns))) {
                throw new IOException("its tables are not those of its schema");
            }
            String insert = "INSERT INTO " + table + " VALUES ("
                    + String.join(", ", Collections.nCopies(columns.size(), "?")) + ")";
            while (in.readUnsignedByte() == MORE) {
                session.update(insert, readRow(in, columns.size()));
                progress.accept(++rows);
            }
        }
        if (in.read() >= 0) {
            throw new IOException("something follows its last table");
        }
    }

    private static Object[] readRow(DataInputStream in, int columns) throws IOException {
        Object[] cells = new Object[columns];
        for (int i = 0; i < columns; i++) {
            cells[i] = readCell(in);
        }
        return cells;
    }

    private static Object readCell(DataInputStream in) throws IOException {
        int type = in.readUnsignedByte();
        return switch (type) {
            case NOTHING -> Optional.empty();
            case NUMBER -> in.readLong();
            case TEXT -> new String(readBytes(in), StandardCharsets.UTF_8);
            case BYTES -> readBytes(in);
            default -> throw new IOException("a cell has a type that none has");
        };
    }

    private static byte[] readBytes(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > MAX_CELL) {
            throw new IOException("a cell has a length that none has");
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return bytes;
    }

    private static List<String> columns(Session session, String table) throws SQLException {
        return session.list("SELECT name FROM pragma_table_info(?) ORDER BY cid", row -> row.text(1), table);
    }
}
