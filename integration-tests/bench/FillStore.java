import dev.latchkey.agent.crypto.KeyMemory;
import dev.latchkey.agent.crypto.keyfile.KeyFile;
import dev.latchkey.agent.memory.LockedMemory;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.NamingRule;
import dev.latchkey.agent.secret.ProjectName;
import dev.latchkey.agent.secret.SecretName;
import dev.latchkey.agent.secret.SecretPath;
import dev.latchkey.agent.secret.SecretStore;
import dev.latchkey.agent.secret.SecretStore.Details;
import dev.latchkey.agent.secret.SecretValue;
import dev.latchkey.agent.store.EmbeddedStore;
import dev.latchkey.agent.store.StateFolder;
import dev.latchkey.agent.store.StoreConfig;
import dev.latchkey.agent.store.StoreListener;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/**
 * Makes the state folder of an agent with many secrets: {@code FillStore FOLDER COUNT BYTES} puts {@code bench-000001} and so on, with random
 * letters as values. The agent's own classes write them, one transaction each, because its admin interface takes a hundred requests
 * a second of one user.
 */
final class FillStore {
    private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private static final SecureRandom RANDOM = new SecureRandom();

    private FillStore() {}

    public static void main(String[] words) {
        Path folder = Path.of(words[0]);
        int count = Integer.parseInt(words[1]);
        int bytes = Integer.parseInt(words[2]);
        Clock clock = Clock.systemUTC();
        KeyMemory memory = new KeyMemory(new LockedMemory(_ -> {}));
        KeyFile key = new KeyFile(folder.resolve("kek"), clock, RANDOM, memory);
        StoreConfig config = new StoreConfig(List.of(key), memory, NamingRule.ANY);
        try (StateFolder state = StateFolder.open(folder, (_, _) -> {});
                EmbeddedStore store = EmbeddedStore.open(state, config, new Quiet(), clock, RANDOM)) {
            for (int n = 1; n <= count; n++) {
                put(store, "bench-%06d".formatted(n), bytes);
            }
        }
    }

    private static void put(SecretStore store, String name, int bytes) {
        SecretPath path = new SecretPath(Namespace.DEFAULT, new SecretName(name));
        try (SecretValue value = SecretValue.owning(letters(bytes))) {
            store.put(path, value, Details.NONE, Optional.empty());
        }
    }

    private static byte[] letters(int bytes) {
        StringBuilder text = new StringBuilder();
        RANDOM.ints(bytes, 0, LETTERS.length()).forEach(index -> text.append(LETTERS.charAt(index)));
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    /** A new store is expected. */
    private static final class Quiet implements StoreListener {
        @Override
        public void keyCreated(String where) {}

        @Override
        public void keyAway(String where, String reason) {
            throw new IllegalStateException(reason);
        }

        @Override
        public void keyBack(String where) {}

        @Override
        public void migrated(int from, int to, Path backup) {
            throw new IllegalStateException("a store was there already");
        }
    }
}
