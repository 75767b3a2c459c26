package dev.latchkey.agent.failure;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;

/** The words for why a file could not be used, as they may stand in a message that names the file already. */
public final class IoReason {
    private IoReason() {}

    public static String of(IOException failure) {
        return switch (failure) {
            case AccessDeniedException _ -> "permission denied";
            case NoSuchFileException _ -> "it does not exist";
            case FileAlreadyExistsException _ -> "it exists already";
            case FileSystemException e when e.getReason() != null -> lowerFirst(e.getReason());
            case FileSystemException _ -> "the file system refuses";
            default -> failure.getMessage() == null ? "input or output failed" : lowerFirst(failure.getMessage());
        };
    }

    private static String lowerFirst(String text) {
        return text.isEmpty() ? text : text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1);
    }
}
