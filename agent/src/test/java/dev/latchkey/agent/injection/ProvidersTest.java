package dev.latchkey.agent.injection;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProvidersTest {
    private final FakeProvider store = new FakeProvider("store", new ArrayList<>());

    @Test
    void needsItsDefaultProvider() {
        assertThrows(IllegalStateException.class, () -> new Providers(List.of(store), "vault"));
    }

    @Test
    void refusesTwoOfOneName() {
        assertThrows(IllegalStateException.class, () -> new Providers(List.of(store, store), "store"));
    }
}
