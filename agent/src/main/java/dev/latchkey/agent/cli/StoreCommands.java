package dev.latchkey.agent.cli;

import dev.latchkey.agent.admin.view.KeyStatusView;
import dev.latchkey.agent.admin.view.Order;
import dev.latchkey.agent.admin.view.VerificationView;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands that look after the store as a whole. */
final class StoreCommands {
    private StoreCommands() {}

    /** {@code agent key …}. */
    @Command(name = "key", description = "look after the keys of the store")
    static final class KeyGroup {
        private final Session session;

        KeyGroup(Session session) {
            this.session = session;
        }

        @Command(name = "status", description = "show the key-encryption keys, and whether they can be used now")
        int status(@Mixin Connection connection, @Mixin Format format) {
            session.show(
                    session.client(connection), Target.of("/v1/keys"), format, KeyStatusView.class, KeyGroup::table);
            return 0;
        }

        @Command(name = "rotate", description = "make a new key-encryption key and wrap every data key under it")
        int rotate(@Mixin Connection connection, @Mixin Format format) {
            try (Progress _ = Progress.of(session, "rotating the key")) {
                session.client(connection)
                        .patiently()
                        .post(Target.of("/v1/keys/rotate"), session.one(format, KeyStatusView.class, KeyGroup::table));
            }
            session.hint("a backup made before this opens only with the key before: make a new backup now");
            return 0;
        }

        @Command(
                name = "export",
                description = "have the agent write a copy of the key file, to be kept apart from backups")
        int export(
                @Option(
                                names = "--to",
                                paramLabel = "FILE",
                                required = true,
                                description = "a file that is not there yet, on the agent's machine")
                        Path to,
                @Mixin Connection connection) {
            Path file = session.resolve(to).normalize();
            session.client(connection)
                    .order("POST", Target.of("/v1/keys/export"), new Order.ExportKey(file.toString()), _ -> true);
            session.println("exported to " + file);
            return 0;
        }

        private static String table(KeyStatusView status) {
            Table table = new Table("KIND", "ID", "WHERE", "USABLE", "SINCE");
            status.keys()
                    .forEach(key -> table.row(
                            key.kind(),
                            key.id(),
                            key.where(),
                            key.usable(),
                            status.since().filter(_ -> key.usable())));
            StringBuilder text = new StringBuilder(table.toString());
            status.keys().stream()
                    .flatMap(key -> key.problem().stream())
                    .forEach(problem ->
                            text.append("cannot be used: ").append(problem).append('\n'));
            return text.toString();
        }
    }

    /** {@code agent store …}. */
    @Command(name = "store", description = "check the store")
    static final class StoreGroup {
        private final Session session;

        StoreGroup(Session session) {
            this.session = session;
        }

        @Command(name = "verify", description = "open every version, exit 1 if one cannot be opened")
        int verify(@Mixin Connection connection, @Mixin Format format) {
            try (Progress _ = Progress.of(session, "verifying the store")) {
                VerificationView found = session.client(connection)
                        .patiently()
                        .post(
                                Target.of("/v1/store/verify"),
                                session.one(format, VerificationView.class, StoreGroup::report));
                return found.problems().isEmpty() ? 0 : CommandFailure.FAILED;
            }
        }

        private static String report(VerificationView found) {
            StringBuilder text = new StringBuilder();
            found.problems().forEach(problem -> text.append(problem).append('\n'));
            return text.append(found.versions())
                    .append(" versions opened, ")
                    .append(found.problems().size())
                    .append(" cannot be\n")
                    .toString();
        }
    }

    /** {@code agent backup}. */
    @Command(name = "backup", description = "write an encrypted copy of the store; only the same key can restore it")
    static final class Backup implements Callable<Integer> {
        @Parameters(paramLabel = "FILE|-", description = "a file that is not there yet, or - for standard output")
        String file = "";

        @Mixin
        Connection connection = new Connection();

        private final Session session;

        Backup(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            AdminClient client = session.client(connection).patiently();
            Target target = Target.of("/v1/store/backup");
            try (Progress _ = Progress.of(session, "backing the store up")) {
                if (file.equals("-")) {
                    client.get(target, body -> {
                        session.pass(body);
                        return true;
                    });
                } else {
                    toFile(client, target, session.resolve(Path.of(file)));
                }
            }
            if (!file.equals("-")) {
                session.println("backed up to " + session.resolve(Path.of(file)));
            }
            return 0;
        }

        private static void toFile(AdminClient client, Target target, Path path) {
            boolean whole = false;
            requireFolder(path);
            try (FileChannel channel = FileChannel.open(
                    path,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
                try {
                    whole = client.get(target, body -> copy(body, channel, path));
                } finally {
                    if (!whole) {
                        // Half a backup must not be taken for one.
                        Files.delete(path);
                    }
                }
            } catch (IOException e) {
                throw cannotWrite(path, e);
            }
        }

        private static void requireFolder(Path path) {
            Path folder = path.toAbsolutePath().getParent();
            if (folder != null && Files.notExists(folder)) {
                throw CommandFailure.failed(
                        "output-failed",
                        "cannot write the backup " + path + ": there is no folder " + folder,
                        "make the folder first, or name a file in another one");
            }
        }

        private static boolean copy(InputStream body, FileChannel channel, Path path) {
            byte[] piece = new byte[64 * 1024];
            try {
                for (int read = body.read(piece); read >= 0; read = body.read(piece)) {
                    write(channel, ByteBuffer.wrap(piece, 0, read), path);
                }
                channel.force(true);
                return true;
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        private static void write(FileChannel channel, ByteBuffer piece, Path path) {
            try {
                while (piece.hasRemaining()) {
                    channel.write(piece);
                }
            } catch (IOException e) {
                throw cannotWrite(path, e);
            }
        }

        private static CommandFailure cannotWrite(Path path, IOException e) {
            return CommandFailure.failed(
                    "output-failed",
                    "cannot write the backup " + path + ": " + Reasons.of(e),
                    "name a file that is not there yet, in a folder you can write");
        }
    }

    /** {@code agent restore}. */
    @Command(
            name = "restore",
            description = "replace the content of the store by that of a backup; the old one is kept beside it")
    static final class Restore implements Callable<Integer> {
        @Parameters(paramLabel = "FILE", description = "a file that 'agent backup' wrote")
        Path file = Path.of("");

        @Mixin
        Connection connection = new Connection();

        private final Session session;

        Restore(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            Path path = session.resolve(file);
            AdminClient client = session.client(connection).patiently();
            try (InputStream in = Files.newInputStream(path);
                    Progress _ = Progress.of(session, "restoring the store")) {
                client.stream(Target.of("/v1/store/restore"), in);
            } catch (IOException e) {
                throw CommandFailure.failed(
                        "bad-argument",
                        "cannot read the backup " + path + ": " + Reasons.of(e),
                        "give a file that you can read");
            }
            session.println("restored from " + path);
            session.note("what was there before is kept in the state folder as replaced-TIME.db, for you to remove");
            return 0;
        }
    }
}
