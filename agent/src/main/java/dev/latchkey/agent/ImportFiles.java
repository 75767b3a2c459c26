package dev.latchkey.agent;

import dev.latchkey.agent.cli.Collaborators;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.imports.Entries;
import dev.latchkey.agent.imports.JsonShapes;
import dev.latchkey.agent.provider.bruin.BruinDocument;
import dev.latchkey.agent.provider.dotenv.DotenvLines;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

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
            case DOTENV -> dotenv(DotenvLines.all(octets, input.label()), to);
            case JSON -> JsonShapes.readPlain(octets, to);
            case VAULT_KV -> JsonShapes.readVault(octets, input.secret(), to);
            case AWS_SM -> JsonShapes.readAws(octets, to);
            case BRUIN ->
                BruinDocument.read(octets, input.environment(), input.label()).forEach(c -> connection(c, to));
        }
    }

    /** Of a name that stands more than once most tools take the last line and some the first, so whoever imports says which. */
    private static void dotenv(List<DotenvLines.Line> lines, Entries to) {
        Map<String, List<DotenvLines.Line>> byName = lines.stream()
                .collect(Collectors.groupingBy(DotenvLines.Line::name, LinkedHashMap::new, Collectors.toList()));
        byName.forEach((name, same) -> {
            if (same.size() == 1) {
                to.add(name, same.getFirst().value());
            } else {
                same.forEach(line -> DotenvLines.wipe(line.value()));
                to.refuse(name, "it is there more than once: in " + numbers(same));
            }
        });
    }

    private static String numbers(List<DotenvLines.Line> lines) {
        List<String> all =
                lines.stream().map(line -> String.valueOf(line.number())).toList();
        return "lines " + String.join(", ", all.subList(0, all.size() - 1)) + " and " + all.getLast();
    }

    private void connection(BruinDocument.Named connection, Entries to) {
        try {
            to.add(connection.name(), connection.bytes(environment));
        } catch (AgentException e) {
            to.refuse(connection.name(), e.failure().message());
        }
    }
}
