//! Writes `launcher.1`, `launcher.bash`, `_launcher` (zsh) and `launcher.fish` to the folder that its argument names. All are made of
//! the launcher's table of flags, so they list exactly what it understands.

mod completions;
mod man;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};

fn main() -> ExitCode {
    let Some(folder) = env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("docgen: usage: docgen FOLDER");
        return ExitCode::from(2);
    };
    match write(&folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("docgen: {}: {error}", folder.display());
            ExitCode::FAILURE
        }
    }
}

fn write(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join("launcher.1"), man::page())?;
    fs::write(folder.join("launcher.bash"), completions::bash())?;
    fs::write(folder.join("_launcher"), completions::zsh())?;
    fs::write(folder.join("launcher.fish"), completions::fish())
}
