package dev.latchkey.agent;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import dev.latchkey.agent.json.JsonDocument;
import dev.latchkey.agent.json.JsonPart;
import dev.latchkey.agent.secret.SecretValue;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Arrows between packages run downward only, and this is all of them. A package that does not stand here fails the build. */
class ArchitectureTest {
    private static final String ROOT = "dev.latchkey.agent";
    private static final String ANY = "*";

    private static final JavaClasses AGENT = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT);

    /** What each package may use besides itself and the JDK: our own packages by name, libraries by the beginning of theirs. */
    private static final Map<String, Set<String>> MAY_USE = new LinkedHashMap<>();

    static {
        allow("", ANY);
        allow("failure");
        allow("telemetry", "org.slf4j");
        allow("health");
        allow("sys");
        allow("socket", "telemetry", "failure", "io.netty");
        allow("secret", "failure");
        allow("reference", "secret", "failure");
        allow("yaml", "tools.jackson", "org.snakeyaml");
        allow("manifest", "yaml", "reference", "secret", "failure");
        allow("workload", "failure");
        allow("workload.linux", "workload", "sys", "failure");
        allow("install", "failure");
        allow("memory", "sys", "failure");
        allow("audit", "workload", "failure", "health", "telemetry", "tools.jackson");
        allow("policy", "secret", "workload", "failure");
        allow("json", "secret", "failure");
        allow("imports", "json", "secret", "failure");
        allow(
                "injection",
                "json",
                "manifest",
                "yaml",
                "secret",
                "reference",
                "workload",
                "policy",
                "audit",
                "memory",
                "failure");
        allow("cache", "secret", "crypto", "failure");
        allow("consumers", "secret", "workload", "sys", "failure");
        allow("crypto", "secret", "memory", "sys", "failure");
        allow("crypto.*", "crypto", "secret", "failure", "backend.*", "json");
        allow("store", "secret", "crypto", "memory", "sys", "failure", "org.sqlite");
        allow("provider.*", "secret", "config", "failure", "backend.*", "json", "tools.jackson");
        allow("provider.documents", "secret", "config", "failure", "backend.*", "json", "yaml", "reference");
        allow("backend.*", "backend.http", "config", "json", "secret", "sys", "failure");
        allow("backend.http", "failure");
        allow("backend.aws", "config", "json", "secret", "failure");
        allow("backend.aws.sdk", "backend.aws", "backend.http", "config", "failure", "software.amazon.awssdk");
        allow(
                "config",
                "yaml",
                "secret",
                "workload",
                "policy",
                "reference",
                "telemetry",
                "failure",
                "tools.jackson",
                "org.snakeyaml");
        allow(
                "server",
                "dev.latchkey.protocol",
                "injection",
                "consumers",
                "policy",
                "secret",
                "workload",
                "memory",
                "audit",
                "health",
                "socket",
                "telemetry",
                "failure",
                "io.netty");
        allow(
                "admin",
                "admin.view",
                "injection",
                "consumers",
                "json",
                "secret",
                "reference",
                "workload",
                "policy",
                "audit",
                "memory",
                "health",
                "telemetry",
                "failure");
        allow(
                "admin.http",
                "admin",
                "admin.view",
                "secret",
                "reference",
                "workload",
                "policy",
                "audit",
                "memory",
                "health",
                "socket",
                "telemetry",
                "failure",
                "io.netty",
                "tools.jackson");
        allow("admin.view", "secret", "audit", "failure", "tools.jackson");
        allow("health.http", "health", "socket", "telemetry", "failure", "io.netty");
        allow(
                "cli",
                "config",
                "imports",
                "yaml",
                "admin",
                "admin.view",
                "secret",
                "audit",
                "policy",
                "failure",
                "picocli",
                "tools.jackson",
                "jdk.net");
    }

    private static void allow(String name, String... others) {
        MAY_USE.put(name, Set.of(others));
    }

    static List<String> packages() {
        return AGENT.stream().map(JavaClass::getPackageName).distinct().sorted().toList();
    }

    @ParameterizedTest
    @MethodSource("packages")
    void usesOnlyWhatItMay(String packageName) {
        rule(packageName, MAY_USE).check(AGENT);
    }

    @Test
    void forbiddenArrowIsFound() {
        Map<String, Set<String>> nothing = Map.of("server", Set.of());
        assertThrows(AssertionError.class, () -> rule(ROOT + ".server", nothing).check(AGENT));
    }

    @Test
    void noArrowsRunInACircle() {
        slices().matching(ROOT + ".(**)")
                .should()
                .beFreeOfCycles()
                .allowEmptyShould(true)
                .check(AGENT);
    }

    @Test
    void auditCannotSeeValues() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + ".audit..")
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(SecretValue.class)
                .check(AGENT);
    }

    /** A collection leaves a copy of an array that it moves: so values of the store go through none. */
    @ParameterizedTest
    @ValueSource(strings = {"", ".injection", ".store", ".provider.store", ".server", ".admin.http", ".memory"})
    void putsNoValueIntoAnArray(String packageName) {
        withoutArrays(packageName).check(AGENT);
    }

    @Test
    void aValueInAnArrayIsFound() {
        assertThrows(AssertionError.class, () -> withoutArrays(".json").check(AGENT));
    }

    private static ArchRule withoutArrays(String packageName) {
        return noClasses()
                .that()
                .resideInAPackage(ROOT + packageName)
                .should()
                .callMethod(SecretValue.class, "leak", Function.class)
                .orShould()
                .callMethod(SecretValue.class, "owning", byte[].class)
                .orShould()
                .callMethod(JsonPart.class, "value")
                .orShould()
                .callMethod(JsonDocument.class, "pick", byte[].class, List.class);
    }

    @Test
    void everyPackageIsInTheTable() {
        Set<String> unknown = packages().stream()
                .map(ArchitectureTest::shortName)
                .filter(name -> !MAY_USE.containsKey(key(name)))
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(Set.of(), unknown);
    }

    private static ArchRule rule(String packageName, Map<String, Set<String>> table) {
        String name = shortName(packageName);
        Set<String> may = table.getOrDefault(key(name), Set.of());
        if (may.contains(ANY)) {
            return classes().should().bePublic().orShould().notBePublic().as(packageName + " may use everything");
        }
        String[] allowed = Stream.concat(
                        Stream.of(packageName, "java..", "javax..", "org.jspecify.."),
                        may.stream().flatMap(ArchitectureTest::patterns))
                .toArray(String[]::new);
        return noClasses()
                .that()
                .resideInAPackage(packageName)
                .should()
                .dependOnClassesThat(resideOutsideOfPackages(allowed))
                .as(packageName + " uses only " + Arrays.toString(allowed))
                .allowEmptyShould(true);
    }

    /** Our own packages exactly, libraries with all that is in them. */
    private static Stream<String> patterns(String name) {
        if (name.contains(".") && !MAY_USE.containsKey(name)) {
            return Stream.of(name + "..");
        }
        return MAY_USE.containsKey(name) ? Stream.of(ROOT + "." + name) : Stream.of(name + "..");
    }

    private static String shortName(String packageName) {
        return packageName.equals(ROOT) ? "" : packageName.substring(ROOT.length() + 1);
    }

    /** {@code provider.vault} stands in the table as {@code provider.*}. */
    private static String key(String name) {
        int dot = name.indexOf('.');
        return MAY_USE.containsKey(name) || dot < 0 ? name : name.substring(0, dot) + ".*";
    }
}
