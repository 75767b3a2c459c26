package dev.latchkey.agent;

import dev.latchkey.agent.admin.Access;
import dev.latchkey.agent.admin.Role;
import dev.latchkey.agent.admin.RoleGrant;
import dev.latchkey.agent.audit.AuditSettings;
import dev.latchkey.agent.config.AdminConfig;
import dev.latchkey.agent.config.AuditConfig;
import dev.latchkey.agent.config.RunPlaces;
import dev.latchkey.agent.config.SocketConfig;
import dev.latchkey.agent.server.Listener;
import dev.latchkey.agent.workload.Entrance;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** From what the configuration says to what each part takes, so that no part has to know the configuration. */
final class Translation {
    private Translation() {}

    static Access access(AdminConfig admin, long agentUid) {
        List<RoleGrant> grants = admin.roles().stream().map(Translation::grant).toList();
        Set<Role> reveal = admin.reveal().stream().map(Translation::role).collect(Collectors.toSet());
        return new Access(agentUid, grants, reveal);
    }

    private static RoleGrant grant(AdminConfig.Grant grant) {
        Role role = role(grant.role());
        return grant.uid()
                .<RoleGrant>map(uid -> new RoleGrant.ToUser(uid, role))
                .orElseGet(() -> new RoleGrant.ToGroup(grant.gid().orElseThrow(), role));
    }

    private static Role role(AdminConfig.Role role) {
        return switch (role) {
            case ADMIN -> Role.ADMIN;
            case EDITOR -> Role.EDITOR;
            case VIEWER -> Role.VIEWER;
        };
    }

    static AuditSettings audit(AuditConfig audit, RunPlaces places) {
        AuditSettings.Durability durability = switch (audit.durability()) {
            case WRITE -> AuditSettings.Durability.WRITE;
            case FSYNC -> AuditSettings.Durability.FSYNC;
        };
        return new AuditSettings(places.inState(audit.path()), durability, audit.rotateBytes(), audit.keep());
    }

    static Listener listener(SocketConfig socket) {
        Entrance entrance = new Entrance(socket.name(), socket.pidRequired(), socket.launcherGroup());
        return new Listener(entrance, socket.path(), permissions(socket.mode()), socket.gid());
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        StringBuilder letters = new StringBuilder("rwxrwxrwx");
        for (int bit = 0; bit < letters.length(); bit++) {
            if ((mode >> (letters.length() - 1 - bit) & 1) == 0) {
                letters.setCharAt(bit, '-');
            }
        }
        return PosixFilePermissions.fromString(letters.toString());
    }
}
