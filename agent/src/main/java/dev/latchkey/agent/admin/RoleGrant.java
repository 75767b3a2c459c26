package dev.latchkey.agent.admin;

/** One entry of the configuration's {@code admin.roles}. */
public sealed interface RoleGrant {
    Role role();

    /** To one user. */
    record ToUser(long uid, Role role) implements RoleGrant {}

    /** To everyone whose group or supplementary groups include this one. */
    record ToGroup(long gid, Role role) implements RoleGrant {}
}
