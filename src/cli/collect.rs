//! `acrlint collect`: which commands tell what is really there.
//!
//! In: arguments. Out: a script on standard output. Must not know: the commands, or how a shell writes them.

use crate::collect::{Request, Shell, script};

use super::args::{CollectArguments, ShellName};
use super::{Exit, Failure, Streams};

/// Runs the command.
pub fn collect(arguments: &CollectArguments, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let request = Request::new(
        arguments.registry.as_deref(),
        arguments.subscription.as_deref(),
        arguments.resource_group.as_deref(),
        &arguments.output_dir,
    );
    let request = request.map_err(|invalid| Failure::Usage(invalid.to_string()))?;
    let shell = match arguments.shell {
        ShellName::Bash => Shell::Bash,
        ShellName::Powershell => Shell::PowerShell,
    };
    streams.print(&script(&request, shell))?;
    Ok(Exit::Clean)
}
