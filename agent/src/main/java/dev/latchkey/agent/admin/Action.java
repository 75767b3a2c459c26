package dev.latchkey.agent.admin;

import java.util.Locale;

/** Every admin command, as the audit log names it, and the lowest role that may give it. */
public enum Action {
    CONNECT(Role.VIEWER),
    SECRET_LIST(Role.VIEWER),
    SECRET_SHOW(Role.VIEWER),
    SECRET_VERSIONS(Role.VIEWER),
    SECRET_PUT(Role.EDITOR),
    SECRET_IMPORT(Role.EDITOR),
    /** What importing would do. It tells whether a value is the current one, as storing it would. */
    SECRET_IMPORT_CHECK(Role.EDITOR),
    SECRET_SET(Role.EDITOR),
    SECRET_ROTATE(Role.EDITOR),
    SECRET_ROLLBACK(Role.EDITOR),
    SECRET_DELETE(Role.EDITOR),
    SECRET_RESTORE(Role.EDITOR),
    SECRET_DISABLE(Role.EDITOR),
    SECRET_ENABLE(Role.EDITOR),
    SECRET_PURGE(Role.ADMIN),
    /** Asks for the one role that {@code admin.reveal} names besides. */
    SECRET_REVEAL(Role.VIEWER),
    PROVIDER_LIST(Role.ADMIN),
    PROVIDER_IMPORT(Role.ADMIN),
    PROVIDER_IMPORT_CHECK(Role.ADMIN),
    PROJECT_LIST(Role.VIEWER),
    PROJECT_CREATE(Role.ADMIN),
    PROJECT_DELETE(Role.ADMIN),
    ENVIRONMENT_LIST(Role.VIEWER),
    ENVIRONMENT_CREATE(Role.ADMIN),
    ENVIRONMENT_DELETE(Role.ADMIN),
    CONSUMERS_LIST(Role.VIEWER),
    CONSUMERS_SIGNAL(Role.EDITOR),
    EXPLAIN(Role.VIEWER),
    REFRESH(Role.EDITOR),
    AUDIT_HEAD(Role.VIEWER),
    AUDIT_TAIL(Role.VIEWER),
    AUDIT_QUERY(Role.VIEWER),
    KEY_STATUS(Role.VIEWER),
    KEY_ROTATE(Role.ADMIN),
    KEY_EXPORT(Role.ADMIN),
    BACKUP(Role.ADMIN),
    RESTORE(Role.ADMIN),
    STORE_VERIFY(Role.ADMIN);

    private final Role least;

    Action(Role least) {
        this.least = least;
    }

    Role least() {
        return least;
    }

    /** As the command is typed: {@code secret put}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
