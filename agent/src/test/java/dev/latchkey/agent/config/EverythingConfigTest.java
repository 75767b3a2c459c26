package dev.latchkey.agent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The configuration that shows every capability, those to come included: it is refused for exactly these. */
class EverythingConfigTest {
    private static final String SAMPLE = """
            project: analytics            # for names without one
            environment: production
            sockets:
              - {name: main, path: /run/latchkey/agent.sock, mode: "0660", group: workloads}
              - {name: web, path: /run/latchkey/web/agent.sock, mode: "0660", group: web, pid: any}   # pid: required (default) | any
            providers:
              store: {type: store, naming: any, key: [{type: aws-kms, key-id: "arn:…:key/mrk-…", regions: [eu-west-1, eu-central-1]}, {type: file, path: /safe/kek}]}
              vault: {type: vault, address: "https://vault.example.com:8200", mount: secret, path: apps, layout: plain, auth: {method: kubernetes, role: web}}
              aws: {type: aws-secrets-manager, regions: [eu-west-1, eu-central-1]}
              ssm: {type: aws-parameter-store, regions: [eu-west-1]}
              azure: {type: azure-key-vault, url: "https://example.vault.azure.net"}
              doppler: {type: doppler, project: web, config: prd, token: "${file:/run/creds/doppler}"}
              bruin: {type: bruin-file, path: .bruin.yml, environment: default}
              files: {type: file, root: /run/creds, mode: private}
            default-provider: store
            cache: {ttl: 5m, stale-if-error: 1h, negative-ttl: 10s}
            workloads:                    # first match wins; nothing matches: denied
              - name: flow
                match: {listener: main, uid: 1000, gid: 1000, groups: [workers]}
                allow: ["store:analytics/production/*", "vault:web"]
                deny: ["store:*/production/root-*"]
                inject-all: ["analytics/production/*"]
                scopes: [service]
                limits: {rate: 100/s, concurrent: 50}
              - name: work
                match: {uid: 1001, command: /usr/bin/python3, args: any, command-sha256: "…"}
                allow: ["store:analytics/production/work-*"]
            admin: {socket: /run/latchkey-admin/admin.sock, http: "127.0.0.1:7340", reveal: none, roles: [{uid: 0, role: admin}, {group: ops, role: editor}, {group: dev, role: viewer}]}
            audit: {path: audit.log, durability: write, rotate: 100MiB, keep: 400d}     # write: survives the agent's crash; fsync: the machine's too, group commit
            telemetry: {prometheus: "127.0.0.1:7341"}
            health: {http: "0.0.0.0:7342"}                  # only /ready and /live, for probes that have no exec
            credentials: {socket: /run/latchkey/credentials.sock, units: {backup.service: {db-password: "vault:backup#password"}}}
            log: {level: info, format: logfmt}
            """;

    @Test
    void isRefusedForWhatIsNotAvailableYetAndForNothingElse() {
        List<String> expected = Stream.of("28:49: admin.http", "30:1: telemetry", "32:1: credentials")
                .map(what -> what + " is not available yet (" + Later.HINT + ")")
                .toList();

        assertEquals(
                expected,
                Fixture.problems(SAMPLE.replace("…\"}", "ab".repeat(32) + "\"}")
                        .replace("${file:/run/creds/doppler}", "dp.st.x")));
    }
}
