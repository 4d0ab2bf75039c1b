//! Names to catalog entries.
//!
//! In: a [`Written`] rule and a catalog. Out: a [`Rule`], or problems that point at the word that is wrong.
//! Must not know: where rules come from.
//!
//! Names of the catalog have dots in them, so a path is cut by trying the longest name first.

use ipnet::IpNet;

use crate::catalog::{Catalog, Datum, Kind, Property, Relation, Scalar, Ty};
use crate::diag::{Problem, Problems};
use crate::source::Span;
use crate::value::Pattern;

use super::ast::{
    Clause, Operand, Operator, Pointer, Predicate, PropertyPath, Quantified, Question, RelationPath, Rule, Slot,
    SubjectPath,
};
use super::message::{Draft, DraftPiece, Piece, Template};
use super::parse::{Form, Literal, LiteralValue, Quantifier, Word, Written, WrittenClause, WrittenOperand, list};
use super::suggest::closest;

/// Resolves every name of a rule. `None` when one does not resolve; problems say which, all of them.
pub fn rule<M>(catalog: &Catalog<M>, written: Written, problems: &mut Problems) -> Option<Rule<M>> {
    let mut resolver = Resolver { catalog, bound: Vec::new(), problems };
    let subject = resolver.subject(&written.subject, written.binding.as_ref())?;
    let when = written.when.map(|clause| resolver.clause(clause));
    let require = resolver.clause(written.require);
    let at: Vec<_> = written.at.iter().map(|word| resolver.pointer(word, &subject)).collect();
    let message = resolver.template(written.message);
    let help = written.help.map(|draft| resolver.template(draft));
    let (when, help) = (when.map_or(Some(None), |w| w.map(Some)), help.map_or(Some(None), |h| h.map(Some)));
    Some(Rule {
        meta: written.meta,
        subject,
        when: when?,
        require: require?,
        at: at.into_iter().collect::<Option<_>>()?,
        message: message?,
        help: help?,
    })
}

/// An address range, or a single address as a range of one.
pub fn address_range(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse().ok().map(|address: std::net::IpAddr| address.into()))
}

/// A slot of the stack of bound subjects.
struct Bound<M: 'static> {
    name: Option<String>,
    kind: &'static Kind<M>,
}

struct Resolver<'a, M: 'static> {
    catalog: &'a Catalog<M>,
    bound: Vec<Bound<M>>,
    problems: &'a mut Problems,
}

/// What a path ends in.
enum End<M: 'static> {
    Property(&'static Property<M>),
    Relation(&'static Relation<M>, &'static Kind<M>),
}

/// A path that was cut into names.
struct Cut<M: 'static> {
    hops: Vec<&'static Relation<M>>,
    end: End<M>,
}

