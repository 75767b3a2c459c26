package dev.latchkey.agent;

import dev.latchkey.agent.cli.Collaborators;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.imports.Entries;
import dev.latchkey.agent.imports.JsonShapes;
import dev.latchkey.agent.provider.bruin.BruinDocument;
import dev.latchkey.agent.provider.dotenv.DotenvLines;
import java.util.Map;

/**
 * Reads what {@code agent secret import} is given, each format by who knows it.
 *
 * @param environment what {@code ${NAME}} in a {@code .bruin.yml} means
 */
record ImportFiles(Map<String, String> environment) implements Collaborators.ImportReader {
    @Override
    public Entries read(Input input) {
        Entries entries = new Entries(input.fields());
        boolean whole = false;
        try {
            read(input, entries);
            whole = true;
            return entries;
        } finally {
            if (!whole) {
                entries.close();
            }
        }
    }

    private void read(Input input, Entries to) {
        byte[] octets = input.octets();
        switch (input.format()) {
            case DOTENV -> DotenvLines.read(octets, input.label()).forEach(to::add);
            case JSON -> JsonShapes.readPlain(octets, to);
            case VAULT_KV -> JsonShapes.readVault(octets, input.secret(), to);
            case AWS_SM -> JsonShapes.readAws(octets, to);
            case BRUIN ->
                BruinDocument.read(octets, input.environment(), input.label()).forEach(c -> connection(c, to));
        }
    }

    private void connection(BruinDocument.Named connection, Entries to) {
        try {
            to.add(connection.name(), connection.bytes(environment));
        } catch (AgentException e) {
            to.refuse(connection.name(), e.failure().message());
        }
    }
}
