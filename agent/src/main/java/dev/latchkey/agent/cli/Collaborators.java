package dev.latchkey.agent.cli;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.imports.Entries;
import dev.latchkey.agent.imports.ImportFormat;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What commands need of the rest of the agent, so that none of it is loaded by a command that does not use it.
 */
public record Collaborators(
        AgentRunner runner,
        AdminSocket adminSocket,
        ConfigTool config,
        PolicyTester policy,
        AuditVerifier audit,
        LauncherInstaller installer,
        ImportReader importer) {
    /** Port: where the admin socket is. */
    @FunctionalInterface
    public interface AdminSocket {
        /**
         * @param option what {@code --admin-socket} says
         * @throws AgentException whose message names every place that was looked at
         */
        Path find(Optional<Path> option);
    }

    /** Port: looking at a configuration without running it. */
    public interface ConfigTool {
        /**
         * @param file absent: the one that {@code agent run} would read
         * @throws AgentException if a file that was named cannot be read
         */
        Checked check(Optional<Path> file);

        /** The JSON Schema of the configuration. */
        String schema();

        /**
         * @param read false: there is no such file, and the defaults are in force
         * @param problems in the order of the file
         */
        record Checked(Path file, boolean read, List<Problem> problems) {
            public Checked {
                problems = List.copyOf(problems);
            }
        }

        /**
         * @param line from 1; 0: the file as a whole
         */
        record Problem(int line, int column, String message, Optional<String> hint) {
            /** With its place in the file. */
            String text(Path file) {
                return file + (line == 0 ? "" : ":" + line + ":" + column) + ": " + message;
            }
        }
    }

    /** Port: holding a configuration against what is expected of it, without an agent. */
    @FunctionalInterface
    public interface PolicyTester {
        /**
         * @param config absent: the one that {@code agent run} would read
         * @throws AgentException if the file cannot be read, or a test supposes what the configuration does not have
         */
        Tested test(Path file, Optional<Path> config);

        /**
         * What came of it.
         *
         * @param refused the files with problems; if there are any, nothing was tested
         * @param outcomes one for each reference of each test, in the order of the file
         * @param assumed what was assumed of the machine that the configuration is for, in sentences
         */
        record Tested(List<ConfigTool.Checked> refused, List<Outcome> outcomes, List<String> assumed) {
            public Tested {
                refused = List.copyOf(refused);
                outcomes = List.copyOf(outcomes);
                assumed = List.copyOf(assumed);
            }
        }

        /**
         * @param line of the test in its file
         * @param expected a decision, with the rule where one is expected
         */
        record Outcome(
                String test,
                int line,
                String reference,
                String expected,
                String actual,
                boolean passed,
                String reason) {}
    }

    /** Port: installing the launcher with a group of its own. */
    @FunctionalInterface
    public interface LauncherInstaller {
        /**
         * @param group a name or a number; absent: the usual one
         * @param path absolute; absent: the usual one
         * @throws AgentException if it could not be installed, or would not be safe there
         */
        Installed install(Optional<String> group, Optional<Path> path);

        /**
         * @param mode octal, with a leading 0
         * @param effect {@code installed}, {@code replaced} or {@code unchanged}
         */
        record Installed(String path, String group, long gid, String mode, String effect) {}
    }

    /** Port: reading a file that is to be imported. */
    @FunctionalInterface
    public interface ImportReader {
        /**
         * What the file holds, the receiver's to close.
         *
         * @throws AgentException if it is not of its format
         */
        Entries read(Input input);

        /**
         * A file.
         *
         * @param label its name, for messages
         * @param secret what a single secret that does not say its name is called
         * @param environment which one of a file that has several; absent: its default
         * @param fields whether each field of an object becomes a secret of its own
         * @param octets SECURITY: the caller's, who wipes them
         */
        record Input(
                ImportFormat format,
                String label,
                Optional<String> secret,
                Optional<String> environment,
                boolean fields,
                @SuppressWarnings("ArrayRecordComponent") byte[] octets) {
            @Override
            public String toString() {
                return label;
            }
        }
    }

    /** Port: verifying an audit log without an agent. */
    public interface AuditVerifier {
        /**
         * @param file absent: the one that {@code agent run} would write
         * @param kept what was kept elsewhere
         * @throws AgentException if a file cannot be read, or the head or a key is none
         */
        Verified verify(Optional<Path> file, Kept kept);

        /**
         * The public key that signs the log which {@code agent run} would write, in PEM.
         *
         * @throws AgentException if no agent made one yet
         */
        String publicKey();

        /**
         * @param head {@code SEQ:HASH}
         * @param keys files with public keys
         */
        record Kept(Optional<String> head, List<Path> keys) {
            public Kept {
                keys = List.copyOf(keys);
            }
        }

        /**
         * @param records found good
         * @param last head of the newest of them
         * @param signed number of the last record that is signed
         * @param report all of it in sentences
         */
        record Verified(
                boolean intact,
                Optional<Flaw> problem,
                long records,
                Optional<String> last,
                Optional<Long> signed,
                List<String> report) {
            public Verified {
                report = List.copyOf(report);
            }
        }

        /**
         * @param kind as in {@code removed}
         * @param line from 1; 0: the file as a whole
         * @param offset of its first byte
         * @param sequence the number that is expected there
         */
        record Flaw(String kind, Path file, long line, long offset, long sequence, String message) {}
    }
}