impl<M> Resolver<'_, M> {
    fn fail(&mut self, code: &'static str, at: Span, message: impl Into<String>, help: Option<String>) {
        let mut problem = Problem::error(code, at, message).fatal();
        problem.help = help;
        self.problems.push(problem);
    }

    fn subject(&mut self, word: &Word, binding: Option<&Word>) -> Option<SubjectPath<M>> {
        let kinds = self.catalog.kinds.iter().filter(|kind| after(&word.text, kind.name).is_some());
        let Some(kind) = kinds.max_by_key(|kind| kind.name.len()) else {
            let names = || self.catalog.kinds.iter().map(|kind| kind.name);
            let first = word.text.split('.').next().unwrap_or_default();
            let help = did_you_mean(closest(first, names()), || format!("kinds are {}", list(names())));
            self.fail("rule-name", word.at, format!("there is no kind `{first}`"), Some(help));
            return None;
        };
        self.bound.push(Bound { name: Some(kind.name.to_owned()), kind });
        let rest = after(&word.text, kind.name).unwrap_or_default();
        if rest.is_empty() {
            if let Some(binding) = binding {
                let message = format!("`as` names an element; this rule is about `{}` itself", kind.name);
                self.fail("rule-name", binding.at, message, None);
                return None;
            }
            return Some(SubjectPath { kind, hops: Vec::new(), text: word.text.clone() });
        }
        let cut = self.cut(kind, rest, Want::Elements);
        let Some(Cut { mut hops, end: End::Relation(last, target) }) = cut else {
            self.unresolved(word, kind, rest, Want::Elements, "");
            return None;
        };
        hops.push(last);
        self.bind(binding, target)?;
        Some(SubjectPath { kind, hops, text: word.text.clone() })
    }

    fn bind(&mut self, binding: Option<&Word>, kind: &'static Kind<M>) -> Option<()> {
        if let Some(word) = binding {
            let mut letters = word.text.chars();
            let is_name =
                letters.next().is_some_and(|c| c.is_ascii_alphabetic()) && letters.all(|c| c.is_ascii_alphanumeric());
            if !is_name {
                let message = format!("`{}` is not a name: letters and digits, a letter first", word.text);
                self.fail("rule-name", word.at, message, None);
                return None;
            }
            if self.bound.iter().any(|slot| slot.name.as_deref() == Some(&word.text)) {
                self.fail("rule-name", word.at, format!("`{}` already names another subject", word.text), None);
                return None;
            }
        }
        self.bound.push(Bound { name: binding.map(|word| word.text.clone()), kind });
        Some(())
    }

    fn clause(&mut self, written: WrittenClause) -> Option<Clause<M>> {
        let at = written.at;
        let predicate = match written.form {
            Form::All(parts) => Predicate::All(self.clauses(parts)?),
            Form::Any(parts) => Predicate::Any(self.clauses(parts)?),
            Form::Not(part) => Predicate::Not(Box::new(self.clause(*part)?)),
            Form::Exists(path, wanted) => Predicate::Test(self.property(&path)?, Question::Exists(wanted)),
            Form::Compare(path, operator, key, operand) => {
                let path = self.property(&path)?;
                let operand = self.operand(&path, operator, key, operand)?;
                Predicate::Test(path, Question::Compare(operator, operand))
            }
            Form::Related(quantifier, path, binding, clause) => {
                let (over, target) = self.relation(&path)?;
                let depth = self.bound.len();
                self.bind(binding.as_ref(), target)?;
                let clause = clause.map(|clause| self.clause(*clause));
                self.bound.truncate(depth);
                let clause = match clause {
                    Some(clause) => Some(Box::new(clause?)),
                    None => None,
                };
                let quantified = Quantified { over, clause };
                match quantifier {
                    Quantifier::Every => Predicate::Every(quantified),
                    Quantifier::Some => Predicate::Some(quantified),
                    Quantifier::Count(bound) => Predicate::Count(quantified, bound),
                }
            }
        };
        Some(Clause { predicate, at })
    }

    fn clauses(&mut self, parts: Vec<WrittenClause>) -> Option<Vec<Clause<M>>> {
        let parts: Vec<_> = parts.into_iter().map(|part| self.clause(part)).collect();
        parts.into_iter().collect()
    }

    fn operand(
        &mut self,
        path: &PropertyPath<M>,
        operator: Operator,
        key: Span,
        written: WrittenOperand,
    ) -> Option<Operand<M>> {
        let ty = path.property.ty;
        if !takes(operator, ty) {
            let message =
                format!("\"{}\" needs {}, \"{}\" is {}", operator.name(), needs(operator), path.text, words(ty));
            self.fail("rule-type", key, message, None);
            return None;
        }
        match written {
            WrittenOperand::Literals(values) => {
                let values: Vec<_> = values.into_iter().map(|value| self.literal(path, value)).collect();
                values.into_iter().collect::<Option<_>>().map(Operand::Literals)
            }
            WrittenOperand::Property(word) => {
                let other = self.property(&word)?;
                if !comparable(ty, other.property.ty) {
                    let (mine, its) = (words(ty), words(other.property.ty));
                    let message = format!("\"{}\" is {mine}, \"{}\" is {its}", path.text, other.text);
                    self.fail("rule-type", word.at, message, None);
                    return None;
                }
                Some(Operand::Property(other))
            }
        }
    }

    fn literal(&mut self, path: &PropertyPath<M>, literal: Literal) -> Option<Datum> {
        let ty = path.property.ty;
        let scalar = match (literal.value, ty) {
            (LiteralValue::Bool(value), Ty::Bool) => Some(Scalar::Bool(value)),
            (LiteralValue::Int(value), Ty::Int) => Some(Scalar::Int(value)),
            (LiteralValue::Text(text), Ty::Text | Ty::Id) => Some(Scalar::Text(Pattern::literal(&text))),
            (LiteralValue::Text(text), Ty::Net) => address_range(&text).map(Scalar::Net),
            (LiteralValue::Bool(_) | LiteralValue::Int(_) | LiteralValue::Text(_), _) => None,
        };
        if scalar.is_none() {
            let message = format!("\"{}\" is {}, this is not", path.text, words(ty));
            let help = (ty == Ty::Net).then(|| "such as \"10.0.0.0/16\"".to_owned());
            self.fail("rule-type", literal.at, message, help);
        }
        scalar.map(Datum::Known)
    }

    fn template(&mut self, draft: Draft) -> Option<Template<M>> {
        let pieces: Vec<_> = draft
            .pieces
            .into_iter()
            .map(|piece| match piece {
                DraftPiece::Text(text) => Some(Piece::Text(text)),
                DraftPiece::Path(word) => self.property(&word).map(Piece::Value),
            })
            .collect();
        Some(Template { pieces: pieces.into_iter().collect::<Option<_>>()? })
    }

    fn pointer(&mut self, word: &Word, subject: &SubjectPath<M>) -> Option<Pointer<M>> {
        let binding = self.bound.last().and_then(|bound| bound.name.as_deref());
        if word.text == subject.text || Some(word.text.as_str()) == binding {
            return Some(Pointer::Itself(word.text.clone()));
        }
        let (base, kind, rest) = self.start(&word.text, Want::Place)?;
        let text = word.text.clone();
        match self.cut(kind, rest, Want::Place) {
            Some(Cut { hops, end: End::Property(property) }) => {
                Some(Pointer::Property(PropertyPath { base, hops, property, text }))
            }
            Some(Cut { mut hops, end: End::Relation(last, _) }) => {
                hops.push(last);
                Some(Pointer::Relation(RelationPath { base, hops, text }))
            }
            None => {
                self.unresolved(word, kind, rest, Want::Place, prefix(&word.text, rest));
                None
            }
        }
    }

    fn property(&mut self, word: &Word) -> Option<PropertyPath<M>> {
        let (base, kind, rest) = self.start(&word.text, Want::Either)?;
        if let Some(Cut { hops, end: End::Property(property) }) = self.cut(kind, rest, Want::Property) {
            return Some(PropertyPath { base, hops, property, text: word.text.clone() });
        }
        self.unresolved(word, kind, rest, Want::Property, prefix(&word.text, rest));
        None
    }

    fn relation(&mut self, word: &Word) -> Option<(RelationPath<M>, &'static Kind<M>)> {
        let (base, kind, rest) = self.start(&word.text, Want::Either)?;
        if let Some(Cut { mut hops, end: End::Relation(last, target) }) = self.cut(kind, rest, Want::Relation) {
            hops.push(last);
            return Some((RelationPath { base, hops, text: word.text.clone() }, target));
        }
        self.unresolved(word, kind, rest, Want::Relation, prefix(&word.text, rest));
        None
    }

    /// The subject that a path begins with, and what is left of the path: a bound name, else the innermost subject.
    ///
    /// Where the innermost subject itself has an entry of that whole name, and the named one has not, it is meant.
    fn start<'w>(&self, text: &'w str, want: Want) -> Option<(Slot, &'static Kind<M>, &'w str)> {
        let innermost = self.bound.last()?;
        let named = self.bound.iter().enumerate().rev().find_map(|(slot, bound)| {
            let rest = after(text, bound.name.as_deref()?)?;
            (!rest.is_empty()).then_some((Slot(slot), bound.kind, rest))
        });
        let mine = (Slot(self.bound.len() - 1), innermost.kind, text);
        match named {
            Some(named) if self.cut(named.1, named.2, want).is_some() => Some(named),
            Some(named) if self.cut(mine.1, text, want).is_none() => Some(named),
            Some(_) | None => Some(mine),
        }
    }

    /// Cuts a path into names, the longest first.
    fn cut(&self, kind: &'static Kind<M>, text: &str, want: Want) -> Option<Cut<M>> {
        if want.property()
            && let Some(property) = kind.properties.iter().find(|property| property.name == text)
        {
            return Some(Cut { hops: Vec::new(), end: End::Property(property) });
        }
        if want.relation()
            && let Some(relation) = kind.relations.iter().find(|relation| relation.name == text)
        {
            let target = self.catalog.kind(relation.target)?.1;
            return Some(Cut { hops: Vec::new(), end: End::Relation(relation, target) });
        }
        let mut ways: Vec<_> = kind
            .relations
            .iter()
            .filter(|relation| relation.one || want.through_many())
            .filter_map(|relation| Some((relation, after(text, relation.name).filter(|rest| !rest.is_empty())?)))
            .collect();
        ways.sort_by_key(|(relation, _)| std::cmp::Reverse(relation.name.len()));
        ways.into_iter().find_map(|(relation, rest)| {
            let mut cut = self.cut(self.catalog.kind(relation.target)?.1, rest, want)?;
            cut.hops.insert(0, relation);
            Some(cut)
        })
    }

    /// Says what is wrong with a path.
    fn unresolved(&mut self, word: &Word, kind: &'static Kind<M>, rest: &str, want: Want, before: &str) {
        let at = word.at;
        if want == Want::Property && kind.relations.iter().any(|relation| relation.name == rest) {
            let help = format!("ask with \"some\", \"every\" or \"count\", or name a property behind `{}`", word.text);
            self.fail("rule-name", at, format!("`{}` leads to subjects, it is no property", word.text), Some(help));
            return;
        }
        if want.relation() && kind.properties.iter().any(|property| property.name == rest) {
            let help = format!("relations of `{}` are {}", kind.name, list(kind.relations.iter().map(|r| r.name)));
            self.fail("rule-name", at, format!("`{}` is a property, it leads to no subjects", word.text), Some(help));
            return;
        }
        if let Some(many) = kind.relations.iter().find(|r| !r.one && after(rest, r.name).is_some_and(|r| !r.is_empty()))
            && !want.through_many()
        {
            let message = format!("`{}` may lead to many subjects, so a path cannot run through it", many.name);
            let help = format!("ask {{\"some\": \"{before}{}\", \"where\": …}}", many.name);
            self.fail("rule-name", at, message, Some(help));
            return;
        }
        // The longest way that can be walked tells which kind lacks the name.
        let (kind, rest, before) = self.farthest(kind, rest, before.to_owned());
        let names = names_of(kind, want);
        let what = want.noun();
        let near = closest(rest, names.iter().copied()).map(|near| format!("{before}{near}"));
        let help = did_you_mean(near.as_deref(), || {
            if names.is_empty() {
                format!("`{}` has none", kind.name)
            } else {
                format!("it has {}", list(names.iter().copied()))
            }
        });
        self.fail("rule-name", at, format!("`{}` has no {what} `{rest}`", kind.name), Some(help));
    }

    fn farthest<'w>(
        &self,
        kind: &'static Kind<M>,
        rest: &'w str,
        before: String,
    ) -> (&'static Kind<M>, &'w str, String) {
        let step = kind
            .relations
            .iter()
            .filter_map(|relation| {
                let left = after(rest, relation.name).filter(|left| !left.is_empty())?;
                Some((relation, left, self.catalog.kind(relation.target)?.1))
            })
            .max_by_key(|(relation, _, _)| relation.name.len());
        match step {
            Some((relation, left, target)) => self.farthest(target, left, format!("{before}{}.", relation.name)),
            None => (kind, rest, before),
        }
    }
}

