//! Reading objects whose shape is known: rules and configuration.
//!
//! In: nodes. Out: typed parts of them, and a problem with a place for everything that does not fit.
//! Must not know: what the names mean.
//!
//! Nothing here stops at the first problem: a part that does not fit is reported and left out.

use crate::diag::{Problem, Problems};
use crate::source::Span;

use super::{Items, Kind, Node, Number, Text};

/// Where the problems of one kind of file go.
#[derive(Debug)]
pub struct Reader<'p> {
    code: &'static str,
    problems: &'p mut Problems,
}

/// The members of an object, being taken one by one.
#[derive(Debug)]
pub struct Fields<'t> {
    object: Node<'t>,
    asked: Vec<&'static str>,
}

impl<'p> Reader<'p> {
    /// A reader whose problems have this code, such as `rule-shape`.
    pub fn new(code: &'static str, problems: &'p mut Problems) -> Self {
        Self { code, problems }
    }

    /// Reports an error. The file cannot be used.
    pub fn error(&mut self, span: Span, message: impl Into<String>) {
        self.problems.push(Problem::error(self.code, span, message).fatal());
    }

    /// Reports an error and what to do about it. The file cannot be used.
    pub fn error_with_help(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.problems.push(Problem::error(self.code, span, message).with_help(help).fatal());
    }

    fn expected(&mut self, node: Node<'_>, wanted: Kind) {
        self.error(node.head(), format!("expected {}, found {}", wanted.words(), node.kind().words()));
    }

    /// An object; its members are taken from the answer.
    pub fn object<'t>(&mut self, node: Node<'t>) -> Option<Fields<'t>> {
        if node.kind() == Kind::Object {
            return Some(Fields { object: node, asked: Vec::new() });
        }
        self.expected(node, Kind::Object);
        None
    }

    /// The elements of an array.
    pub fn array<'t>(&mut self, node: Node<'t>) -> Option<Items<'t>> {
        if node.kind() == Kind::Array {
            return Some(node.items());
        }
        self.expected(node, Kind::Array);
        None
    }

    /// A string.
    pub fn text<'t>(&mut self, node: Node<'t>) -> Option<Text<'t>> {
        let text = node.text();
        if text.is_none() {
            self.expected(node, Kind::String);
        }
        text
    }

    /// `true` or `false`.
    pub fn bool(&mut self, node: Node<'_>) -> Option<bool> {
        let value = node.as_bool();
        if value.is_none() {
            self.error(node.head(), format!("expected a boolean, found {}", node.kind().words()));
        }
        value
    }

    /// A whole number.
    pub fn integer(&mut self, node: Node<'_>) -> Option<i64> {
        match node.number() {
            Some(Number::Int(value)) => Some(value),
            Some(Number::Float(_)) => {
                self.error(node.span(), "expected a whole number");
                None
            }
            None => {
                self.expected(node, Kind::Number);
                None
            }
        }
    }

    /// One of a few words, each standing for a value.
    pub fn choice<T: Copy>(&mut self, node: Node<'_>, choices: &[(&str, T)]) -> Option<T> {
        let word = self.text(node)?;
        if let Some((_, value)) = choices.iter().find(|(name, _)| *name == word.as_str()) {
            return Some(*value);
        }
        let names = choices.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let message = format!("expected one of {names}");
        match nearest(word.as_str(), choices.iter().map(|(name, _)| *name)) {
            Some(name) => self.error_with_help(node.span(), message, format!("did you mean `{name}`?")),
            None => self.error(node.span(), message),
        }
        None
    }
}

impl<'t> Fields<'t> {
    /// The object they belong to.
    pub const fn object(&self) -> Node<'t> {
        self.object
    }

    /// A member that may be missing.
    pub fn optional(&mut self, name: &'static str) -> Option<Node<'t>> {
        self.asked.push(name);
        self.object.get(name)
    }

    /// A member that must be there.
    pub fn required(&mut self, name: &'static str, reader: &mut Reader<'_>) -> Option<Node<'t>> {
        let found = self.optional(name);
        if found.is_none() {
            reader.error(self.object.head(), format!("the property `{name}` is missing from this object"));
        }
        found
    }

    /// Reports the members that nobody asked for.
    pub fn finish(self, reader: &mut Reader<'_>) {
        for member in self.object.members() {
            let name = member.key.as_str().unwrap_or_default();
            if self.asked.iter().any(|asked| *asked == name) {
                continue;
            }
            let unused = self.asked.iter().copied().filter(|asked| self.object.get(asked).is_none());
            match nearest(&name, unused) {
                Some(near) => {
                    reader.error_with_help(member.key.span(), "unknown property", format!("did you mean `{near}`?"));
                }
                None => reader.error(member.key.span(), "unknown property"),
            }
        }
    }
}

/// The known word that a misspelled one was meant to be, if one is near enough: a third of its letters at most differ.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase().chars().collect::<Vec<_>>();
    let distances = known.into_iter().map(|name| (distance(&word, &name.to_lowercase()), name));
    let (steps, name) = distances.min_by_key(|(steps, _)| *steps)?;
    (steps <= word.len() / 3).then_some(name)
}

