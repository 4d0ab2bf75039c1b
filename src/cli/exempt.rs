//! Levels that users give to rules, and findings that they accept.
//!
//! In: findings, and what the configuration and the sources say of them. Out: the findings that are left, those that are
//! suppressed, and what is wrong with exemptions: a rule that is none, one that has ended, one that nothing was found for.
//! Must not know: how findings come about, or are written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::check::{Finding, Outcome};
use crate::config::comments::{self, Language};
use crate::config::{Cover, Date, Exemption, metadata};
use crate::diag::Problem;
use crate::report::{Suppressed, Suppression};
use crate::rules::Names;
use crate::source::{FileId, Sources};

use super::environments::within;
use super::settings::Settings;

/// What exemptions and levels are held against.
pub struct Bench<'a> {
    /// The texts.
    pub sources: &'a Sources,
    /// The rules that there are.
    pub names: &'a Names,
    /// The rules that were judged.
    pub judged: &'a [&'a str],
    /// The paths that were asked for.
    pub paths: &'a [PathBuf],
    /// What day it is.
    pub today: &'a dyn Fn() -> Date,
}

/// A day that is before all others, for where no exemption is asked.
pub fn never() -> Date {
    Date::from_days(0)
}

/// Gives findings the levels that users want, and drops those of rules that are off.
pub fn level(bench: &Bench<'_>, settings: &Settings, findings: &mut Vec<Finding>) {
    if !settings.has_levels() {
        return;
    }
    let mut paths = Paths::new(bench.sources);
    findings.retain_mut(|finding| {
        let mut path = |folder: &Path| paths.within(folder, finding.location.file);
        match settings.level(bench.names, &finding.rule, &mut path) {
            Some(None) => settings.chosen,
            Some(Some(level)) => {
                if finding.outcome == Outcome::Violation {
                    finding.level = level;
                }
                true
            }
            None => true,
        }
    });
}

/// The paths of files from folders on, each found out once.
struct Paths<'a> {
    sources: &'a Sources,
    known: BTreeMap<(PathBuf, FileId), Option<String>>,
}

impl<'a> Paths<'a> {
    const fn new(sources: &'a Sources) -> Self {
        Self { sources, known: BTreeMap::new() }
    }

    fn within(&mut self, folder: &Path, file: FileId) -> Option<String> {
        let path = self.sources.get(file).path();
        self.known.entry((folder.to_path_buf(), file)).or_insert_with(|| within(folder, Path::new(path))).clone()
    }
}

/// An exemption, and what became of it.
struct Accepted {
    exemption: Exemption,
    /// The folder that its paths begin in; nothing for one that stands in a source.
    folder: Option<PathBuf>,
    /// It is of the configuration itself, not of one that this extends.
    own: bool,
    used: usize,
    ended: bool,
}

/// Takes out the findings that users accept.
pub fn accept(
    bench: &Bench<'_>,
    settings: &Settings,
    findings: &mut Vec<Finding>,
    problems: &mut Vec<Problem>,
) -> Vec<Suppressed> {
    let mut all = in_sources(bench, settings, problems);
    let nearest = settings.layers.last().map(|layer| layer.file);
    all.extend(settings.exemptions().map(|(folder, exemption)| Accepted {
        exemption: exemption.clone(),
        folder: Some(folder.to_path_buf()),
        own: Some(exemption.at.file) == nearest,
        used: 0,
        ended: false,
    }));
    if all.is_empty() {
        return Vec::new();
    }
    for accepted in &mut all {
        accepted.ended = accepted.exemption.expires.as_ref().is_some_and(|day| day.value < (bench.today)());
    }
    let mut paths = Paths::new(bench.sources);
    let mut suppressed = Vec::new();
    let before = std::mem::take(findings);
    for finding in before {
        let mut by = None;
        for accepted in &mut all {
            if accepted.covers(bench.names, &finding, &mut paths) {
                accepted.used += 1;
                if !accepted.ended && by.is_none() {
                    by = Some((accepted.kind(), accepted.exemption.reason.clone(), accepted.exemption.at));
                }
            }
        }
        match by {
            Some((kind, reason, at)) => suppressed.push(Suppressed { finding, kind, reason, at: Some(at) }),
            None => findings.push(finding),
        }
    }
    let whole = settings
        .layers
        .last()
        .is_some_and(|layer| bench.paths.iter().any(|path| within(path, &layer.folder).is_some()));
    problems.extend(all.iter().filter_map(|accepted| accepted.complaint(bench, whole)));
    suppressed
}

