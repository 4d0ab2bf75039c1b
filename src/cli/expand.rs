//! `acrlint expand`: what a template deploys.
//!
//! In: a file. Out: JSON on standard output, problems on standard error. Must not know: how expressions are evaluated.

use crate::report::{self, Format, Look, Report, Summary};
use crate::source::Sources;

use super::args::ExpandArguments;
use super::given::Given;
use super::{Exit, Failure, Stages, Streams, files};

/// Runs the command.
pub fn expand(stages: &Stages, arguments: &ExpandArguments, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let mut sources = Sources::new();
    let (file, problem) = files::read(&mut sources, &arguments.file).map_err(Failure::Read)?;
    let given = Given::gather(&mut sources, &arguments.template)?;
    let mut expansion = (stages.expand)(&mut sources, file, &given);
    expansion.problems.extend(problem);
    if !expansion.problems.is_empty() {
        let report = Report {
            findings: &[],
            problems: &expansion.problems,
            sources: &sources,
            files: Vec::new(),
            summary: Summary { files: 1, ..Summary::default() }.counting(&[], &expansion.problems),
            notes: Vec::new(),
            redact: &expansion.redactions,
        };
        let text = report::write(&report, Format::Human, Look { quiet: true, ..Look::default() });
        streams.say(&text)?;
    }
    streams.print(&expansion.text)?;
    let refused = expansion.refused || expansion.problems.iter().any(|problem| problem.fatal);
    Ok(if refused { Exit::Unusable } else { Exit::Clean })
}
