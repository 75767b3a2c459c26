package dev.latchkey.agent.cli;

import dev.latchkey.agent.admin.view.ImportedView;
import dev.latchkey.agent.admin.view.Order;
import dev.latchkey.agent.admin.view.SourceView;
import dev.latchkey.agent.imports.ImportName;
import dev.latchkey.agent.secret.SecretName;
import java.util.List;

/** The secrets that a provider has below a prefix. The agent fetches and stores them; no value comes here. */
final class ProviderImport implements ImportSource {
    private final ProviderPrefix prefix;
    private final List<SourceView> found;
    private final AdminClient client;
    private final Import.Wanted wanted;

    private ProviderImport(ProviderPrefix prefix, List<SourceView> found, AdminClient client, Import.Wanted wanted) {
        this.prefix = prefix;
        this.found = found;
        this.client = client;
        this.wanted = wanted;
    }

    static ProviderImport list(
            Session session, ProviderPrefix prefix, boolean fields, AdminClient client, Import.Wanted wanted) {
        Order order = new Order.ListProvider(prefix.provider(), prefix.prefix(), fields);
        try (Progress _ = Progress.of(session, "listing " + prefix.provider())) {
            List<SourceView> found = client.patiently()
                    .order(
                            "POST",
                            Target.of("/v1/providers/list"),
                            order,
                            body -> Session.readList(body, SourceView.class));
            return new ProviderImport(prefix, found, client.patiently(), wanted);
        }
    }

    @Override
    public List<Offered> offered() {
        return found.stream().map(this::offered).toList();
    }

    private Offered offered(SourceView source) {
        String from = prefix.provider() + ":" + source.path()
                + source.field().map(field -> "#" + field).orElse("");
        String below = source.path().substring(prefix.prefix().length());
        String foreign =
                source.field().map(field -> ImportName.ofField(below, field)).orElse(below);
        return source.leftOut()
                .<Offered>map(reason -> new Offered.LeftOut(from, reason))
                .or(() -> source.problem().map(problem -> new Offered.Unusable(from, problem)))
                .orElseGet(() -> new Offered.Secret(from, foreign));
    }

    @Override
    public String whereToLook() {
        return "the path: or prefix: that agent.yaml gives to " + prefix.provider()
                + " comes before what is named here; " + prefix.provider() + ": alone is everything below it";
    }

    @Override
    public ImportedView bring(int index, SecretName name, boolean write) {
        SourceView source = found.get(index);
        Order order = new Order.ImportFrom(
                prefix.provider(),
                source.path(),
                source.field(),
                name.text(),
                wanted.place().project,
                wanted.place().environment,
                wanted.onExisting().text(),
                !write);
        return client.order(
                "POST", Target.of("/v1/providers/import"), order, body -> Session.read(body, ImportedView.class));
    }

    /** There is nothing to wipe. */
    @Override
    public void close() {}
}
