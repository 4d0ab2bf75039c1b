//! One text of a run: what it is, and what it deploys or shows.
//!
//! In: an [`Input`]. Out: [`Document`], and from it the resources under an assignment of its parameters.
//! Must not know: how resources are judged.

use std::collections::BTreeMap;
use std::sync::Mutex;

use crate::diag::Problem;
use crate::graph::NodeKind;
use crate::input::arm::{self, Assignment, Choice, Context};
use crate::input::dump::pieces::Part;
use crate::input::dump::sieve::Interest;
use crate::input::secrets::Places;
use crate::input::{Format, Loaded, Text, dump, plain, read, terraform};
use crate::json::{Kind, Node, Parsed, Tree};
use crate::lower::{self, Gradual};
use crate::report::Redactions;
use crate::resource::TypeName;
use crate::source::{FileId, Sources, Span};

use super::analyze::{Analysis, Input, Recognized};
use super::files;
use super::hidden;
use super::library::Library;
use super::pieces;

/// Which bodies are worth reading.
pub type Wanted<'a> = &'a (dyn Fn(&TypeName) -> bool + Sync);

/// Whether rules can ask about a type.
pub fn known(ty: &TypeName) -> bool {
    NodeKind::of(ty).is_some()
}

/// What rules can ask about resources of a type.
pub fn interest(ty: &TypeName) -> Interest {
    match NodeKind::of(ty).map(lower::reads) {
        None => Interest::None,
        Some(Some(members)) => Interest::Members(members),
        Some(None) => Interest::All,
    }
}

/// What a text of more bytes holds is not kept for later.
const KEPT: usize = 256 * 1024;

/// What is secret in a text of so many bytes is looked for on another thread.
const LARGE: usize = 1024 * 1024;

/// A text that deploys or shows something.
pub struct Document<'a> {
    /// Its text.
    pub file: FileId,
    /// Its path.
    pub path: &'a str,
    /// Its format.
    pub format: Format,
    /// The parameter files that lie beside it.
    pub parameters: &'a [FileId],
    /// Where it is deployed.
    pub context: Context,
    text: &'a str,
    trees: Vec<Tree<'a>>,
    broken: bool,
    linked: Vec<Parsed<'a>>,
    library: &'a Library,
    registry: Option<&'a str>,
    /// What the other dumps of the run show, for one that needs it.
    pub beside: dump::Beside,
    /// What it holds without any assignment, where that was worked out and is still to be judged.
    kept: Mutex<Option<Loaded>>,
    /// It is the document around pieces of a list.
    in_pieces: bool,
    /// What the resources of these are, until it is asked for.
    part: Mutex<Option<Part>>,
    /// Those resources, where they are lowered already and not kept.
    pub lowered: Option<Gradual>,
}

/// What is the same for all texts of a run.
pub struct Shelf<'a> {
    /// The texts.
    pub sources: &'a Sources,
    /// The files that they link to.
    pub library: &'a Library,
    /// Where templates are deployed.
    pub context: &'a Context,
    /// The registry that dumps without a name of their own belong to.
    pub registry: Option<&'a str>,
    /// There is one text.
    pub alone: bool,
}

/// A text, recognized.
pub struct Opened<'a> {
    /// What is in it, where it is an input.
    pub document: Option<Document<'a>>,
    /// The word for its format; nothing when it is no input of ours.
    pub word: Option<String>,
    /// The complaints about its content.
    pub problems: Vec<Problem>,
}