/// How many letters must be added, removed, replaced or swapped with their neighbor to make one word of the other.
fn distance(a: &[char], b: &str) -> usize {
    let b = b.chars().collect::<Vec<_>>();
    // Row i holds the distances of the first i letters of `a` to all beginnings of `b`.
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i.saturating_add(1)];
        for (j, y) in b.iter().enumerate() {
            let at = |back: usize, column: Option<usize>| {
                let above = rows.len().checked_sub(back).and_then(|row| rows.get(row));
                above.zip(column).and_then(|(above, column)| above.get(column)).copied().unwrap_or(usize::MAX)
            };
            let replaced = at(1, Some(j)).saturating_add(usize::from(x != y));
            let removed = at(1, j.checked_add(1)).saturating_add(1);
            let added = row.last().copied().unwrap_or(usize::MAX).saturating_add(1);
            let before = |letters: &[char], end: usize| end.checked_sub(1).and_then(|last| letters.get(last)).copied();
            let crossed = before(a, i) == Some(*y) && before(&b, j) == Some(*x);
            let swapped = if crossed { at(2, j.checked_sub(1)).saturating_add(1) } else { usize::MAX };
            row.push(replaced.min(removed).min(added).min(swapped));
        }
        rows.push(row);
    }
    rows.last().and_then(|row| row.last()).copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;
    use crate::source::FileId;

    #[test]
    fn near_words_are_found() {
        let known = ["severity", "message", "when"];
        assert_eq!(nearest("severty", known), Some("severity"));
        assert_eq!(nearest("Mesasge", known), Some("message"));
        assert_eq!(nearest("wehn", known), Some("when"));
        assert_eq!(nearest("then", known), Some("when"));
        assert_eq!(nearest("at", known), None);
        assert_eq!(nearest("", known), None);
        assert_eq!(nearest("x", []), None);
        assert_eq!(distance(&['a', 'b', 'c'], "ca"), 3);
        assert_eq!(distance(&['a', 'b'], "ba"), 1);
    }

    #[test]
    fn every_part_that_does_not_fit_is_reported() {
        let text = r#"{"id": 7, "levle": "error", "on": "yes", "level": "eror", "max": 1.5, "list": {}, "extra": 1}"#;
        let parsed = parse(FileId(0), text);
        let mut problems = Problems::new();
        let mut reader = Reader::new("test-shape", &mut problems);
        let mut fields = reader.object(parsed.tree.root().unwrap()).unwrap();
        assert!(fields.required("id", &mut reader).and_then(|node| reader.text(node)).is_none());
        assert!(fields.optional("on").and_then(|node| reader.bool(node)).is_none());
        let levels = [("error", 1), ("warning", 2)];
        assert!(fields.optional("level").and_then(|node| reader.choice(node, &levels)).is_none());
        assert!(fields.optional("max").and_then(|node| reader.integer(node)).is_none());
        assert!(fields.optional("list").and_then(|node| reader.array(node)).is_none());
        assert!(fields.required("extras", &mut reader).is_none());
        assert!(reader.object(parsed.tree.at("/id").unwrap()).is_none());
        fields.finish(&mut reader);
        let seen: Vec<_> = problems
            .iter()
            .map(|problem| {
                let span = problem.span().unwrap();
                let place = &text[span.start as usize..span.end as usize];
                format!("{place}: {} {}", problem.message, problem.help.as_deref().unwrap_or("-"))
            })
            .collect();
        assert_eq!(
            seen,
            [
                "7: expected a string, found a number -",
                "\"yes\": expected a boolean, found a string -",
                "\"eror\": expected one of `error`, `warning` did you mean `error`?",
                "1.5: expected a whole number -",
                "{: expected an array, found an object -",
                "{: the property `extras` is missing from this object -",
                "7: expected an object, found a number -",
                "\"levle\": unknown property -",
                "\"extra\": unknown property did you mean `extras`?",
            ]
        );
    }

    #[test]
    fn parts_that_fit_are_handed_out() {
        let parsed = parse(FileId(0), r#"{"a": "x", "b": true, "c": -3, "d": [1, 2], "e": "two"}"#);
        let mut problems = Problems::new();
        let mut reader = Reader::new("test-shape", &mut problems);
        let mut fields = reader.object(parsed.tree.root().unwrap()).unwrap();
        let mut take = |name| fields.required(name, &mut reader).unwrap();
        let [text, bool, integer, array, choice] = ["a", "b", "c", "d", "e"].map(&mut take);
        assert_eq!(reader.text(text).unwrap().as_str(), "x");
        assert_eq!(reader.bool(bool), Some(true));
        assert_eq!(reader.integer(integer), Some(-3));
        assert_eq!(reader.array(array).unwrap().count(), 2);
        assert_eq!(reader.choice(choice, &[("one", 1), ("two", 2)]), Some(2));
        fields.finish(&mut reader);
        assert_eq!(problems, []);
    }
}
