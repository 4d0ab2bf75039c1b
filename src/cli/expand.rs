//! `acrlint expand`: what a template deploys.
//!
//! In: a file. Out: JSON, a tree or the way of one value on standard output, problems on standard error. Must not know:
//! how expressions are evaluated.

use crate::report::{self, Format, Look, Report, Summary, expansion, tree, why};
use crate::resource::Resource;
use crate::source::Sources;

use super::analyze::Expansion;
use super::args::{Color, ExpandArguments, ExpandFormat};
use super::choose::choose;
use super::given::Given;
use super::{Exit, Failure, Stages, Streams, files};

/// Runs the command.
pub fn expand(
    stages: &Stages,
    arguments: &ExpandArguments,
    color: Color,
    streams: &mut Streams<'_>,
) -> Result<Exit, Failure> {
    let mut sources = Sources::new();
    let (file, problem) = files::read(&mut sources, &arguments.file).map_err(Failure::Read)?;
    let mut given = Given::gather(&mut sources, &arguments.template)?;
    if arguments.template.parameters.is_empty() && !arguments.template.no_parameter_files {
        given.parameters.extend(files::own_parameter_file(&mut sources, &arguments.file));
    }
    let mut expansion = (stages.expand)(&mut sources, file, &given);
    expansion.loaded.problems.extend(problem);
    let problems = &expansion.loaded.problems;
    if !problems.is_empty() {
        let report = Report {
            suppressed: &[],
            findings: &[],
            problems,
            sources: &sources,
            files: Vec::new(),
            summary: Summary { files: 1, ..Summary::default() }.counting(&[], problems),
            notes: Vec::new(),
            redact: &expansion.redactions,
            rules: &[],
        };
        let text = report::write(&report, Format::Human, Look { quiet: true, ..Look::default() });
        streams.say(&text)?;
    }
    let refused = expansion.refused || problems.iter().any(|problem| problem.fatal);
    if expansion.input {
        let width = streams.out_width.unwrap_or(Look::default().width);
        let look = Look { color: streams.color(color), width, ..Look::default() };
        let text = shown(&mut expansion, &sources, arguments, look)?;
        streams.print(&text)?;
    }
    Ok(if refused { Exit::Unusable } else { Exit::Clean })
}

/// What the user asked to see.
fn shown(
    expansion: &mut Expansion,
    sources: &Sources,
    arguments: &ExpandArguments,
    look: Look,
) -> Result<String, Failure> {
    let Expansion { loaded, redactions, .. } = expansion;
    let names = &arguments.resource;
    let deployed: Vec<&Resource> = expansion::deployed(loaded).collect();
    let chosen = choose(&deployed, names, redactions)?;
    if let Some(pointer) = &arguments.why {
        let within = match (chosen.as_slice(), names.is_empty()) {
            (_, true) => None,
            ([only], false) => Some(*only),
            (several, false) => {
                let message = format!(
                    "--why follows one value, but --resource names {} resources: give a pointer into the whole document",
                    several.len()
                );
                return Err(Failure::Usage(message));
            }
        };
        let clean = |message: String| Failure::Usage(redactions.clean(&message).into_owned());
        let why = why::find(loaded, within, pointer, redactions).map_err(clean)?;
        return Ok(match arguments.format {
            Some(ExpandFormat::Json) => why.document(sources, redactions),
            Some(ExpandFormat::Tree) | None => why.human(sources, redactions, look),
        });
    }
    if !names.is_empty() {
        loaded.resources = chosen.into_iter().cloned().collect();
        loaded.outputs.clear();
    }
    Ok(match arguments.format {
        Some(ExpandFormat::Json) | None => expansion::write(loaded, sources, redactions),
        Some(ExpandFormat::Tree) => tree::write(loaded, sources, redactions, look),
    })
}