/// Reads a text. `taken`: it is a parameter file that belongs to an input.
pub fn open<'a>(shelf: &Shelf<'a>, input: &'a Input, taken: bool, redactions: &mut Redactions) -> Opened<'a> {
    let sources = shelf.sources;
    let source = sources.get(input.file);
    let (text, part, lowered) = match pieces::read(input.file, source.text(), shelf.alone) {
        Some(apart) => {
            hidden::hide_all(redactions, sources, &apart.secrets);
            (apart.text, Some(apart.part), apart.lowered)
        }
        None => (read(input.file, source.text()), None, None),
    };
    let broken = text.is_broken();
    let Text { documents, format } = text;
    let word = match format {
        Format::ArmTemplate => Some("arm-template".to_owned()),
        Format::BicepSnapshot => Some("bicep-snapshot".to_owned()),
        Format::ArmParameters if input.explicit || taken => Some("arm-parameters".to_owned()),
        // Of a list of nothing nobody can say that it is one of ours.
        Format::Dump(dump::Source::Empty) if !input.explicit => None,
        Format::Dump(source) => Some(source.word().to_owned()),
        Format::Plain(plain) => Some(plain.word().to_owned()),
        Format::Terraform(source) => Some(source.word().to_owned()),
        Format::ArmParameters | Format::Other => None,
    };
    for (at, parsed) in documents.iter().enumerate() {
        // What is secret in a plan or state is looked for while it is judged, see `Document::secrets`.
        let later = at == 0 && matches!(format, Format::Terraform(_));
        if let Some(root) = parsed.tree.root().filter(|_| !later) {
            hidden::hide(redactions, sources, root, format == Format::ArmParameters);
        }
        hidden::hide_near(redactions, sources, &parsed.problems);
    }
    let mut roots = documents.iter().filter_map(|parsed| parsed.tree.root());
    let json = roots.any(|root| matches!(root.kind(), Kind::Object | Kind::Array));
    let whole = Span::new(input.file, 0, 0);
    let (trees, mut problems): (Vec<_>, Vec<_>) =
        documents.into_iter().map(|parsed| (parsed.tree, parsed.problems)).unzip();
    let mut problems: Vec<Problem> = problems.drain(..).flatten().collect();
    if broken && !json && !source.text().trim().is_empty() {
        let (code, message) = match format {
            Format::Dump(_) => ("dump-is-an-error", "this is no output but an error"),
            _ if files::is_binary_plan(source.text()) => ("terraform-binary-plan", "this is a plan in binary form"),
            Format::ArmTemplate
            | Format::BicepSnapshot
            | Format::ArmParameters
            | Format::Plain(_)
            | Format::Terraform(_)
            | Format::Other => {
                ("not-an-input", "this is no JSON, so it is no ARM template and no output of Azure's tools")
            }
        };
        let problem = Problem::error(code, whole, message).fatal();
        problems = vec![match code {
            "terraform-binary-plan" => {
                let path = source.path();
                problem.with_help(format!("convert it: terraform show -json {path} > plan.json (or tofu show -json …)"))
            }
            _ => problem,
        }];
    }
    let input_of_ours = match format {
        Format::ArmTemplate | Format::BicepSnapshot | Format::Terraform(_) | Format::Dump(_) | Format::Plain(_) => true,
        Format::ArmParameters if input.explicit && !broken && !taken => {
            let message = "a parameter file deploys nothing by itself";
            let help = "check the template that it belongs to; `acrlint expand TEMPLATE --parameters FILE` shows what it \
                        deploys with these values";
            problems.push(Problem::error("not-an-input", whole, message).with_help(help).fatal());
            false
        }
        Format::ArmParameters | Format::Other => false,
    };
    let document = input_of_ours.then(|| {
        let linked = shelf.library.parsed(sources, input.file, &mut |problem| problems.push(problem.clone()));
        for parsed in &linked {
            hidden::hide_parsed(redactions, sources, parsed);
        }
        Document {
            file: input.file,
            path: source.path(),
            format,
            parameters: &input.parameters,
            context: shelf.context.clone(),
            text: source.text(),
            trees,
            broken,
            linked,
            library: shelf.library,
            registry: shelf.registry,
            beside: dump::Beside::default(),
            kept: Mutex::new(None),
            in_pieces: part.is_some(),
            part: Mutex::new(part),
            lowered,
        }
    });
    Opened { document, word, problems }
}

impl Opened<'_> {
    /// Takes down what the text turned out to be.
    pub fn note(&mut self, file: FileId, analysis: &mut Analysis) {
        analysis.files.push(Recognized { file, format: self.word.take() });
        analysis.add_problems(self.problems.drain(..));
    }
}

