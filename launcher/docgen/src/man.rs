//! The man page.

use latchkey_launcher::flags::{self, Flag};
use latchkey_launcher::help;

const INTRODUCTION: &str = "\
.SH DESCRIPTION
.B launcher
asks the agent for the secrets that are bound to variables, and replaces itself with COMMAND: same process, terminal, signals and
exit status. If one binding fails nothing runs, and every failing binding is named. Without any binding nothing is asked.
.PP
Options end at the first word that is not one, or at
.BR \\-\\- .
A value follows as the next word or after \"=\"; names cannot be abbreviated. Of an option that is given more than once the last counts,
except for those that can be repeated.
.PP
A COMMAND without \"/\" is searched in the PATH that it will see; without one in /usr/local/bin:/usr/bin:/bin. No shell is tried.
.PP
Layers, weakest first: inherited variables;
.BR \\-\\-all \" and \" \\-\\-all\\-from ;
the defaults of a pipeline; manifests
.RB ( \\-\\-bindings );
.BR \\-\\-env\\-file \" and \" \\-\\-from\\-env ;
the command line. A target in a stronger layer replaces the same in a weaker one; twice in one layer is an error.
.PP
The names that were delivered, never their values, are in the variable LATCHKEY_BOUND of the command, with commas between them; those of
an outer launcher that pass on are among them.
.PP
A launcher that
.B agent install\\-launcher
gave a group of its own asks at /run/latchkey/proof/agent.sock, or at /run/latchkey/agent.sock where that is not there, and nowhere else. It ignores
variables that stand in for options, passes on none that change how programs run, and runs only binaries that its user can neither write
nor replace: so an agent can believe which command it becomes.
";

/// The page in roff.
pub(crate) fn page() -> String {
    let head = format!(
        ".TH LAUNCHER 1 \"\" \"latchkey {}\" \"User Commands\"\n.SH NAME\nlauncher \\- run a command with its secrets\n\
         .SH SYNOPSIS\n.B launcher\n[OPTION...] [\\-\\-] COMMAND [ARG...]\n",
        help::VERSION
    );
    let flags: String = flags::listed().map(describe).collect();
    let status = |(status, meaning)| format!(".TP\n.B {}\n{}\n", escaped(status), escaped(meaning));
    let statuses: String = help::STATUSES.into_iter().map(status).collect();
    let order = "They are checked in this order: usage, the command, the agent, its answer, set-up, execution.";
    format!("{head}{INTRODUCTION}.SH OPTIONS\n{flags}.SH EXIT STATUS\n{statuses}.PP\n{order}\n")
}

fn describe(flag: &Flag) -> String {
    let short = flag.short.map_or(String::new(), |short| format!("\\-{}, ", char::from(short)));
    let value = flag.value.map_or(String::new(), |value| format!(" \\fI{}\\fR", escaped(value)));
    let details = if flag.details.is_empty() { String::new() } else { escaped(flag.details) + "\n" };
    let variable = |name| format!("The variable {} stands in for it.\n", escaped(name));
    let variable = flag.variable.map_or(String::new(), variable);
    let (long, summary) = (escaped(flag.long), escaped(flag.summary));
    let stop = if summary.ends_with('.') { "" } else { "." };
    format!(".TP\n.B {short}\\-\\-{long}{value}\n{summary}{stop}\n{details}{variable}")
}

fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '\\' => escaped.push_str("\\e"),
            '-' => escaped.push_str("\\-"),
            '\'' => escaped.push_str("\\(aq"),
            // A point at the beginning of a line would be a request.
            '.' if escaped.is_empty() => escaped.push_str("\\&."),
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn describes_every_listed_flag_and_no_other() {
        let page = page();
        for flag in flags::FLAGS {
            let named = page.contains(&format!("\\-\\-{}\n", escaped(flag.long)))
                || page.contains(&format!("\\-\\-{} \\fI", escaped(flag.long)));
            assert_eq!(named, flags::listed().any(|listed| listed.long == flag.long), "{}", flag.long);
        }
    }
}
