package dev.latchkey.agent.admin.view;

import java.util.Optional;

/**
 * One secret that a provider has.
 *
 * @param path as a reference has it once it is decoded
 * @param field one of its fields; absent: all of it
 * @param problem why it cannot be looked into; absent: it can
 * @param leftOut why it is not to be had, as {@code disabled in azure}, and is left out of an import; absent: it is
 */
public record SourceView(String path, Optional<String> field, Optional<String> problem, Optional<String> leftOut) {}