impl Document<'_> {
    /// It says what is to be deployed, rather than what is there.
    pub const fn is_intent(&self) -> bool {
        matches!(self.format, Format::ArmTemplate | Format::BicepSnapshot | Format::Terraform(terraform::Source::Plan))
    }

    /// Whether its places have names of their own, since a program wrote it.
    pub const fn has_spots(&self) -> bool {
        matches!(self.format, Format::Terraform(_))
    }

    /// The places of secrets that it marks itself, which was not said when it was opened: those of a plan or a state.
    pub fn secrets(&self) -> Places {
        match (self.format, self.trees.first()) {
            (Format::Terraform(source), Some(tree)) => terraform::secrets(tree, source),
            (_, _) => Places::default(),
        }
    }

    /// Whether looking for these takes long enough to do it beside something else.
    pub fn has_many_secrets(&self) -> bool {
        self.has_spots() && self.text.len() >= LARGE
    }

    /// Its places by the names that they have.
    pub fn spots(&self) -> Option<terraform::Spots<'_>> {
        self.trees.first().filter(|_| self.has_spots()).map(terraform::Spots::of)
    }

    /// Whether it may hold the whole id of a resource without any assignment: that needs a subscription, which somebody
    /// names or which is written out.
    pub fn may_hold_ids(&self) -> bool {
        self.format != Format::ArmTemplate
            || self.context.subscription.is_some()
            || !self.linked.is_empty()
            || writes_subscription(self.text)
    }

    /// Keeps what was loaded of the [`known`] types without any assignment, as the first of its estate, until that is asked
    /// for again; of a large text that would hold too much.
    pub fn keep(&self, loaded: Loaded) {
        if self.text.len() < KEPT
            && let Ok(mut kept) = self.kept.lock()
        {
            *kept = Some(loaded);
        }
    }

    /// Its resources of [`known`] types, under an assignment of its parameters: those that were kept, or as [`Self::load`].
    pub fn load_known(&self, assignment: &Assignment, arena: u32) -> Loaded {
        let kept = (arena == 0 && assignment.is_empty()).then(|| self.kept.lock().ok()?.take());
        kept.flatten().unwrap_or_else(|| self.load(assignment, arena, &known))
    }

    /// Its resources, under an assignment of its parameters. `arena`: the number of its trails in the run.
    pub fn load(&self, assignment: &Assignment, arena: u32, wanted: Wanted<'_>) -> Loaded {
        if let Format::Plain(plain) = self.format {
            return plain::load(self.file, self.text, plain);
        }
        let Some(tree) = self.trees.first() else { return Loaded::default() };
        match self.format {
            Format::ArmTemplate => {
                let files = self.linked.iter().map(|parsed| &parsed.tree).chain([tree]);
                let roots: BTreeMap<FileId, _> = files.filter_map(|tree| Some((tree.file(), tree.root()?))).collect();
                let links = self.library.links(&roots);
                arm::expand_linked(tree, &links, assignment, &self.context, self.path, arena, wanted)
            }
            Format::BicepSnapshot => arm::snapshot(tree, assignment, &self.context, self.path, arena, wanted),
            Format::Dump(_) => {
                let (path, registry, beside) = (self.path, self.registry, &self.beside);
                let about = dump::About { path, registry, beside, whole: !self.broken, others: false };
                dump::load_around(&self.trees, self.part(), about, wanted)
            }
            Format::Terraform(source) => {
                let subscription = self.context.subscription.as_deref();
                let about = terraform::About { path: self.path, arena, subscription, whole: !self.broken };
                terraform::load(tree, source, about, wanted)
            }
            Format::ArmParameters | Format::Plain(_) | Format::Other => Loaded::default(),
        }
    }

    /// What the resources of its pieces are; they are read again where that was asked before.
    fn part(&self) -> Option<Part> {
        let read =
            || self.in_pieces.then(|| pieces::read(self.file, self.text, false)).flatten().map(|apart| apart.part);
        self.part.lock().ok().and_then(|mut part| part.take()).or_else(read)
    }

    /// Its resources, where it shows what is there.
    pub fn load_seen(&self) -> Loaded {
        self.load(&Assignment::new(), 0, &known)
    }

    /// What it shows to the dumps beside it.
    pub fn shows(&self, loaded: &Loaded) -> dump::Shows {
        dump::shows(&self.trees, self.path, loaded)
    }

    /// The names of the parameters that it declares.
    pub fn parameter_names(&self) -> Vec<String> {
        let declared = match (self.format, self.trees.first().and_then(Tree::root)) {
            (Format::ArmTemplate, Some(root)) => root.get_ci("parameters"),
            (_, _) => None,
        };
        declared.into_iter().flat_map(Node::members).filter_map(|m| Some(m.key.as_str()?.into_owned())).collect()
    }

    /// Its parameters that can be tried.
    pub fn choices(&self, assignment: &Assignment, explore: bool) -> Vec<Choice> {
        match (self.format, self.trees.first()) {
            (Format::ArmTemplate, Some(tree)) => arm::choices(tree, assignment, explore),
            (_, _) => Vec::new(),
        }
    }
}

/// Whether an id of a subscription may be written out in a text: behind its word in a path, or as an argument.
fn writes_subscription(text: &str) -> bool {
    let path = |at: usize| text.get(at..at + 14).is_some_and(|word| word.eq_ignore_ascii_case("/subscriptions"));
    let guid = |at: usize| {
        let all = at.checked_sub(8).and_then(|from| text.get(from..from + 36));
        all.is_some_and(|all| uuid::Uuid::parse_str(all).is_ok())
    };
    text.match_indices('/').any(|(at, _)| path(at)) || text.match_indices('-').any(|(at, _)| guid(at))
}
