package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The AOT cache of the distribution: an agent with it, without it, and with one that is not its own. */
final class AotCacheTest {
    @TempDir
    Path folder;

    @Test
    void isLoadedByTheBuiltAgent() {
        try (TestAgent agent = TestAgent.started()) {
            assertProbe(agent, "ok", "loaded");
            assertTrue(agent.does("status").output().contains("aot-cache: ok, loaded"));
            assertFalse(agent.log().contains("aot-cache-unused"), agent::log);
        }
    }

    /** Each takes a start a millisecond, and something that nobody finds opens all of them. */
    @Test
    void aStartOpensHardlyAnyJar() throws IOException {
        try (TestAgent agent = TestAgent.started()) {
            agent.stop();
            agent.start();
            List<String> jars = openJars(agent.pid());
            assertEquals(2, jars.size(), jars::toString);
            assertEquals("agent.jar", jars.getFirst());
            assertTrue(jars.getLast().startsWith("sqlite-jdbc-"), jars::toString);
        }
    }

    private static List<String> openJars(long pid) throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return descriptors
                    .map(AotCacheTest::target)
                    .filter(file -> file.endsWith(".jar"))
                    .map(file -> file.substring(file.lastIndexOf('/') + 1))
                    .sorted()
                    .toList();
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            // Closed meanwhile.
            return "";
        }
    }

    /** Copying changes the times of files, and a cache knows the times of its jars. */
    @Test
    void isLoadedInACopyWithOtherTimes() throws IOException {
        Path home = copy();
        Files.setLastModifiedTime(home.resolve("lib/agent.jar"), FileTime.fromMillis(0));
        try (TestAgent agent = TestAgent.prepared().installedIn(home).start()) {
            assertProbe(agent, "ok", "loaded");
        }
    }

    @Test
    void isLoadedInAnArchiveThatWasUnpacked() {
        Path archive = folder.resolve("latchkey.tar");
        Command.of(Machine.ROOT.resolve("distribution/pack.sh").toString(), archive.toString())
                .run()
                .succeeds();
        Command.of("tar", "-x", "--touch", "-f", archive.toString(), "-C", folder.toString())
                .run()
                .succeeds();
        try (TestAgent agent =
                TestAgent.prepared().installedIn(folder.resolve("latchkey")).start()) {
            assertProbe(agent, "ok", "loaded");
        }
    }

    @Test
    void anAgentWhoseCacheIsDamagedServesAndSaysSo() throws IOException {
        Path home = copy();
        Path cache = home.resolve("lib/agent.aot");
        try (FileChannel file = FileChannel.open(cache, StandardOpenOption.WRITE)) {
            file.truncate(file.size() / 2);
        }
        try (TestAgent agent = TestAgent.prepared().installedIn(home).start()) {
            Canary canary = agent.put("plain");
            agent.assertDelivers("V", canary, "--secret", "V=plain");
            assertProbe(agent, "warning", cache + " was not loaded");
            assertEquals(
                    1,
                    agent.log()
                            .lines()
                            .filter(line -> line.contains("event=aot-cache-unused"))
                            .count());
        }
    }

    @Test
    void anAgentWithoutACacheServesAndSaysSo() throws IOException {
        Path home = copy();
        Path cache = home.resolve("lib/agent.aot");
        Files.delete(cache);
        try (TestAgent agent = TestAgent.prepared().installedIn(home).start()) {
            assertProbe(agent, "warning", cache + " is not there");
            assertFalse(agent.log().contains("aot-cache-unused"), agent::log);
        }
    }

    /** The JVM would run the classes in the cache, whatever the jar was replaced for. */
    @Test
    void anAgentDoesNotRunWithACacheOfOtherJars() throws IOException {
        Path home = copy();
        Path jar = oneJar(home);
        Files.write(jar, new byte[] {0}, StandardOpenOption.APPEND);
        try (TestAgent agent = TestAgent.prepared().installedIn(home)) {
            agent.runCommand()
                    .run()
                    .exits(1)
                    .says(jar + " is not the one that agent.aot was made with")
                    .hints();
            Files.delete(home.resolve("lib/agent.aot"));
            agent.start();
        }
    }

    private Path copy() {
        Path home = folder.resolve("latchkey");
        // Without -p, as images and careless installations are made.
        Command.of("cp", "-r", Machine.HOME.toString(), home.toString()).run().succeeds();
        return home;
    }

    private static Path oneJar(Path home) throws IOException {
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(home.resolve("lib"), "netty-common-*.jar")) {
            return jars.iterator().next();
        }
    }

    private static void assertProbe(TestAgent agent, String state, String detail) {
        JsonNode status = Json.parse(agent.does("status", "--format", "json").output());
        JsonNode probe = StreamSupport.stream(status.get("probes").spliterator(), false)
                .filter(one -> one.get("name").asString().equals("aot-cache"))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no probe of the cache in " + status));
        assertEquals(state, probe.get("state").asString(), probe::toString);
        assertTrue(probe.get("detail").asString().startsWith(detail), probe::toString);
    }
}
