//! The program: arguments in, exit code out.
#![forbid(unsafe_code)]

use std::io::{IsTerminal as _, stderr, stdout};
use std::process::ExitCode;

use acrlint::cli::{self, Streams};

fn main() -> ExitCode {
    let width = terminal_size::terminal_size_of(stdout()).map(|(width, _)| usize::from(width.0));
    let exit = cli::run(
        std::env::args_os(),
        &mut Streams {
            out_width: stdout().is_terminal().then(|| width.unwrap_or(100)),
            err_terminal: stderr().is_terminal(),
            no_color: std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()),
            out: &mut stdout().lock(),
            err: &mut stderr(),
        },
    );
    ExitCode::from(exit.code())
}
