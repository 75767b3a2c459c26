package dev.latchkey.integration;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A program to run with an environment that holds only what a test puts there, besides PATH and HOME. */
final class Command {
    private final List<String> words = new ArrayList<>();
    private final Map<String, String> environment = new LinkedHashMap<>();
    private byte[] input = new byte[0];
    private Duration limit = Duration.ofSeconds(60);
    private @Nullable Path folder;
    private Consumer<Finished> witness = finished -> {};

    private Command(List<String> words) {
        this.words.addAll(words);
        environment.put("PATH", System.getenv("PATH"));
        environment.put("HOME", "/nonexistent");
    }

    static Command of(String... words) {
        return new Command(List.of(words));
    }

    static Command of(List<String> words) {
        return new Command(words);
    }

    /** A line for the shell, with {@code "$@"} set to the arguments. */
    static Command shell(String script, String... arguments) {
        List<String> words = new ArrayList<>(List.of("sh", "-c", script, "sh"));
        words.addAll(List.of(arguments));
        return new Command(words);
    }

    /** A Python program, with {@code sys.argv[1:]} set to the arguments: for what Java cannot ask of the kernel. */
    static Command python(String program, String... arguments) {
        List<String> words = new ArrayList<>(List.of(Machine.python(), "-c", program));
        words.addAll(List.of(arguments));
        return new Command(words);
    }

    Command env(String name, String value) {
        environment.put(name, value);
        return this;
    }

    Command env(Map<String, String> variables) {
        environment.putAll(variables);
        return this;
    }

    Command withoutEnv(String name) {
        environment.remove(name);
        return this;
    }

    Command input(byte[] bytes) {
        input = bytes.clone();
        return this;
    }

    Command input(String text) {
        return input(text.getBytes(StandardCharsets.UTF_8));
    }

    Command in(Path directory) {
        folder = directory;
        return this;
    }

    Command within(Duration duration) {
        limit = duration;
        return this;
    }

    /** Shows the result to somebody else too, once it is there. */
    Command witnessedBy(Consumer<Finished> other) {
        witness = other;
        return this;
    }

    Finished run() {
        long start = System.nanoTime();
        try {
            Process process = start();
            CompletableFuture<byte[]> out = inBackground(() -> readAll(process.getInputStream()));
            CompletableFuture<byte[]> err = inBackground(() -> readAll(process.getErrorStream()));
            writeInput(process);
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(words + " did not end within " + limit);
            }
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            Finished finished = new Finished(words, process.exitValue(), out.join(), err.join(), took);
            witness.accept(finished);
            return finished;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Runs it in the background; its result comes when it ended. */
    CompletableFuture<Finished> later() {
        return inBackground(this::run);
    }

    /** On a thread of its own: the common pool has one thread for each core, which waiting tasks would use up. */
    static <T> CompletableFuture<T> inBackground(Supplier<T> task) {
        return CompletableFuture.supplyAsync(task, work -> Thread.ofVirtual().start(work));
    }

    Process start() throws IOException {
        return builder().start();
    }

    ProcessBuilder builder() {
        ProcessBuilder builder = new ProcessBuilder(words);
        builder.environment().clear();
        builder.environment().putAll(environment);
        if (folder != null) {
            builder.directory(folder.toFile());
        }
        return builder;
    }

    private void writeInput(Process process) {
        try (OutputStream stdin = process.getOutputStream()) {
            stdin.write(input);
        } catch (IOException closed) {
            // A program may end without reading its input; what it says and returns is judged, not this.
            witness.accept(new Finished(words, -1, new byte[0], new byte[0], Duration.ZERO));
        }
    }

    private static byte[] readAll(InputStream stream) {
        try (stream) {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