/// The exemptions in comments and metadata of all texts.
fn in_sources(bench: &Bench<'_>, settings: &Settings, problems: &mut Vec<Problem>) -> Vec<Accepted> {
    let mut found = Vec::new();
    for (file, source) in bench.sources.iter() {
        if settings.layers.iter().any(|layer| layer.file == file) {
            continue;
        }
        let language = Language::of(source.path());
        found.extend(comments::read(file, source.text(), language, problems));
        if language == Language::Json {
            found.extend(metadata::read(file, source.text(), problems));
        }
    }
    found.retain(|exemption| match bench.names.check(&exemption.rules.value) {
        Ok(()) => true,
        Err(unknown) => {
            let message = format!("there is no rule and no set `{}`, so nothing is ignored", unknown.name);
            let help = match unknown.near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`acrlint rule` lists all rules".to_owned(),
            };
            problems.push(Problem::warning(metadata::CODE, exemption.rules.at, message).with_help(help));
            false
        }
    });
    let accepted = |exemption| Accepted { exemption, folder: None, own: true, used: 0, ended: false };
    found.into_iter().map(accepted).collect()
}

impl Accepted {
    const fn kind(&self) -> Suppression {
        match self.folder {
            Some(_) => Suppression::Configuration,
            None => Suppression::Source,
        }
    }

    fn covers(&self, names: &Names, finding: &Finding, paths: &mut Paths<'_>) -> bool {
        let one = &self.exemption;
        if !names.include(&one.rules.value, &finding.rule) {
            return false;
        }
        let resource = &finding.resource;
        let named = one.resource.as_ref().is_none_or(|glob| {
            [&resource.address, &resource.id, &resource.name].iter().any(|name| glob.value.matches_resource(name))
        });
        let placed = match one.cover {
            Cover::Everywhere => true,
            Cover::Source { within, opening } => {
                let declared = |opening: u32| {
                    finding.declared.iter().any(|whole| whole.file == within.file && whole.start == opening)
                };
                within.contains(finding.location)
                    || within.file == finding.location.file
                        && (within.start..within.end).contains(&finding.location.start)
                    || finding.declared.iter().any(|whole| within.contains(*whole))
                    || opening.is_some_and(declared)
            }
        };
        let mut in_files = || {
            let folder = self.folder.as_deref().unwrap_or(Path::new("."));
            let path = paths.within(folder, finding.location.file);
            path.is_some_and(|path| one.paths.iter().any(|glob| glob.value.matches_path(&path)))
        };
        named && placed && (one.paths.is_empty() || in_files())
    }

    /// What is to be said of it. `whole`: the run looked at all that the configuration is about.
    fn complaint(&self, bench: &Bench<'_>, whole: bool) -> Option<Problem> {
        let rules = &self.exemption.rules;
        if let Some(day) = self.exemption.expires.as_ref().filter(|_| self.ended) {
            let found = match self.used {
                0 => "nothing is found that it would cover".to_owned(),
                1 => "what it covers is reported again".to_owned(),
                count => format!("the {count} findings that it covers are reported again"),
            };
            let message = format!("the exemption from {} ended on {}: {found}", rules.value, day.value);
            let help = "mend what is found, or set another day and say why";
            return Some(Problem::warning("exemption-expired", day.at, message).with_help(help));
        }
        // Of rules that were not judged, and of a base that many repositories share, nothing follows.
        if self.used > 0 || !self.own || !bench.names.all_in(&rules.value, bench.judged) {
            return None;
        }
        let message = format!("nothing that was checked breaks {} where this exemption holds", rules.value);
        let problem = match (&self.folder, whole) {
            (Some(_), false) => Problem::note("exemption-unused", self.exemption.at, message),
            (Some(_), true) | (None, _) => Problem::warning("exemption-unused", self.exemption.at, message),
        };
        Some(problem.with_help("remove it, or correct its rule and resource"))
    }
}
