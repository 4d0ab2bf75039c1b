//! Rules and facts to findings.
//!
//! In: rules, and what the catalog says. Out: [`Finding`]s in one total order. Must not know: the format that a
//! resource came from, or how a finding is printed.

pub mod cases;
pub mod describe;
pub mod finding;
pub mod judge;
pub mod judgement;
mod model;
#[cfg(test)]
mod land;
#[cfg(test)]
mod laws;
pub mod operators;
pub mod prove;
#[cfg(test)]
mod tests;

pub use crate::value::Truth;
pub use cases::Case;
pub use finding::{Certainty, Evidence, Finding, Outcome, ResourceRef};
pub use judge::{Judge, Proofs, World};
pub use judgement::{Conclusion, Existence, Judgement, Premise, Read, Verdict};

use finding::Findings;

use crate::catalog::{Facts, Subject};
use crate::diag::Level;
use crate::parallel;
use crate::rules::Rule;
use crate::source::Span;
use crate::value::{Origin, Trails};

/// What findings call things by, beyond what rules can ask.
pub trait Model: Sized + Sync + 'static {
    /// The resource that a subject is, or is an element of.
    fn resource(&self, subject: Subject) -> ResourceRef;
    /// Whether a subject is deployed; for an element, whether its owner is.
    fn exists(&self, subject: Subject) -> Existence;
    /// What tells an element from its siblings and does not change when lines move, such as the value of an IP rule;
    /// empty for a resource.
    fn key(&self, subject: Subject) -> String;
    /// Where a subject is written; for findings that have no other place.
    fn home(&self, subject: Subject) -> Origin;
    /// Where the resource of a subject is declared, as a whole; each place where it is declared in several.
    fn declared(&self, subject: Subject) -> Vec<Span> {
        vec![self.home(subject).at]
    }
    /// The trails of one arena.
    fn trails(&self, arena: usize) -> Option<&Trails>;
    /// About how many resources there are.
    fn size(&self) -> usize;
}

/// Of so many resources rules are judged on several threads.
const MANY: usize = 200;

/// So many subjects of a rule are judged by one thread before it looks for more to do.
const SHARE: usize = 64;

/// What becomes of verdicts that cannot be decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OpenLevel {
    /// They are dropped.
    Ignore,
    /// They are reported at a level.
    At(Level),
}

/// How rules are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Options {
    /// How the world beyond the input is taken.
    pub world: World,
    /// What becomes of verdicts that cannot be decided.
    pub open: OpenLevel,
}

impl Default for Options {
    /// What is not declared is presumed not to exist, and what is not decided is a note.
    fn default() -> Self {
        Self { world: World::Graded, open: OpenLevel::At(Level::Note) }
    }
}

/// FNV-1a over the parts, 64 bits in hexadecimal: the same on every machine and in every version.
pub fn digest(parts: &[&str]) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for part in parts {
        for byte in part.bytes().chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    format!("{hash:016x}")
}

/// Judges every rule on everything it is about.
///
/// `facts` is the model itself, or a view of it that knows less.
pub fn check<'r, M: Model>(
    model: &M,
    facts: &(dyn Facts<M> + Sync),
    rules: impl IntoIterator<Item = &'r Rule<M>>,
    options: Options,
) -> Vec<Finding> {
    let exists = |subject| model.exists(subject);
    let judge = Judge { facts, exists: &exists, world: options.world, proofs: Proofs::OfFindings };
    let mut shares = Vec::new();
    for rule in rules {
        let owners = facts.all(rule.subject.kind);
        shares.extend(owners.chunks(SHARE).map(|owners| (rule, owners.to_vec())));
    }
    let threads = if model.size() < MANY { 1 } else { parallel::threads() };
    let found = parallel::each_on(threads, &shares, |(rule, owners)| {
        let prove = |verdict| prove::finding(&judge, model, rule, verdict, options.open);
        // One by one: of many resources all evidence together takes much room.
        let mut findings = Findings::default();
        owners
            .iter()
            .flat_map(|owner| judge.rule_on(rule, *owner))
            .filter_map(prove)
            .for_each(|one| findings.push(one));
        findings.into_vec()
    });
    // Of many findings a second copy takes much room: so no growing list, and no sorting beside.
    let mut findings = Vec::with_capacity(found.iter().map(Vec::len).sum());
    for some in found {
        findings.extend(some);
    }
    findings.sort_unstable_by(|a, b| prove::order(a).cmp(&prove::order(b)));
    findings
}
