package dev.latchkey.agent.store;

import dev.latchkey.agent.crypto.KeyMemory;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.secret.EnvironmentName;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.ProjectName;
import dev.latchkey.agent.secret.SecretName;
import dev.latchkey.agent.secret.SecretPath;
import dev.latchkey.agent.secret.SecretValue;
import dev.latchkey.agent.secret.StoreCustody.Verification;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/** Opens every row with a given set of data keys, and has SQLite check its own structures. */
final class Verifier {
    private static final String EVERY_VERSION = """
            SELECT p.name, e.name, s.name, v.number, v.data_key, v.sealed
            FROM version v
            JOIN secret s ON s.id = v.secret
            JOIN environment e ON e.id = s.environment
            JOIN project p ON p.id = e.project
            ORDER BY p.name, e.name, s.name, v.number""";

    private final Map<String, Keyring.Entry> keys;
    private final KeyMemory memory;
    private final LongConsumer progress;
    private final List<String> problems = new ArrayList<>();
    private long rows;

    Verifier(Map<String, Keyring.Entry> keys, KeyMemory memory, LongConsumer progress) {
        this.keys = keys;
        this.memory = memory;
        this.progress = progress;
    }

    Verification verify(Session session) throws SQLException {
        session.each("PRAGMA integrity_check(20)", row -> {
            if (!row.text(1).equals("ok")) {
                problems.add("database: " + row.text(1));
            }
        });
        session.each(EVERY_VERSION, this::open);
        long all = session.number("SELECT count(*) FROM version");
        if (all != rows) {
            problems.add("database: " + (all - rows) + " versions belong to no secret");
        }
        return new Verification(rows, problems);
    }

    private void open(Row row) throws SQLException {
        rows++;
        String name = row.text(1) + "/" + row.text(2) + "/" + row.text(3) + "@" + row.number(4);
        try {
            SecretPath path = new SecretPath(
                    new Namespace(new ProjectName(row.text(1)), new EnvironmentName(row.text(2))),
                    new SecretName(row.text(3)));
            openValue(path, row.number(4), new RowCipher.Sealed(row.text(5), row.bytes(6)));
        } catch (AgentException e) {
            problems.add(name + ": " + e.getMessage());
        }
        progress.accept(rows);
    }

    private void openValue(SecretPath path, long number, RowCipher.Sealed sealed) {
        Keyring.Entry key = keys.get(sealed.key());
        if (key == null) {
            problems.add(path + "@" + number + ": its data key is unknown");
            return;
        }
        SecretValue opened = RowCipher.open(path, number, sealed, key, memory);
        opened.close();
    }
}
