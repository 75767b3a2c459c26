//! Completions for bash, zsh and fish. After the options, each completes the command as if it stood alone.

use latchkey_launcher::flags::{self, Completion, Flag};

/// For bash.
pub(crate) fn bash() -> String {
    let names: Vec<String> = flags::listed().flat_map(names).collect();
    let cases: String = flags::listed().filter(|flag| flag.value.is_some()).map(bash_case).collect();
    let with_value: Vec<String> =
        flags::listed().filter(|flag| flag.value.is_some()).map(|flag| format!("--{}", flag.long)).collect();
    format!(
        "# bash completion for launcher\n\
         _launcher() {{\n\
         \x20   local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} i\n\
         \x20   for ((i = 1; i < COMP_CWORD; i++)); do\n\
         \x20       case ${{COMP_WORDS[i]}} in\n\
         \x20           {}) ((i++)); [[ ${{COMP_WORDS[i]}} == = ]] && ((i++)) ;;\n\
         \x20           --) ((i++)); break ;;\n\
         \x20           -*) ;;\n\
         \x20           *) break ;;\n\
         \x20       esac\n\
         \x20   done\n\
         \x20   if ((i < COMP_CWORD)) || [[ $i == \"$COMP_CWORD\" && $word != -* ]]; then\n\
         \x20       if declare -F _command_offset >/dev/null; then _command_offset \"$i\"; else COMPREPLY=($(compgen -c -f -- \"$word\")); fi\n\
         \x20       return\n\
         \x20   fi\n\
         \x20   case $before in\n\
         {cases}\
         \x20       *) COMPREPLY=($(compgen -W '{}' -- \"$word\")) ;;\n\
         \x20   esac\n\
         }}\n\
         complete -F _launcher launcher\n",
        with_value.join("|"),
        names.join(" ")
    )
}

fn bash_case(flag: &'static Flag) -> String {
    let words = match flag.completion {
        Completion::Nothing => return format!("        --{}) COMPREPLY=() ;;\n", flag.long),
        Completion::Words(words) => format!("-W '{}'", words.join(" ")),
        Completion::File => "-f".into(),
        Completion::User => "-u".into(),
    };
    format!("        --{}) COMPREPLY=($(compgen {words} -- \"$word\")) ;;\n", flag.long)
}

/// For zsh.
pub(crate) fn zsh() -> String {
    let lines: String = flags::listed().map(zsh_line).collect();
    format!(
        "#compdef launcher\n_arguments -S -s \\\n{lines}    '(-)1:command:_command_names -e' \\\n    '*::argument:_normal'\n"
    )
}

fn zsh_line(flag: &'static Flag) -> String {
    let summary = flag.summary.replace('\'', "'\\''").replace('[', "\\[").replace(']', "\\]").replace(':', "\\:");
    let value = flag.value.map_or(String::new(), |value| {
        let action = match flag.completion {
            Completion::Nothing => String::from(" "),
            Completion::Words(words) => format!("({})", words.join(" ")),
            Completion::File => "_files".into(),
            Completion::User => "_users".into(),
        };
        format!(":{}:{action}", value.replace(':', "\\:").replace('[', "\\[").replace(']', "\\]"))
    });
    let equals = if flag.value.is_some() { "=" } else { "" };
    let repeated = if flag.summary.contains("(repeatable)") { "*" } else { "" };
    let long = format!("    '{repeated}--{}{equals}[{summary}]{value}' \\\n", flag.long);
    match flag.short {
        Some(short) => format!("    '-{}[{summary}]' \\\n{long}", char::from(short)),
        None => long,
    }
}

/// For fish.
pub(crate) fn fish() -> String {
    let lines: String = flags::listed().map(fish_line).collect();
    format!("# fish completion for launcher\ncomplete -c launcher -f -a '(__fish_complete_subcommand)'\n{lines}")
}

fn fish_line(flag: &'static Flag) -> String {
    let short = flag.short.map_or(String::new(), |short| format!(" -s {}", char::from(short)));
    let value = match (flag.value, flag.completion) {
        (None, _) => String::new(),
        (_, Completion::Nothing) => " -x".into(),
        (_, Completion::Words(words)) => format!(" -x -a '{}'", words.join(" ")),
        (_, Completion::File) => " -r -F".into(),
        (_, Completion::User) => " -x -a '(__fish_complete_users)'".into(),
    };
    let summary = flag.summary.replace('\\', "\\\\").replace('\'', "\\'");
    format!("complete -c launcher{short} -l {}{value} -d '{summary}'\n", flag.long)
}

fn names(flag: &Flag) -> Vec<String> {
    let short = flag.short.map(|short| format!("-{}", char::from(short)));
    short.into_iter().chain([format!("--{}", flag.long)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn complete_every_listed_flag_and_no_other() {
        for flag in flags::FLAGS {
            let listed = flags::listed().any(|listed| listed.long == flag.long);
            let (bash, zsh, fish) = (bash(), zsh(), fish());
            assert_eq!(
                bash.contains(&format!("--{} ", flag.long)) || bash.contains(&format!("--{}'", flag.long)),
                listed
            );
            assert_eq!(
                zsh.contains(&format!("--{}[", flag.long)) || zsh.contains(&format!("--{}=", flag.long)),
                listed
            );
            assert_eq!(fish.contains(&format!("-l {} ", flag.long)), listed, "{}", flag.long);
        }
    }

    #[test]
    fn works_in_bash() {
        let complete = |words: &str, word: usize| {
            let script =
                format!("{}\nCOMP_WORDS=({words}); COMP_CWORD={word}; _launcher; echo ${{COMPREPLY[*]}}", bash());
            let output = Command::new("bash").args(["-c", &script]).output();
            output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_string()).unwrap_or_default()
        };
        assert_eq!(complete("launcher --sec", 1), "--secret --secret-file --secrets-backend --secret-dir");
        assert_eq!(complete("launcher --secret A=b --inherit n", 4), "none");
        assert_eq!(complete("launcher -v --format j", 3), "json");
    }
}
