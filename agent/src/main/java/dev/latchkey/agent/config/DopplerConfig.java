package dev.latchkey.agent.config;

import java.util.Optional;

/**
 * One config of Doppler.
 *
 * @param address of the API
 * @param project absent: the token belongs to one
 * @param config absent: the token belongs to one
 * @param token SECURITY: a credential
 */
public record DopplerConfig(String address, Optional<String> project, Optional<String> config, String token) {
    @Override
    public String toString() {
        return "doppler " + project.orElse("") + "/" + config.orElse("");
    }
}