/// What a path must end in.
#[derive(Clone, Copy, PartialEq)]
enum Want {
    Property,
    Relation,
    /// A relation; the path may run through relations to many, since every element counts.
    Elements,
    Either,
    /// Either; the path may run through relations to many, of which the first one is pointed at.
    Place,
}

impl Want {
    const fn property(self) -> bool {
        matches!(self, Self::Property | Self::Either | Self::Place)
    }

    const fn relation(self) -> bool {
        matches!(self, Self::Relation | Self::Elements | Self::Either | Self::Place)
    }

    const fn through_many(self) -> bool {
        matches!(self, Self::Elements | Self::Place)
    }

    const fn noun(self) -> &'static str {
        match self {
            Self::Property => "property",
            Self::Relation | Self::Elements => "relation",
            Self::Either | Self::Place => "property or relation",
        }
    }
}

fn names_of<M>(kind: &Kind<M>, want: Want) -> Vec<&'static str> {
    let properties = kind.properties.iter().map(|property| property.name).filter(|_| want.property());
    properties.chain(kind.relations.iter().map(|relation| relation.name).filter(|_| want.relation())).collect()
}

/// What follows a name at the beginning of a path: nothing when it is the whole path.
fn after<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let rest = text.strip_prefix(name)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('.') }
}

