package dev.latchkey.agent.config;

import dev.latchkey.agent.yaml.Problem;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is wrong with a configuration, for people and for programs. */
public final class ConfigReport {
    private ConfigReport() {}

    /** As {@code agent config check} prints them: {@code agent: FILE:LINE:COLUMN: MESSAGE}, then its hint on a line of its own, for each problem; empty if there are none. */
    public static String text(String file, List<Problem> problems) {
        StringBuilder text = new StringBuilder();
        for (Problem problem : problems) {
            text.append("agent: ").append(problem.text(file)).append('\n');
            problem.hint().ifPresent(hint -> text.append("hint: ").append(hint).append('\n'));
        }
        return text.toString();
    }

    /** One object {@code {file, valid, problems: [{line, column, message, hint}]}}; a whole file's problem has neither line nor column. */
    public static String json(String file, List<Problem> problems) {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("file", file);
        report.put("valid", problems.isEmpty());
        report.put("problems", problems.stream().map(ConfigReport::object).toList());
        return Json.write(report);
    }

    private static Map<String, Object> object(Problem problem) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("line", Optional.of(problem.line()).filter(line -> line > 0));
        object.put("column", Optional.of(problem.column()).filter(column -> column > 0));
        object.put("message", problem.message());
        object.put("hint", problem.hint());
        return object;
    }
}
