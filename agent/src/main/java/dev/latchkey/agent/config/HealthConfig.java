package dev.latchkey.agent.config;

import java.util.Optional;

/**
 * The health address, which has only {@code /ready} and {@code /live}.
 *
 * @param http absent: there is none
 */
public record HealthConfig(Optional<Address> http) {}
