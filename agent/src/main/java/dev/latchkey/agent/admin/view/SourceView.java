package dev.latchkey.agent.admin.view;

import java.util.Optional;

/**
 * One secret that a provider has.
 *
 * @param path as a reference has it once it is decoded
 * @param field one of its fields; absent: all of it
 * @param problem why it cannot be looked into; absent: it can
 */
public record SourceView(String path, Optional<String> field, Optional<String> problem) {}
