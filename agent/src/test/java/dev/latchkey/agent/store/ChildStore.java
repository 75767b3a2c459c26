package dev.latchkey.agent.store;

import dev.latchkey.agent.crypto.KeyMemory;
import dev.latchkey.agent.crypto.keyfile.KeyFile;
import dev.latchkey.agent.memory.LockedMemory;
import dev.latchkey.agent.secret.NamingRule;
import dev.latchkey.agent.secret.SecretStore.Details;
import dev.latchkey.agent.secret.SecretValue;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Optional;

/** A process that writes to a store for as long as it lives, and prints what was acknowledged: {@code NAME VERSION HEX}. */
final class ChildStore {
    private static final int NAMES = 5;
    private static final int ROTATE_EVERY = 7;
    private static final int PURGE_EVERY = 11;

    private ChildStore() {}

    static boolean isRoot() throws IOException {
        return Files.getAttribute(Path.of("/proc/self"), "unix:uid") instanceof Integer uid && uid == 0;
    }

    /** Under a umask that makes everything readable for everybody. */
    static Process start(Path state) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return new ProcessBuilder(
                        "sh",
                        "-c",
                        "umask 000; exec \"$0\" \"$@\"",
                        java,
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Dlatchkey.native=" + System.getProperty("latchkey.native"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        ChildStore.class.getName(),
                        state.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    static BufferedReader output(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
    }

    static void awaitFirstLine(Process process) throws IOException {
        if (output(process).readLine() == null) {
            throw new IOException("the child ended before it wrote anything");
        }
    }

    static StoreConfig config(Path state) {
        KeyMemory memory = new KeyMemory(new LockedMemory(_ -> {}));
        KeyFile key = new KeyFile(state.resolve("kek"), Clock.systemUTC(), new SecureRandom(), memory);
        return new StoreConfig(java.util.List.of(key), memory, NamingRule.ANY);
    }

    static EmbeddedStore open(StateFolder state) {
        StoreListener deaf = new StoreListener() {
            @Override
            public void keyCreated(String where) {}

            @Override
            public void keyAway(String where, String reason) {}

            @Override
            public void keyBack(String where) {}

            @Override
            public void migrated(int from, int to, Path backup) {}
        };
        return EmbeddedStore.open(state, config(state.path()), deaf, Clock.systemUTC(), new SecureRandom());
    }

    public static void main(String[] arguments) {
        PrintStream out = new PrintStream(
                new java.io.FileOutputStream(java.io.FileDescriptor.out), true, StandardCharsets.US_ASCII);
        try (StateFolder state = StateFolder.open(Path.of(arguments[0]), (_, _) -> {});
                EmbeddedStore store = open(state)) {
            for (int i = 0; !out.checkError(); i++) {
                byte[] canary = Canary.random();
                String name = "s" + i % NAMES;
                long version = store.put(
                                StoreFixture.path(name),
                                SecretValue.owning(canary.clone()),
                                Details.NONE,
                                Optional.empty())
                        .version();
                out.println(
                        name + " " + version + " " + java.util.HexFormat.of().formatHex(canary));
                if (i % ROTATE_EVERY == 0) {
                    store.rotateKeys();
                }
                if (i % PURGE_EVERY == 0 && version > 1) {
                    store.purge(StoreFixture.path(name), Optional.of(version - 1));
                }
            }
        }
    }
}
