package dev.latchkey.agent.admin.http;

import dev.latchkey.agent.admin.Access;
import dev.latchkey.agent.admin.Accountability;
import dev.latchkey.agent.admin.AdminFixture;
import dev.latchkey.agent.admin.ConsumerCommands;
import dev.latchkey.agent.admin.CustodyCommands;
import dev.latchkey.agent.admin.FakeAudit;
import dev.latchkey.agent.admin.FakeCustody;
import dev.latchkey.agent.admin.FakeOutside;
import dev.latchkey.agent.admin.FakeStore;
import dev.latchkey.agent.admin.FakeVersions;
import dev.latchkey.agent.admin.ImportCommands;
import dev.latchkey.agent.admin.OversightCommands;
import dev.latchkey.agent.admin.PlaceCommands;
import dev.latchkey.agent.admin.SecretCommands;
import dev.latchkey.agent.health.Readiness;
import java.util.List;

/** The routes, to be looked at and not to be asked. */
final class TestRoutes {
    private TestRoutes() {}

    static List<Route> all() {
        FakeAudit audit = new FakeAudit();
        Accountability accountability = new Accountability(audit, () -> Access.ownerOnly(0));
        FakeStore store = new FakeStore();
        OversightCommands oversight = new OversightCommands(
                accountability,
                new Readiness(),
                () -> {
                    throw new IllegalStateException("not to be asked");
                },
                _ -> List.of(),
                audit,
                (_, _) -> {
                    throw new IllegalStateException("not to be asked");
                });
        return new Routes(
                        new SecretCommands(accountability, store),
                        new ImportCommands(accountability, store, new FakeOutside()),
                        new PlaceCommands(accountability, store),
                        new CustodyCommands(accountability, new FakeCustody()),
                        oversight,
                        new ConsumerCommands(accountability, AdminFixture.consumers(), new FakeVersions(store)),
                        AdminFixture.CLOCK)
                .all();
    }
}