/// What stands before the rest of a text.
fn prefix<'t>(text: &'t str, rest: &str) -> &'t str {
    text.strip_suffix(rest).unwrap_or_default()
}

fn did_you_mean(near: Option<&str>, otherwise: impl FnOnce() -> String) -> String {
    near.map_or_else(otherwise, |near| format!("did you mean `{near}`?"))
}

const fn takes(operator: Operator, ty: Ty) -> bool {
    match operator {
        Operator::Equals | Operator::In => true,
        Operator::Less | Operator::Greater => matches!(ty, Ty::Int),
        Operator::StartsWith | Operator::EndsWith | Operator::Contains => matches!(ty, Ty::Text | Ty::Id),
        Operator::Within | Operator::Overlaps => matches!(ty, Ty::Net),
    }
}

const fn needs(operator: Operator) -> &'static str {
    match operator {
        Operator::Equals | Operator::In => "a value",
        Operator::Less | Operator::Greater => "a whole number",
        Operator::StartsWith | Operator::EndsWith | Operator::Contains => "text",
        Operator::Within | Operator::Overlaps => "an address range",
    }
}

/// The words of messages for a type.
pub const fn words(ty: Ty) -> &'static str {
    match ty {
        Ty::Bool => "true or false",
        Ty::Int => "a whole number",
        Ty::Text => "text",
        Ty::Id => "a resource id",
        Ty::Net => "an address range",
    }
}

fn comparable(a: Ty, b: Ty) -> bool {
    let textual = |ty| matches!(ty, Ty::Text | Ty::Id);
    a == b || (textual(a) && textual(b))
}
