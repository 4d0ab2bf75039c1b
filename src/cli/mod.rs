//! The command line: arguments in, bytes and an exit code out.
//!
//! In: arguments, and the streams to write to. Out: [`Exit`]. Must not know: how anything is found out; it calls the
//! stages one after the other, and is the only module that knows all of them.

pub mod analyze;
pub mod args;
mod against;
mod baseline;
pub mod check;
pub mod choose;
pub mod collect;
mod deployed;
pub mod document;
pub mod environments;
mod estate;
mod exempt;
pub mod expand;
pub mod explain;
pub mod files;
pub mod given;
mod hidden;
mod in_force;
mod library;
mod manual;
mod modules;
mod pairs;
mod pieces;
pub mod premises;
pub mod progress;
mod scenarios;
pub mod settings;
mod spots;
mod stopwatch;

use std::ffi::OsString;
use std::fmt;
use std::io::{ErrorKind, Write};

use clap::Parser as _;

pub use analyze::{Analysis, Options, Stages};
pub use args::{Arguments, Color, Command};

use crate::source::discover::ReadError;

/// What the process ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Nothing at or above `--fail-on`.
    Clean,
    /// Findings or problems at or above `--fail-on`.
    Findings,
    /// Wrong usage, a named file that cannot be used, or nothing to check.
    Unusable,
}

impl Exit {
    /// The number.
    pub const fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Unusable => 2,
        }
    }
}

/// Why a command could not do its work. What is wrong with the *content* of a file is a problem, not a failure.
#[derive(Debug)]
pub enum Failure {
    /// An argument that makes no sense, such as an unknown rule.
    Usage(String),
    /// The one file that a command is about.
    Read(ReadError),
    /// The output could not be written.
    Write(std::io::Error),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(message) => f.write_str(message),
            Self::Read(error) => error.fmt(f),
            Self::Write(error) => write!(f, "the output cannot be written: {error}"),
        }
    }
}

/// Where a command writes, and what is known about the other end.
pub struct Streams<'a> {
    /// Reports.
    pub out: &'a mut dyn Write,
    /// Everything else.
    pub err: &'a mut dyn Write,
    /// Columns of the terminal behind `out`; nothing when that is no terminal.
    pub out_width: Option<usize>,
    /// A terminal is behind `err`.
    pub err_terminal: bool,
    /// `NO_COLOR` is set, and not empty.
    pub no_color: bool,
}

impl Streams<'_> {
    fn color(&self, color: Color) -> bool {
        match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => self.out_width.is_some() && !self.no_color,
        }
    }

    /// Writes what the command is for. Whoever closes the pipe has read enough; that changes no exit code.
    fn print(&mut self, text: &str) -> Result<(), Failure> {
        quietly(self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush()))
    }

    /// Writes what is said beside it.
    fn say(&mut self, text: &str) -> Result<(), Failure> {
        quietly(self.err.write_all(text.as_bytes()).and_then(|()| self.err.flush()))
    }
}

fn quietly(written: std::io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::Write(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Runs the program with the stages of this crate.
pub fn run(arguments: impl IntoIterator<Item = OsString>, streams: &mut Streams<'_>) -> Exit {
    run_with(&Stages::default(), arguments, streams)
}

/// Runs the program with stages of the caller.
pub fn run_with(stages: &Stages, arguments: impl IntoIterator<Item = OsString>, streams: &mut Streams<'_>) -> Exit {
    let ended = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => dispatch(stages, &arguments, streams),
        Err(error) => usage(&error, streams),
    };
    match ended {
        Ok(exit) => exit,
        Err(failure) => {
            // When even this cannot be written there is nobody to tell.
            let _ = writeln!(streams.err, "error: {failure}");
            Exit::Unusable
        }
    }
}

fn dispatch(stages: &Stages, arguments: &Arguments, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    match &arguments.command {
        Command::Check(check) => check::check(stages, check, arguments.color, streams),
        Command::Config(check) => in_force::config(stages, check, streams),
        Command::Rule(rule) => explain::explain(&(stages.rules)(), rule, arguments.color, streams),
        Command::Expand(expand) => expand::expand(stages, expand, arguments.color, streams),
        Command::Collect(given) => collect::collect(given, streams),
        Command::Completions(given) => manual::completions(given, streams),
        Command::Man(given) => manual::page(given, streams),
    }
}

/// Help, the version, or a complaint about the arguments.
fn usage(error: &clap::Error, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let rendered = error.render();
    let complaint = error.use_stderr();
    let colored = !streams.no_color && if complaint { streams.err_terminal } else { streams.out_width.is_some() };
    let text = if colored { rendered.ansi().to_string() } else { rendered.to_string() };
    if complaint {
        streams.say(&text)?;
    } else {
        streams.print(&text)?;
    }
    Ok(if complaint { Exit::Unusable } else { Exit::Clean })
}

#[cfg(test)]
mod tests;
