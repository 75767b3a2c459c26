package dev.latchkey.agent.workload;

import java.nio.file.Path;

/** Port: what the kernel tells of a caller's process besides its credentials. Each answer is read anew and may block on the file system. */
public interface ProcessFacts {
    /**
     * Whether it is the launcher: the group that the socket wants it had from its executable alone when it connected, and it gave the group up. Known only
     * if so, as that group; absent, with the reason, if it is somebody else.
     */
    Attested<Long> launcher();

    Attested<ControlGroup> controlGroup();

    /** Whether it runs that very file: device and inode are those that the path has for us. */
    Attested<Boolean> runs(Path file);

    Attested<Sha256> executableHash();
}
