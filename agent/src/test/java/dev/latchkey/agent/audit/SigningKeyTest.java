package dev.latchkey.agent.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The two halves of the key, as files and as signatures. */
final class SigningKeyTest {
    /** RFC 8032, section 7.1, test 1. */
    private static final String SECRET = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";

    private static final String PUBLIC = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

    @TempDir
    private Path folder;

    @Test
    void isMadeOncePrivateAndFoundAgain() throws IOException {
        List<Path> made = new ArrayList<>();
        assertTrue(SigningKey.find(folder).isEmpty());
        CheckpointKey first =
                SigningKey.open(folder, new SecureRandom(), made::add).publicKey();
        assertEquals(
                first, SigningKey.open(folder, new SecureRandom(), made::add).publicKey());
        assertEquals(first, SigningKey.find(folder).orElseThrow().publicKey());
        assertEquals(List.of(file()), made);
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file())));
    }

    @Test
    void derivesThePublicHalfOfAnyKeyInPkcs8() throws IOException {
        assertEquals(PUBLIC, fromSecret().publicKey().hex());
    }

    @Test
    void signsWhatItsPublicHalfAccepts() throws IOException {
        SigningKey key = fromSecret();
        Head head = new Head(7, "ab".repeat(32));
        AuditEvent.Checkpoint checkpoint = key.sign(head, new AuditClock(java.time.Clock.systemUTC(), () -> 1, "b"));
        byte[] signature = HexFormat.of().parseHex(checkpoint.signature());
        byte[] text = ("latchkey-audit-checkpoint-1\n" + PUBLIC + "\nb\n" + checkpoint.signed() + "\n" + head + "\n")
                .getBytes(StandardCharsets.US_ASCII);
        assertTrue(checkpoint.key().signed(text, signature));
        text[text.length - 2] ^= 1;
        assertFalse(checkpoint.key().signed(text, signature));
        assertFalse(checkpoint.key().signed(text, new byte[3]));
        assertFalse(new CheckpointKey("ff".repeat(32)).signed(text, signature), "not a point of the curve");
    }

    @Test
    void writesAndReadsThePublicHalfAsOtherToolsDo() throws IOException {
        CheckpointKey key = fromSecret().publicKey();
        Path file = Files.writeString(folder.resolve("public"), key.pem());
        assertEquals(key, CheckpointKey.read(file));
        assertEquals(
                "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
                key.pem().lines().toList().get(1));
    }

    @Test
    void refusesAFileThatIsNoPublicKey() throws IOException {
        String good = fromSecret().publicKey().pem();
        for (String bad : List.of(
                "",
                "hello",
                good.strip(),
                good.replace("PUBLIC", "PRIVATE"),
                good.replace("MCow", "MCox"),
                good.replace("MCow", "!!!!"),
                good.replace("Ro=", ""),
                good + good,
                "x".repeat(10_000))) {
            Path file = Files.writeString(folder.resolve("bad"), bad);
            AgentException refusal = assertThrows(AgentException.class, () -> CheckpointKey.read(file), bad);
            assertEquals("file " + file + " is not an Ed25519 public key in PEM", refusal.getMessage());
        }
        Path missing = folder.resolve("missing");
        assertEquals(
                "public key " + missing + " cannot be read: there is no such file or folder",
                assertThrows(AgentException.class, () -> CheckpointKey.read(missing))
                        .getMessage());
    }

    @Test
    void refusesADamagedPrivateKeyAndChangesNothing() throws IOException {
        fromSecret();
        String good = Files.readString(file());
        for (String bad : List.of("", good.substring(1), good.strip(), good.replace("MC4C", "MC4D"), good + "\n")) {
            Files.writeString(file(), bad);
            AgentException refusal = assertThrows(AgentException.class, this::open, bad);
            assertEquals(FailureKind.STATE_UNUSABLE, refusal.kind());
            assertEquals("audit key " + file() + " is damaged", refusal.getMessage());
            assertEquals(bad, Files.readString(file()));
        }
    }

    @Test
    void refusesAPrivateKeyThatOthersCanReadOrThatIsNoFile() throws IOException {
        fromSecret();
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r-----"));
        assertEquals(
                "audit key " + file() + " is open to others",
                assertThrows(AgentException.class, this::open).getMessage());
        Path elsewhere = Files.move(file(), folder.resolve("elsewhere"));
        Files.createSymbolicLink(file(), elsewhere);
        assertEquals(
                "audit key " + file() + " cannot be read: it is not a regular file",
                assertThrows(AgentException.class, this::open).getMessage());
    }

    @Test
    void isNotStoppedByWhatACrashLeft() throws IOException {
        Files.writeString(folder.resolve("audit.key.new"), "half");
        open();
        assertTrue(Files.exists(file()));
        assertFalse(Files.exists(folder.resolve("audit.key.new")));
    }

    private SigningKey open() {
        return SigningKey.open(folder, new SecureRandom(), _ -> {});
    }

    private SigningKey fromSecret() throws IOException {
        byte[] der = HexFormat.of().parseHex("302e020100300506032b657004220420" + SECRET);
        Files.writeString(
                file(),
                "-----BEGIN PRIVATE KEY-----\n" + Base64.getEncoder().encodeToString(der)
                        + "\n-----END PRIVATE KEY-----\n");
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-------"));
        return SigningKey.find(folder).orElseThrow();
    }

    private Path file() {
        return folder.resolve(SigningKey.FILE);
    }
}
