package dev.latchkey.agent.workload.linux;

import dev.latchkey.agent.sys.SocketCalls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A pidfd by number, for kernels before 6.5. The process must have started before now, and be the same before and after the
 * pidfd was opened. Times are in clock ticks since boot, 100 a second.
 */
final class WeakPin {
    private static final int TICKS_PER_SECOND = 100;
    /** Of the fields of {@code /proc/PID/stat} behind the command's name, the one of the start time. */
    private static final int START = 19;

    private WeakPin() {}

    static int open(int pid) {
        long now = uptime();
        long before = started(pid);
        int pidfd = SocketCalls.openPidfd(pid);
        if (before <= now && before == started(pid) && SocketCalls.isAlive(pidfd)) {
            return pidfd;
        }
        SocketCalls.close(pidfd);
        throw LinuxAttestor.unknown("the caller ended while it was being attested");
    }

    private static long started(int pid) {
        String stat = read(Path.of("/proc", Integer.toString(pid), "stat"));
        // The name is in parentheses and may hold anything, parentheses too.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Long.parseLong(fields[START]);
    }

    private static long uptime() {
        String seconds = read(Path.of("/proc/uptime")).split(" ", -1)[0];
        return (long) (Double.parseDouble(seconds) * TICKS_PER_SECOND);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw LinuxAttestor.unknown("the caller ended while it was being attested");
        }
    }
}
