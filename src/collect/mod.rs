//! The commands that produce what acrlint reads about an estate that exists.
//!
//! In: a [`Request`]: one registry or all of them, and where. Out: a script for a shell, as text. Must not know: the
//! arguments of the program, and what is made of the dumps. Nothing here runs a command, and nothing asks Azure.
//!
//! The commands are rows of a table ([`commands`]). [`plan`] fits them to the request; [`bash`] and [`powershell`] only
//! know how to write what is planned, so that both say the same.

mod bash;
pub mod commands;
pub mod plan;
mod powershell;
pub mod request;
mod text;

pub use request::Request;

/// What the script is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// Bash 3.2 or newer.
    Bash,
    /// Windows PowerShell 5.1 or PowerShell 7.
    PowerShell,
}

/// The script that a person reads and runs.
pub fn script(request: &Request, shell: Shell) -> String {
    let plan = plan::plan(request);
    match shell {
        Shell::Bash => bash::script(&plan),
        Shell::PowerShell => powershell::script(&plan),
    }
}

#[cfg(test)]
mod tests;
