package dev.latchkey.agent.provider.file;

import static dev.latchkey.agent.provider.Looked.absent;
import static dev.latchkey.agent.provider.Looked.found;
import static dev.latchkey.agent.provider.Looked.locate;
import static dev.latchkey.agent.provider.Looked.up;
import static dev.latchkey.agent.provider.Looked.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.config.Host;
import dev.latchkey.agent.config.ProviderConfig;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.FoundSecret;
import dev.latchkey.agent.secret.SecretListing.Page;
import dev.latchkey.agent.secret.SecretLocation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileProviderTest {
    private static final long UID = Host.current().uid();

    @TempDir
    Path folder;

    private Path root;

    @BeforeEach
    void makeRoot() throws IOException {
        root = Files.createDirectory(folder.resolve("root"));
    }

    private FileProvider provider(boolean onlyPrivate) {
        return new FileProvider(new ProviderConfig.Files("files", root, onlyPrivate), UID);
    }

    private Path file(String name, String content, String permissions) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    @Test
    void listsOneFolderAtATime() throws IOException {
        file("token", "x", "rw-------");
        file("db/password", "x", "rw-------");
        file(".hidden", "x", "rw-------");
        Files.createSymbolicLink(root.resolve("out"), Path.of("/etc"));
        FileProvider provider = provider(true);

        assertEquals(
                Page.whole(List.of("db/", "out", "token")), provider.list("", Optional.empty(), Duration.ofSeconds(1)));
        assertEquals(Page.whole(List.of("db/password")), provider.list("db/", Optional.empty(), Duration.ofSeconds(1)));
        assertEquals(Page.whole(List.of()), provider.list("none/", Optional.empty(), Duration.ofSeconds(1)));
        AgentException outside = assertThrows(
                AgentException.class, () -> provider.list("out/", Optional.empty(), Duration.ofSeconds(1)));
        assertEquals(FailureKind.PROVIDER_DENIED, outside.kind());
    }

    @Test
    void servesAFileByteForByte() throws IOException {
        file("db/password", "pass\nword\n", "r--------");

        assertEquals("pass\nword\n", value(provider(true), "files:db/password"));
    }

    @Test
    void servesAnEmptyFile() throws IOException {
        file("empty", "", "rw-------");

        assertEquals("", value(provider(true), "files:empty"));
    }

    @Test
    void tellsWhenTheFileChanged() throws IOException {
        Instant changed = Instant.parse("2026-01-02T03:04:05Z");
        Files.setLastModifiedTime(file("token", "t", "rw-------"), FileTime.from(changed));

        try (FoundSecret secret = found(provider(true), "files:token")) {
            assertEquals(changed.toString(), secret.version());
            assertEquals(changed, secret.created().orElseThrow());
        }
    }

    @Test
    void aFileThatIsNotThereIsNotFound() {
        assertEquals(
                FailureKind.SECRET_NOT_FOUND,
                absent(provider(true), "files:a/b").kind());
        assertEquals("not found in files", absent(provider(true), "files:a").message());
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rwxrwxrwx"})
    void refusesAFileThatOthersCanUse(String permissions) throws IOException {
        file("token", "t", permissions);

        assertEquals(FailureKind.PROVIDER_DENIED, refused("files:token").kind());
        assertEquals("t", value(provider(false), "files:token"));
    }

    @Test
    void refusesAPrivateFileOfSomebodyElse() throws IOException {
        file("token", "t", "rw-------");
        FileProvider foreign = new FileProvider(new ProviderConfig.Files("files", root, true), UID + 1);

        if (UID == 0) {
            assertEquals("t", value(foreign, "files:token"));
        } else {
            assertThrows(AgentException.class, () -> up(foreign, "files:token"));
        }
    }

    @Test
    void followsALinkWithinTheRoot() throws IOException {
        file("..2026/token", "t", "rw-------");
        Files.createSymbolicLink(root.resolve("..data"), Path.of("..2026"));
        Files.createSymbolicLink(root.resolve("token"), Path.of("..data/token"));

        assertEquals("t", value(provider(true), "files:token"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"../outside", "/etc/hostname", "/proc/self/environ", "sub/../../outside"})
    void refusesALinkThatLeadsOut(String target) throws IOException {
        Files.writeString(folder.resolve("outside"), "never");
        Files.createDirectory(root.resolve("sub"));
        Files.createSymbolicLink(root.resolve("link"), Path.of(target));

        AgentException refused = assertThrows(AgentException.class, () -> up(provider(false), "files:link"));
        assertEquals(FailureKind.PROVIDER_DENIED, refused.kind());
        assertTrue(
                refused.failure().message().contains("leads out of"),
                () -> refused.failure().message());
    }

    @Test
    void refusesAFolderThatIsALinkOut() throws IOException {
        Files.createDirectory(folder.resolve("other"));
        Files.writeString(folder.resolve("other/token"), "never");
        Files.createSymbolicLink(root.resolve("sub"), Path.of("../other"));

        assertEquals(FailureKind.PROVIDER_DENIED, refused("files:sub/token").kind());
    }

    /** However the name is swapped between a file inside and a link out, only what is inside is ever served. */
    @Test
    void neverServesWhatALinkIsSwappedTo() throws Exception {
        Files.writeString(folder.resolve("outside"), "never");
        Files.setPosixFilePermissions(folder.resolve("outside"), PosixFilePermissions.fromString("rw-------"));
        file("token", "good", "rw-------");
        Files.createSymbolicLink(root.resolve("link"), Path.of("../outside"));
        file("copy", "good", "rw-------");
        AtomicBoolean done = new AtomicBoolean();
        Thread swapper = Thread.ofPlatform().start(() -> swap(done));
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 3_000; i++) {
            try {
                seen.add(value(provider(true), "files:token"));
            } catch (AgentException refused) {
                seen.add(refused.kind().text());
            }
        }
        done.set(true);
        swapper.join();
        assertTrue(Set.of("good", "provider-denied").containsAll(seen), seen::toString);
    }

    /** Each rename replaces the name at once, so that it is never missing. */
    private void swap(AtomicBoolean done) {
        try {
            while (!done.get()) {
                for (String next : new String[] {"link", "copy"}) {
                    Path fresh = root.resolve(next + ".new");
                    Files.copy(
                            root.resolve(next), fresh, LinkOption.NOFOLLOW_LINKS, StandardCopyOption.COPY_ATTRIBUTES);
                    Files.move(fresh, root.resolve("token"), StandardCopyOption.ATOMIC_MOVE);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"files:../outside", "files:a/../b", "files:./a", "files:a//b", "files:/etc/hostname", "files:a/"
            })
    void aPathHasOneSpelling(String reference) {
        AgentException refused = assertThrows(AgentException.class, () -> locate(provider(true), reference));
        assertEquals(FailureKind.BAD_NAME, refused.kind());
    }

    @Test
    void hasNoVersions() {
        AgentException refused = assertThrows(AgentException.class, () -> locate(provider(true), "files:a@1"));
        assertEquals(FailureKind.BAD_REFERENCE, refused.kind());
    }

    @Test
    void locatesByThePath() {
        assertEquals(new SecretLocation("files", "a/b.txt"), locate(provider(true), "files:a/b.txt#field"));
    }

    @Test
    void refusesWhatIsNoRegularFile() throws IOException {
        Files.createDirectory(root.resolve("sub"));

        assertEquals(FailureKind.PROVIDER_MALFORMED, refused("files:sub").kind());
    }

    @Test
    void doesNotWaitForTheWriterOfAPipe() throws Exception {
        assertEquals(
                0,
                new ProcessBuilder("mkfifo", "-m", "600", root.resolve("pipe").toString())
                        .start()
                        .waitFor());

        assertEquals(FailureKind.PROVIDER_MALFORMED, refused("files:pipe").kind());
    }

    @Test
    void refusesAFileOverAMebibyte() throws IOException {
        file("big", "x".repeat((1 << 20) + 1), "rw-------");
        file("most", "x".repeat(1 << 20), "rw-------");

        assertEquals(FailureKind.PROVIDER_MALFORMED, refused("files:big").kind());
        assertEquals(1 << 20, value(provider(true), "files:most").length());
    }

    @Test
    void aRootThatIsNotThereIsNoMissingSecret() {
        root = folder.resolve("nowhere");

        assertEquals(FailureKind.PROVIDER_UNAVAILABLE, refused("files:a").kind());
    }

    private AgentException refused(String reference) {
        return assertThrows(AgentException.class, () -> up(provider(true), reference));
    }
}
