package dev.latchkey.agent;

import static dev.latchkey.agent.provider.Looked.absent;
import static dev.latchkey.agent.provider.Looked.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.ProviderType;
import dev.latchkey.agent.secret.SecretProvider;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example of docs/guide/own-provider.md, built as that page says. */
class InstalledProvidersTest {
    private static final Path EXAMPLE = Path.of(System.getProperty("latchkey.root"), "examples/provider");

    @TempDir
    Path folder;

    private Path jar;

    @BeforeEach
    void install() throws Exception {
        Path classes = Files.createDirectory(folder.resolve("classes"));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        int status = compiler.run(
                null,
                null,
                null,
                "-proc:none",
                "-cp",
                agentClasses().toString(),
                "-d",
                classes.toString(),
                EXAMPLE.resolve("com/example/PropertiesProviderType.java").toString());
        assertEquals(0, status);
        Path own = Files.createDirectories(folder.resolve("providers/properties"));
        jar = own.resolve("properties.jar");
        pack(List.of(classes, EXAMPLE), jar);
        Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-r--r--"));
        Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(own.getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static Path agentClasses() throws URISyntaxException {
        return Path.of(ProviderType.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
    }

    private static void pack(List<Path> roots, Path jar) throws IOException {
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(jar))) {
            for (Path root : roots) {
                try (Stream<Path> files = Files.walk(root)) {
                    for (Path file : files.filter(Files::isRegularFile).toList()) {
                        out.putNextEntry(new ZipEntry(root.relativize(file).toString()));
                        Files.copy(file, out);
                    }
                }
            }
        }
    }

    private Path own() {
        return folder.resolve("providers/properties");
    }

    private InstalledProviders installed() {
        return new InstalledProviders(folder.resolve("providers"));
    }

    @Test
    void aTypeIsFoundInItsFolderAndServes() throws IOException {
        Path file = Files.writeString(folder.resolve("app.properties"), "db.password = hunter2\n");

        SecretProvider provider =
                installed().find("properties").orElseThrow().open("props", Map.of("path", file.toString()));

        assertEquals("hunter2", value(provider, "props:db.password"));
        assertEquals(
                FailureKind.SECRET_NOT_FOUND, absent(provider, "props:other").kind());
    }

    @Test
    void whatNobodyOffersIsNotThere() {
        assertEquals(Optional.empty(), installed().find("other"));
        assertEquals(Optional.empty(), new InstalledProviders(folder.resolve("none")).find("properties"));
    }

    @Test
    void codeThatOthersCanWriteIsNotLoaded() throws IOException {
        Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-rw-r--"));
        assertRefused(jar);
    }

    @Test
    void aFolderThatOthersCanWriteIsNotLooked() throws IOException {
        Files.setPosixFilePermissions(own(), PosixFilePermissions.fromString("rwxr-xrwx"));
        assertRefused(own());
    }

    private void assertRefused(Path path) {
        AgentException refused =
                assertThrows(AgentException.class, () -> installed().find("properties"));
        assertEquals(FailureKind.BAD_CONFIGURATION, refused.kind());
        assertTrue(
                refused.failure().message().contains(path.toString()),
                () -> refused.failure().message());
    }

    @Test
    void aServiceThatCannotBeLoadedIsNamed() throws IOException {
        pack(List.of(EXAMPLE), jar);

        AgentException refused =
                assertThrows(AgentException.class, () -> installed().find("properties"));
        assertTrue(
                refused.failure().message().contains(own().toString()),
                () -> refused.failure().message());
    }
}
