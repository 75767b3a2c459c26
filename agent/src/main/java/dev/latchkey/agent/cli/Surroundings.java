package dev.latchkey.agent.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;

/**
 * What a command has around it.
 *
 * @param in not buffered, so that no copy of a value stays behind
 * @param out not buffered either; commands write it in whole pieces
 * @param folder that relative paths start from
 * @param version of this program
 */
public record Surroundings(
        InputStream in, PrintStream out, PrintStream err, Terminal terminal, Clock clock, Path folder, String version) {
    public static Surroundings ofProcess(String version) {
        return new Surroundings(
                new FileInputStream(FileDescriptor.in),
                new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8),
                new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
                Terminal.ofProcess(),
                Clock.systemUTC(),
                Path.of("").toAbsolutePath(),
                version);
    }
}
