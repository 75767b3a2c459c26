package dev.latchkey.agent.injection;

import dev.latchkey.agent.secret.FoundSecret;
import dev.latchkey.agent.secret.Holding;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Notes which versions go into a bundle while it is laid out. */
final class Inventory {
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    private record Entry(Judged.Cleared cleared, FoundSecret secret) {}

    /**
     * Notes a version that was written, as often as it is.
     *
     * @return {@code location@version}
     */
    String add(Judged.Cleared cleared, FoundSecret secret) {
        String text = cleared.location() + "@" + secret.version();
        entries.putIfAbsent(text, new Entry(cleared, secret));
        return text;
    }

    /** Each version once, as {@code location@version}, in the order of these texts. */
    List<String> sorted() {
        return entries.keySet().stream().sorted().toList();
    }

    /**
     * What the bundle holds. INVARIANT: asked once, for a bundle that is complete: from now on each lease has one holder more.
     *
     * @param versions as the audit log is to tell them
     */
    Bundle.Contents contents(List<String> versions) {
        String workload = "";
        List<Holding> holdings = new ArrayList<>(entries.size());
        for (Entry entry : entries.values()) {
            workload = holdings.isEmpty() ? entry.cleared().decision().rule() : workload;
            holdings.add(Holding.of(entry.cleared().location(), entry.secret()));
        }
        return new Bundle.Contents(workload, versions, holdings);
    }
}
