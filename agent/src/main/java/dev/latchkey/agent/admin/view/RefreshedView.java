package dev.latchkey.agent.admin.view;

/**
 * What fetching a secret again gave.
 *
 * @param location {@code provider:path}
 * @param version in the provider's own form
 */
public record RefreshedView(String location, String version) {}
