package dev.latchkey.agent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.latchkey.agent.yaml.Problems;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ConfigRefusalTest {
    private static final String NAMES =
            "a name has 1 to 63 letters, digits, '.', '_' and '-', and begins with a letter or a digit";
    private static final String WRITE_OUT = "write the value out where it is needed";
    private static final String NO_TAG = "leave the tag out: every key knows the type of its value";
    private static final String RULE = "workloads: [{name: r, match: {uid: 1}, allow: [%s]}]";

    @Test
    void tellsEveryProblemAtOnceInTheOrderOfTheFile() {
        String yaml = """
                projct: analytics
                environment: [production]
                sockets:
                  - {name: main, path: run/agent.sock, mode: "0999"}
                  - {name: web, path: /run/web/agent.sock, pid: maybe, colour: red}
                default-provider: stor
                workloads:
                  - name: flow
                    match: {listener: wbe, uid: nobody-here}
                    allow: ["analytics/*", "stroe:**"]
                    limits: {rate: 1/d}
                audit: {keep: 400 days, rotate: 1MB}
                log: {level: trace}
                cache: {ttl: 5 m}
                """;
        assertEquals(
                List.of(
                        "1:1: unknown key 'projct' (did you mean 'project'?)",
                        "2:14: environment must be a name for an environment, not a list",
                        "4:24: sockets[0].path is not an absolute path: 'run/agent.sock' (begin it with '/': the agent may be started in any folder)",
                        "4:46: sockets[0].mode is not a file mode: '0999' (a mode is octal with a leading 0, as in \"0660\")",
                        "5:49: sockets[1].pid is not one of required, any: 'maybe'",
                        "5:56: unknown key 'colour' in sockets[1] (the keys here are name, path, mode, group, pid)",
                        "6:19: default-provider names no provider: 'stor' (did you mean 'store'?)",
                        "9:23: workload 'flow' names no socket: 'wbe' (did you mean 'web'?)",
                        "9:33: workloads[0].match.uid is not a user of this machine: 'nobody-here' (write the number if the machine's own files do not list the name)",
                        "10:13: workloads[0].allow[0] is not a pattern PROVIDER:PATH: 'analytics/*' (name the provider, as in \"store:analytics/production/*\"; '*' stops at '/', '**' does not)",
                        "10:28: the pattern 'stroe:**' names no provider (did you mean 'store'?)",
                        "11:20: workloads[0].limits.rate is not a rate: '1/d' (a rate is N/s, N/m or N/h, as in 100/s)",
                        "12:15: audit.keep is not a duration: '400 days' (a duration is 0, or one integer with ms, s, m, h or d, as in 30s)",
                        "12:33: audit.rotate is not a size: '1MB' (a size is 0, or one integer with B, KiB, MiB or GiB, as in 64KiB)",
                        "13:14: log.level is not one of error, warn, info, debug: 'trace'",
                        "14:14: cache.ttl is not a duration: '5 m' (a duration is 0, or one integer with ms, s, m, h or d, as in 30s)"),
                Fixture.problems(yaml));
    }

    @ParameterizedTest
    @MethodSource({"forms", "sockets", "providers", "rules", "others"})
    void refuses(String yaml, List<String> expected) {
        assertEquals(expected, Fixture.problems(yaml));
    }

    static Stream<Arguments> forms() {
        return Stream.of(
                one("- a\n", "1:1: the file must be a mapping, not a list"),
                one("text\n", "1:1: the file must be a mapping, not a single value"),
                one("project:\n", "1:9: project has no value (leave the key out to have its default)"),
                one("project: null\n", "1:10: project has no value (leave the key out to have its default)"),
                one("workloads:\n", "1:11: workloads has no value (leave the key out to have its default)"),
                one(
                        "providers: {store: {type: store}, f: {type: file, root: }}\n",
                        "1:56: providers.f.root has no value (it must be a path)"),
                one(
                        "workloads: [{name: w, match: , allow: []}]\n",
                        "1:29: workloads[0].match has no value (it must be a mapping)"),
                one("workloads:\n- \n", "2:2: workloads[0] has no value (it must be a mapping)"),
                one("providers: {store: }\n", "1:19: providers.store has no value (it must be a mapping with a type)"),
                one(
                        "admin: {roles: [{uid: 0, role: }]}\n",
                        "1:31: admin.roles[0].role has no value (it must be one of admin, editor, viewer)"),
                one(
                        "providers: {store: {type: store, key: {type: []}}}\n",
                        "1:46: providers.store.key.type must be one of file, vault-transit, aws-kms, azure-key-vault, not a list"),
                one("log: debug\n", "1:6: log must be a mapping, not a single value"),
                one("log: {Level: info}\n", "1:7: unknown key 'Level' in log (did you mean 'level'?)"),
                one(
                        "default_provider: store\n",
                        "1:1: unknown key 'default_provider' (did you mean 'default-provider'?)"),
                one("project: a\nproject: b\n", "2:1: duplicate key 'project' (it stands in line 1 already)"),
                one(
                        "project: a\n---\nproject: b\n",
                        "3:1: a second document begins here (a configuration is one document: remove the '---' line)"),
                one("project: &p a\n", "1:10: anchors are not allowed (" + WRITE_OUT + ")"),
                many(
                        "project: &p a\nenvironment: *p\n",
                        "1:10: anchors are not allowed (" + WRITE_OUT + ")",
                        "2:14: aliases are not allowed (" + WRITE_OUT + ")"),
                one("&root\nproject: a\n", "1:1: anchors are not allowed (" + WRITE_OUT + ")"),
                one("&k project: a\n", "1:1: anchors are not allowed (" + WRITE_OUT + ")"),
                one("project: !!str a\n", "1:10: tags are not allowed (" + NO_TAG + ")"),
                one("!!java.io.File project: a\n", "1:1: tags are not allowed (" + NO_TAG + ")"),
                one("log: !!java.net.URL {}\n", "1:6: tags are not allowed (" + NO_TAG + ")"),
                one("? [a]\n: b\n", "1:4: a key must be a single plain value"),
                one(
                        "log: {level: info\n",
                        "2:1: not valid YAML: expected ',' or '}', but got the end of the file (look for a quote, bracket or brace that is not closed, here or above)"),
                one(
                        "a: b: c\n",
                        "1:5: not valid YAML: mapping values are not allowed here (one key to a line; quote a value that has ': ' in it)"),
                one(
                        "log:\n  level: info\n   format: json\n",
                        "3:10: not valid YAML: mapping values are not allowed here (one key to a line; quote a value that has ': ' in it)"),
                one(
                        "log:\n    level: info\n  format: json\n",
                        "3:3: not valid YAML: this line does not stand in line with those above (indent it by as many blanks as its neighbours; '- ' before each item of a list)"),
                one(
                        "\tproject: a\n",
                        "1:1: not valid YAML: found character '\\t(TAB)' that cannot start any token. (Do not use \\t(TAB) for indentation) (indent with blanks)"),
                one(
                        "project: \"a\u0000\"\n",
                        "0:0: the file has characters that YAML does not allow (remove control characters)"),
                one(
                        "${env:KEY}: a\n",
                        "1:1: unknown key '${env:KEY}' (the keys here are "
                                + String.join(
                                        ", ",
                                        Keys.ROOT.keys().stream().map(Key::name).toList()) + ")"),
                one("project: a b\n", "1:10: project is not a name for a project: 'a b' (" + NAMES + ")"));
    }

    static Stream<Arguments> sockets() {
        String longPath = "/run/" + "x".repeat(103);
        return Stream.of(
                one("sockets: []\n", "1:10: sockets is an empty list (leave the key out to have its default)"),
                one("sockets: [{name: a}]\n", "1:11: sockets[0].path is missing (path is an absolute path)"),
                many(
                        "sockets:\n- {name: a, path: /run/a}\n- {name: a, path: /run/./a}\n",
                        "3:10: the socket name 'a' is taken (it stands in line 2 already)",
                        "3:19: the socket path '/run/a' is taken (it stands in line 2 already)"),
                many(
                        "sockets:\n- {name: a, path: /run/x/a}\n- {name: b, path: /run/y/../x/b}\n- {name: c, path: /run/c}\n",
                        "3:19: the socket '/run/x/b' lies in the folder of another one (give each its own folder, which is what containers mount; the other stands in line 2)"),
                one(
                        "sockets: [{name: a, path: " + longPath + "}]\n",
                        "1:27: the socket's path is over 107 bytes: '" + longPath.substring(0, 80)
                                + "…' (name a shorter path; the kernel has room for no more)"),
                one(
                        "sockets: [{name: a, path: /run/a, group: nogroup}]\n",
                        "1:42: sockets[0].group is not a group of this machine: 'nogroup' (write the number if the machine's own files do not list the name)"),
                one(
                        "sockets: [{name: a, path: /run/a, mode: 660}]\n",
                        "1:41: sockets[0].mode is not a file mode: '660' (a mode is octal with a leading 0, as in \"0660\")"),
                one(
                        "sockets: [{name: a, path: /run/a, mode: \"4660\"}]\n",
                        "1:41: sockets[0].mode is not a file mode: '4660' (a mode is octal with a leading 0, as in \"0660\")"),
                one(
                        "sockets: [{name: a, path: /run/l/agent.sock}]\nadmin: {socket: /run/x/../l/admin.sock}\n",
                        "2:17: the admin socket lies beside the workload socket 'a' (place it in a folder of its own: whoever may enter the one must not enter the other)"));
    }

    static Stream<Arguments> providers() {
        return Stream.of(
                one("providers: {}\n", "1:12: providers has none of type 'store' (add store: {type: store})"),
                one(
                        "providers: {store: {}}\n",
                        "1:20: providers.store.type is missing (the types are "
                                + String.join(", ", ProviderKeys.TYPES.all()) + ")"),
                one(
                        "providers: {store: {type: vualt}}\n",
                        "1:27: providers.store.type is unknown: 'vualt' (did you mean 'vault'?)"),
                one(
                        "providers: {a: {type: store}, b: {type: store}}\n",
                        "1:31: providers.b is a second store (an agent has one store)"),
                many(
                        "providers: {arn: {type: store}, B: {type: store}}\n",
                        "1:13: providers has a key that is not the name of a provider: 'arn' (such a name is [a-z][a-z0-9-]*, but not arn)",
                        "1:33: providers has a key that is not the name of a provider: 'B' (such a name is [a-z][a-z0-9-]*, but not arn)"),
                one(
                        "providers: {store: {type: store, key: []}}\n",
                        "1:39: providers.store.key is an empty list (leave the key out to have its default)"),
                one(
                        "providers: {store: {type: store, key: {type: file}}}\n",
                        "1:39: providers.store.key.path is missing (path is a path)"),
                many(
                        "providers: {store: {type: store, key: [{type: file, path: a}, {type: vault-transit}]}}\n",
                        "1:63: providers.store.key[1].key is missing (key is a name)",
                        "1:63: providers.store.key[1].address is missing (address is an address of a backend, or a list of such)",
                        "1:63: providers.store.key[1].auth is missing (auth is a mapping with a method)"),
                one(
                        "providers: {store: {type: store}, v: {type: vault, auth: {method: token, token: t}, address: [\"https://a\", \"http://b\"]}}\n",
                        "1:94: providers.v.address has addresses with TLS and without (give all of them the same scheme)"),
                many(
                        "providers: {store: {type: store, key: {type: aws-kms}}}\n",
                        "1:39: providers.store.key.key-id is missing (key-id is a key of KMS)",
                        "1:39: providers.store.key.regions is missing (regions is a region of AWS, or a list of such)"),
                many(
                        "providers: {store: {type: store, key: {type: azure-key-vault}}}\n",
                        "1:39: providers.store.key.key is missing (key is a name in a Key Vault)",
                        "1:39: providers.store.key.url is missing (url is an https address)"),
                one(
                        "providers: {store: {type: store, naming: dsn}}\n",
                        "1:42: providers.store.naming is not one of any, dns, posix: 'dsn' (did you mean 'dns'?)"),
                one(
                        "providers: {s: {type: store}}\ndefault-provider: store\n",
                        "2:19: default-provider names no provider: 'store' (the providers are s)"));
    }

    static Stream<Arguments> rules() {
        return Stream.of(
                one(
                        "workloads: [{name: r, match: {}}]\n",
                        "1:30: workload 'r' has an empty match, which would match every caller (name at least one selector besides pin: listener, uid, gid, groups, unit, …)"),
                one("workloads: [{name: r}]\n", "1:13: workloads[0].match is missing (match is a mapping)"),
                one(
                        "workloads: [{name: r, match: {uid: []}}]\n",
                        "1:36: workloads[0].match.uid is an empty list (leave the key out to have its default)"),
                one(
                        "workloads: [{name: r, match: {command: /bin/sh, args: any}}]\n",
                        "1:30: workload 'r' asks for command, args on a socket where no launcher can prove to be one: it is the agent's own user's ('agent install-launcher' makes such a launcher and says which socket it needs)"),
                one(
                        "workloads: [{name: r, match: {uid: 4294967295}}]\n",
                        "1:36: workloads[0].match.uid is not a user of this machine: '4294967295' (write the number if the machine's own files do not list the name)"),
                many(
                        "workloads:\n- {name: r, match: {uid: [1, 2]}}\n- {name: r, match: {uid: 1, gid: 5}}\n",
                        "3:10: the name 'r' is taken by workload 1 (decisions and audit records show the name, so each workload needs its own)",
                        "3:20: workload 'r' is never reached: 'r' before it matches every caller it matches (put the narrower match first)"),
                many(
                        """
                        workloads:
                        - {name: a, match: {uid: 1, uidd: 2}}
                        - {name: b, match: {uid: 1, gid: 5}}
                        - {name: c, match: {}}
                        - {name: d, match: {gid: 5, uid: 1}}
                        colour: blue
                        """,
                        "2:29: unknown key 'uidd' in workloads[0].match (did you mean 'uid'?)",
                        "4:20: workload 'c' has an empty match, which would match every caller (name at least one selector besides pin: listener, uid, gid, groups, unit, …)",
                        "5:20: workload 'd' is never reached: 'b' before it matches every caller it matches (put the narrower match first)",
                        "6:1: unknown key 'colour' (the keys here are project, environment, state, sockets, providers, default-provider, cache, workloads, admin, audit, health, log, telemetry, credentials)"),
                one(
                        "workloads: [{name: r, match: {listener: web}}]\n",
                        "1:41: workload 'r' names no socket: 'web' (the sockets are main)"),
                one(
                        "workloads: [{name: r, match: {uid: 1}, allow: 'store:x'}]\n",
                        "1:47: workloads[0].allow must be a list, not a single value"),
                one(
                        RULE.formatted("'store:a/b'"),
                        "1:48: the pattern 'store:a/b' can match no name (a path in the store is NAME or PROJECT/ENVIRONMENT/NAME; '**' crosses '/')"),
                one(
                        RULE.formatted("'store:a//b'"),
                        "1:48: the pattern 'store:a//b' can match no name (a path in the store is NAME or PROJECT/ENVIRONMENT/NAME; '**' crosses '/')"),
                one(
                        RULE.formatted("'store:a b'"),
                        "1:48: the pattern 'store:a b' can match no name (names in the store have letters, digits, '.', '_' and '-')"),
                one(
                        RULE.formatted("'store:'"),
                        "1:48: workloads[0].allow[0] is not a pattern PROVIDER:PATH: 'store:' (name the provider, as in \"store:analytics/production/*\"; '*' stops at '/', '**' does not)"));
    }

    static Stream<Arguments> others() {
        return Stream.of(
                one(
                        "admin: {socket: admin.sock}\n",
                        "1:17: admin.socket is not an absolute path, or none: 'admin.sock' (begin a path with '/': the agent may be started in any folder)"),
                one(
                        "admin: {roles: [{role: admin}]}\n",
                        "1:17: a role is for a uid or for a group (write exactly one of the two)"),
                one(
                        "admin: {roles: [{uid: 1, group: ops, role: admin}]}\n",
                        "1:17: a role is for a uid or for a group (write exactly one of the two)"),
                one(
                        "admin: {reveal: edtior}\n",
                        "1:17: admin.reveal is not one of none, admin, editor, viewer: 'edtior' (did you mean 'editor'?)"),
                one(
                        "health: {http: localhost:80}\n",
                        "1:16: health.http is not an address to listen on: 'localhost:80' (an address is IP:PORT, as in 127.0.0.1:7342 or [::1]:7342)"),
                one(
                        "health: {http: 127.0.0.1:0}\n",
                        "1:16: health.http is not an address to listen on: '127.0.0.1:0' (an address is IP:PORT, as in 127.0.0.1:7342 or [::1]:7342)"),
                one("telemetry: {prometheus: x}\n", "1:1: telemetry is not available yet (" + Later.HINT + ")"),
                one("credentials: {}\n", "1:1: credentials is not available yet (" + Later.HINT + ")"));
    }

    @Test
    void aBrokenSocketIsNotBlamedOnTheRuleThatNamesIt() {
        assertEquals(
                List.of(
                        "1:33: sockets[0].path is not an absolute path: 'x' (begin it with '/': the agent may be started in any folder)"),
                Fixture.problems(
                        "sockets: [{name: front, path:   x}]\nworkloads: [{name: r, match: {listener: front}}]\n"));
    }

    @Test
    void aSelectorThatCannotBeReadHidesNoRule() {
        assertEquals(
                1,
                Fixture.problems(
                                "workloads:\n- {name: a, match: {listener: main, uid: who}}\n- {name: b, match: {listener: main}}\n")
                        .size());
    }

    @Test
    void showsAHundredProblemsAndSaysThatThereAreMore() {
        List<String> problems = Fixture.problems(unknownKeys(101));

        assertEquals(Problems.MAX + 1, problems.size());
        assertEquals("0:0: further problems are not shown", problems.getLast());
    }

    @Test
    void hintsShowNamesOfTheFileShortenedAndWithoutControlCharacters() {
        String name = "\\e[31m\\n" + "x".repeat(1000);
        List<String> problems = Fixture.problems("sockets: [{name: \"" + name + "\", path: /run/a.sock}]\n"
                + "workloads: [{name: r, match: {listener: web}}]\n");

        assertEquals(
                "2:41: workload 'r' names no socket: 'web' (the sockets are ?[31m?" + "x".repeat(74) + "…)",
                problems.getLast());
    }

    @Test
    void whereAProblemIsNeverNamesAllOfALongKey() {
        String problem =
                Fixture.problems("providers: {" + "p".repeat(1000) + ": 1}").getFirst();

        assertTrue(problem.contains("providers." + "p".repeat(80) + "… must be"), problem);
    }

    private static String unknownKeys(int keys) {
        StringBuilder yaml = new StringBuilder();
        for (int i = 1; i <= keys; i++) {
            yaml.append("k").append(i).append(": 1\n");
        }
        return yaml.toString();
    }

    private static Arguments one(String yaml, String problem) {
        return arguments(yaml, List.of(problem));
    }

    private static Arguments many(String yaml, String... problems) {
        return arguments(yaml, List.of(problems));
    }
}
