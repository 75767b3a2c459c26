package dev.latchkey.agent.store;

import dev.latchkey.agent.failure.IoReason;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.util.LibraryLoaderUtil;

/**
 * Where SQLite's native library comes from. The distribution names a folder; without one the driver would unpack its library into the shared
 * temporary folder under a name and a mode of its own, so we unpack it into the state folder instead.
 */
final class SqliteLibrary {
    private static final String FOLDER_PROPERTY = "org.sqlite.lib.path";

    private SqliteLibrary() {}

    static synchronized void prepare(StateFolder state) {
        if (System.getProperty(FOLDER_PROPERTY) != null) {
            return;
        }
        String name = LibraryLoaderUtil.getNativeLibName();
        Path library = state.resolve(name);
        try {
            unpack(LibraryLoaderUtil.getNativeLibResourcePath() + "/" + name, library);
        } catch (IOException e) {
            throw Unusable.state(
                    "SQLite's library cannot be unpacked to " + library + ": " + IoReason.of(e),
                    "start the agent by bin/agent of the distribution",
                    e);
        }
        System.setProperty(FOLDER_PROPERTY, state.path().toString());
    }

    /** Replaces whatever an earlier start left there, so that what is loaded is what was shipped. */
    private static void unpack(String resource, Path library) throws IOException {
        Path fresh = library.resolveSibling(library.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        try (InputStream in = SQLiteJDBCLoader.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new FileNotFoundException("there is none for this kind of machine");
            }
            Files.createFile(fresh, StateFolder.ownerOnly());
            try (var out = Files.newByteChannel(fresh, Set.of(StandardOpenOption.WRITE))) {
                out.write(ByteBuffer.wrap(in.readAllBytes()));
            }
        }
        Files.move(fresh, library, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
