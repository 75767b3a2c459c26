package dev.latchkey.agent.admin.view;

/** JSON that is passed on as it is. {@link RecordJson} skips it when it reads. */
public record RawJson(String text) {
    static final RawJson SKIPPED = new RawJson("null");
}
