//! `acrlint completions` and `acrlint man`: what shells and `man` want to know of the command line.
//!
//! In: the definition of the arguments. Out: a script or a page on standard output, to be put where it belongs. Must not
//! know: what the commands do.

use clap::CommandFactory as _;

use crate::rules::suggest::closest;

use super::args::{Arguments, CompletionsArguments, ManArguments};
use super::{Exit, Failure, Streams};

/// Prints the script that completes the arguments in a shell.
pub fn completions(arguments: &CompletionsArguments, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "acrlint", &mut script);
    streams.print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Clean)
}

/// Prints a page of the manual.
pub fn page(arguments: &ManArguments, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let mut program = Arguments::command().disable_help_subcommand(true);
    program.build();
    let command = match &arguments.command {
        None => program,
        Some(name) => find(&program, name)?,
    };
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page).map_err(Failure::Write)?;
    streams.print(&String::from_utf8_lossy(&page))?;
    Ok(Exit::Clean)
}

/// A command as a program of its own, since each has a page of its own (`man acrlint-check`).
fn find(program: &clap::Command, name: &str) -> Result<clap::Command, Failure> {
    let Some(command) = program.find_subcommand(name) else {
        let names: Vec<&str> = program.get_subcommands().map(clap::Command::get_name).collect();
        let hint = match closest(name, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", names.join(", ")),
        };
        return Err(Failure::Usage(format!("there is no command `{name}`; {hint}")));
    };
    Ok(command.clone().version(env!("CARGO_PKG_VERSION")))
}
