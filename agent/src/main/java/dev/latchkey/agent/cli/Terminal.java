package dev.latchkey.agent.cli;

import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The person at the keyboard, if there is one. */
public interface Terminal {
    /** Whether standard input is a terminal. */
    boolean asksPeople();

    /** Whether standard error is a terminal, so that progress may be shown. */
    boolean showsProgress();

    /**
     * Asks for a line without echo.
     *
     * @return to be zeroed; null at the end of input, or where echo cannot be switched off
     */
    char @Nullable [] readWithoutEcho(String prompt);

    /** The terminal of this process. */
    static Terminal ofProcess() {
        return new Terminal() {
            @Override
            public boolean asksPeople() {
                return isTerminal(0);
            }

            @Override
            public boolean showsProgress() {
                return isTerminal(2);
            }

            @Override
            @SuppressWarnings("SystemConsoleNull") // It is null where input or output is no terminal.
            public char @Nullable [] readWithoutEcho(String prompt) {
                Console console = System.console();
                return console == null || !console.isTerminal() ? null : console.readPassword("%s", prompt);
            }

            private static boolean isTerminal(int descriptor) {
                try {
                    String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                            .toString();
                    return target.startsWith("/dev/pts/")
                            || target.startsWith("/dev/tty")
                            || target.equals("/dev/console");
                } catch (IOException e) {
                    return false;
                }
            }
        };
    }
}
