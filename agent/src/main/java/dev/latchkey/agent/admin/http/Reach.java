package dev.latchkey.agent.admin.http;

import dev.latchkey.agent.admin.Access;
import dev.latchkey.agent.admin.Role;
import dev.latchkey.agent.admin.RoleGrant;
import dev.latchkey.agent.socket.SocketPlace;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;

/** Whom the file system lets connect: no more than those that have a role, as far as owner, group and mode can say it. */
public sealed interface Reach {
    /** Mode 0600: the agent's own user, and root. */
    record Owner() implements Reach {}

    /** Mode 0660: one group besides. */
    record Group(long gid) implements Reach {}

    /** Mode 0666: several groups, or other users, which a mode cannot tell apart. The check at accept does. */
    record Everyone() implements Reach {}

    /** The socket's place with this reach. A group that cannot be given makes it reach everyone, for the check at accept to sort out. */
    default SocketPlace at(Path path) {
        return switch (this) {
            case Owner() -> place(path, "rw-------", Optional.empty(), Optional.empty());
            case Group(long gid) -> place(path, "rw-rw----", Optional.of(gid), Optional.of("rw-rw-rw-"));
            case Everyone() -> place(path, "rw-rw-rw-", Optional.empty(), Optional.empty());
        };
    }

    private static SocketPlace place(Path path, String mode, Optional<Long> gid, Optional<String> withoutGroup) {
        return new SocketPlace(
                path.toAbsolutePath(),
                PosixFilePermissions.fromString(mode),
                gid,
                withoutGroup.map(PosixFilePermissions::fromString));
    }

    /** The tightest that lets everyone connect whom the access gives a role. */
    static Reach of(Access access) {
        List<RoleGrant> others = access.grants().stream()
                .filter(grant -> grant.role() != Role.NONE && !isAdminAnyway(grant, access))
                .toList();
        List<Long> groups = others.stream()
                .flatMap(grant -> grant instanceof RoleGrant.ToGroup(long gid, Role _)
                        ? java.util.stream.Stream.of(gid)
                        : java.util.stream.Stream.empty())
                .distinct()
                .toList();
        if (others.isEmpty()) {
            return new Owner();
        }
        boolean onlyGroups = others.stream().allMatch(RoleGrant.ToGroup.class::isInstance);
        return onlyGroups && groups.size() == 1 ? new Group(groups.getFirst()) : new Everyone();
    }

    private static boolean isAdminAnyway(RoleGrant grant, Access access) {
        return grant instanceof RoleGrant.ToUser(long uid, Role _) && (uid == 0 || uid == access.agentUid());
    }
}
