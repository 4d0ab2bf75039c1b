//! Rule files as they are written: shapes are checked, names are not.
//!
//! In: a JSON tree. Out: a [`Written`] rule with the place of every word, and problems. Must not know: the catalog.

use crate::diag::{Level, Problem, Problems};
use crate::json::{Kind, Node, Number};
use crate::source::Span;

use super::ast::{Example, Fix, Language, Meta, Operator, Reference, Status};
use super::message::Draft;
use super::suggest::closest;

/// A text and its place.
#[derive(Clone, Debug)]
pub struct Word {
    /// The text.
    pub text: String,
    /// Its place, quotes included where it is a whole string.
    pub at: Span,
}

/// A rule whose names are not resolved.
#[derive(Debug)]
pub struct Written {
    /// What it says about itself.
    pub meta: Meta,
    /// The place of its id.
    pub id_at: Span,
    /// The kind or relation path that it judges.
    pub subject: Word,
    /// The name of the element.
    pub binding: Option<Word>,
    /// Where it applies.
    pub when: Option<WrittenClause>,
    /// What must hold.
    pub require: WrittenClause,
    /// Where a finding points.
    pub at: Vec<Word>,
    /// What a violation says.
    pub message: Draft,
    /// What to do about it.
    pub help: Option<Draft>,
}

/// A clause whose names are not resolved.
#[derive(Debug)]
pub struct WrittenClause {
    /// What it asks.
    pub form: Form,
    /// The place of its first key.
    pub at: Span,
}

/// The forms of clauses.
#[derive(Debug)]
pub enum Form {
    /// `allOf`.
    All(Vec<WrittenClause>),
    /// `anyOf`.
    Any(Vec<WrittenClause>),
    /// `not`.
    Not(Box<WrittenClause>),
    /// `property` with `exists`.
    Exists(Word, bool),
    /// `property` with any other operator.
    Compare(Word, Operator, Span, WrittenOperand),
    /// `every`, `some`, `count`.
    Related(Quantifier, Word, Option<Word>, Option<Box<WrittenClause>>),
}

/// How related subjects are looked at.
#[derive(Clone, Copy, Debug)]
pub enum Quantifier {
    /// All of them.
    Every,
    /// At least one.
    Some,
    /// A number of them.
    Count(super::ast::Bound),
}

/// An operand whose type is not checked.
#[derive(Debug)]
pub enum WrittenOperand {
    /// Values.
    Literals(Vec<Literal>),
    /// Another property.
    Property(Word),
}

/// A value of a rule file.
#[derive(Debug)]
pub struct Literal {
    /// The value.
    pub value: LiteralValue,
    /// Its place.
    pub at: Span,
}

/// The values that rules compare with.
#[derive(Debug)]
pub enum LiteralValue {
    /// `true`, `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Text.
    Text(String),
}

/// Clauses inside each other beyond this are refused.
const DEEPEST: usize = 32;

/// What a clause asks with.
const HEADS: [&str; 7] = ["property", "not", "allOf", "anyOf", "every", "some", "count"];

const RULE_KEYS: [&str; 18] = [
    "$schema",
    "id",
    "level",
    "status",
    "set",
    "title",
    "why",
    "errors",
    "fix",
    "example",
    "references",
    "subject",
    "as",
    "when",
    "require",
    "at",
    "message",
    "help",
];

/// Reads one rule file. `None` where something is missing without which there is no rule; problems say what.
pub fn rule(root: Node<'_>, problems: &mut Problems) -> Option<Written> {
    let mut reader = Reader { problems };
    reader.object(root, "a rule", &RULE_KEYS)?;
    let id = reader.required_word(root, "id");
    let level = reader.choice(root, "level", &[Level::Error, Level::Warning, Level::Note], Level::name);
    let status = reader.choice(root, "status", &[Status::Preview, Status::Stable, Status::Deprecated], Status::name);
    let set = reader.optional_word(root, "set").map(|word| word.text);
    let title = reader.required_word(root, "title");
    let why = reader.required_word(root, "why");
    let errors = reader.words(root, "errors").into_iter().map(|word| word.text).collect();
    let fix = reader.fix(root);
    let example = root.get("example").and_then(|node| reader.example(node));
    let references = reader.references(root);
    let subject = reader.required_word(root, "subject");
    let binding = reader.optional_word(root, "as");
    let when = root.get("when").and_then(|node| reader.clause(node, 0));
    let require = reader.required(root, "require").and_then(|node| reader.clause(node, 0));
    let at = reader.words(root, "at");
    let message = reader.required(root, "message").and_then(|node| reader.template(node));
    let help = root.get("help").and_then(|node| reader.template(node));
    if let Some(title) = title.as_ref().filter(|title| title.text.contains('\n')) {
        reader.shape(title.at, "`title` must be one line");
    }
    let id = id?;
    let meta = Meta {
        id: id.text,
        level: level?,
        status: status?,
        set,
        title: title?.text,
        why: why?.text,
        errors,
        fix: fix?,
        example,
        references,
        at: root.span(),
    };
    let (subject, require, message) = (subject?, require?, message?);
    Some(Written { meta, id_at: id.at, subject, binding, when, require, at, message, help })
}

struct Reader<'p> {
    problems: &'p mut Problems,
}

impl Reader<'_> {
    fn shape(&mut self, at: Span, message: impl Into<String>) {
        self.problems.push(Problem::error("rule-shape", at, message).fatal());
    }

    /// An object with these keys and no others.
    fn object(&mut self, node: Node<'_>, what: &str, keys: &[&'static str]) -> Option<()> {
        if node.kind() != Kind::Object {
            self.shape(node.head(), format!("{what} is an object, not {}", node.kind().words()));
            return None;
        }
        for member in node.members() {
            let Some(name) = member.key.as_str() else { continue };
            if !keys.contains(&name.as_ref()) {
                let mut problem =
                    Problem::error("rule-shape", member.key.span(), format!("{what} has no key `{name}`")).fatal();
                problem = match closest(&name, keys.iter().copied()) {
                    Some(near) => problem.with_help(format!("did you mean `{near}`?")),
                    None => problem.with_help(format!("its keys are {}", list(keys.iter().copied()))),
                };
                self.problems.push(problem);
            }
        }
        Some(())
    }

    fn required<'t>(&mut self, node: Node<'t>, key: &str) -> Option<Node<'t>> {
        let found = node.get(key);
        if found.is_none() {
            self.shape(node.head(), format!("`{key}` is missing"));
        }
        found
    }

    fn required_word(&mut self, node: Node<'_>, key: &str) -> Option<Word> {
        let value = self.required(node, key)?;
        self.word(value, key)
    }

    fn optional_word(&mut self, node: Node<'_>, key: &str) -> Option<Word> {
        let value = node.get(key)?;
        self.word(value, key)
    }

    fn word(&mut self, node: Node<'_>, key: &str) -> Option<Word> {
        match node.as_str() {
            Some(text) if !text.trim().is_empty() => Some(Word { text: text.into_owned(), at: node.span() }),
            Some(_) => {
                self.shape(node.span(), format!("`{key}` is empty"));
                None
            }
            None => {
                self.shape(node.head(), format!("`{key}` is a string, not {}", node.kind().words()));
                None
            }
        }
    }

    fn words(&mut self, node: Node<'_>, key: &str) -> Vec<Word> {
        let Some(list) = node.get(key) else { return Vec::new() };
        if list.kind() != Kind::Array {
            self.shape(list.head(), format!("`{key}` is an array of strings, not {}", list.kind().words()));
        }
        list.items().filter_map(|item| self.word(item, key)).collect()
    }

    fn choice<T: Copy>(&mut self, node: Node<'_>, key: &str, all: &[T], name: fn(T) -> &'static str) -> Option<T> {
        let word = self.required_word(node, key)?;
        let found = all.iter().copied().find(|&item| name(item) == word.text);
        if found.is_none() {
            let names = list(all.iter().map(|&item| name(item)));
            self.shape(word.at, format!("`{key}` is one of {names}, not `{}`", word.text));
        }
        found
    }

    fn fix(&mut self, node: Node<'_>) -> Option<Vec<Fix>> {
        let fix = self.required(node, "fix")?;
        if fix.kind() != Kind::Array {
            return self.word(fix, "fix").map(|word| vec![Fix { language: None, text: word.text }]);
        }
        Some(fix.items().filter_map(|item| self.snippet(item)).collect())
    }

    fn snippet(&mut self, node: Node<'_>) -> Option<Fix> {
        if node.kind() == Kind::String {
            return self.word(node, "fix").map(|word| Fix { language: None, text: word.text });
        }
        self.object(node, "a snippet of `fix`", &["for", "text"])?;
        let language = self.choice(node, "for", &Language::ALL, Language::name);
        let text = self.required_word(node, "text");
        Some(Fix { language: Some(language?), text: text?.text })
    }

    fn example(&mut self, node: Node<'_>) -> Option<Example> {
        self.object(node, "an example", &["wrong", "right"])?;
        let wrong = self.required_word(node, "wrong");
        let right = self.required_word(node, "right");
        Some(Example { wrong: wrong?.text, right: right?.text })
    }

    fn references(&mut self, node: Node<'_>) -> Vec<Reference> {
        let Some(list) = node.get("references") else { return Vec::new() };
        if list.kind() != Kind::Array {
            self.shape(list.head(), format!("`references` is an array, not {}", list.kind().words()));
        }
        let mut references = Vec::new();
        for item in list.items() {
            if self.object(item, "a reference", &["title", "url"]).is_none() {
                continue;
            }
            let title = self.required_word(item, "title");
            let url = self.required_word(item, "url");
            if let (Some(title), Some(url)) = (title, url) {
                references.push(Reference { title: title.text, url: url.text });
            }
        }
        references
    }

    fn template(&mut self, node: Node<'_>) -> Option<Draft> {
        let Some(text) = node.text() else {
            self.shape(node.head(), format!("a message is a string, not {}", node.kind().words()));
            return None;
        };
        Some(super::message::parse(&text, self.problems))
    }

    fn clause(&mut self, node: Node<'_>, depth: usize) -> Option<WrittenClause> {
        if node.kind() != Kind::Object {
            self.shape(node.head(), format!("a clause is an object, not {}", node.kind().words()));
            return None;
        }
        if depth >= DEEPEST {
            self.shape(node.head(), format!("clauses stand inside each other more than {DEEPEST} deep"));
            return None;
        }
        let heads: Vec<_> =
            node.members().filter(|m| m.key.as_str().is_some_and(|key| HEADS.contains(&key.as_ref()))).collect();
        let [head] = heads.as_slice() else {
            match (heads.first(), heads.get(1)) {
                (Some(first), Some(second)) => {
                    let (a, b) = (first.key.as_str().unwrap_or_default(), second.key.as_str().unwrap_or_default());
                    let message = format!("a clause asks one thing: `{a}` and `{b}` are two");
                    let help = "join them with \"allOf\"";
                    self.problems.push(
                        Problem::error("rule-shape", second.key.span(), message)
                            .with_label(first.key.span(), "the other one")
                            .with_help(help)
                            .fatal(),
                    );
                }
                (None, _) | (_, None) => self.headless(node),
            }
            return None;
        };
        let form = match head.key.as_str()?.as_ref() {
            "property" => self.test(node)?,
            "not" => {
                self.object(node, "\"not\"", &["not"])?;
                Form::Not(Box::new(self.clause(head.value, depth + 1)?))
            }
            "allOf" => {
                self.object(node, "\"allOf\"", &["allOf"])?;
                Form::All(self.clauses(head.value, "allOf", depth)?)
            }
            "anyOf" => {
                self.object(node, "\"anyOf\"", &["anyOf"])?;
                Form::Any(self.clauses(head.value, "anyOf", depth)?)
            }
            "every" => self.related(node, "every", depth)?,
            "some" => self.related(node, "some", depth)?,
            _ => self.related(node, "count", depth)?,
        };
        Some(WrittenClause { form, at: head.key.span().to(head.value.span()) })
    }

    fn headless(&mut self, node: Node<'_>) {
        let first = node.members().next();
        let near = first.and_then(|m| closest(&m.key.as_str()?, HEADS));
        let at = first.map_or(node.head(), |m| m.key.span());
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("a clause has one of {}", list(HEADS)),
        };
        let problem = Problem::error("rule-shape", at, "this clause asks nothing").with_help(help);
        self.problems.push(problem.fatal());
    }

    fn clauses(&mut self, node: Node<'_>, key: &str, depth: usize) -> Option<Vec<WrittenClause>> {
        if node.kind() != Kind::Array {
            self.shape(node.head(), format!("\"{key}\" is an array of clauses, not {}", node.kind().words()));
            return None;
        }
        if node.is_empty() {
            self.shape(node.span(), format!("\"{key}\" is empty, which asks nothing"));
            return None;
        }
        let parts: Vec<_> = node.items().map(|item| self.clause(item, depth + 1)).collect();
        parts.into_iter().collect()
    }

    fn test(&mut self, node: Node<'_>) -> Option<Form> {
        let mut keys = vec!["property", "exists"];
        keys.extend(Operator::ALL.iter().map(|operator| operator.name()));
        let before = self.problems.len();
        self.object(node, "a test", &keys)?;
        let misspelt = self.problems.len() > before;
        let path = self.required_word(node, "property")?;
        let mut asked: Vec<_> = node.members().filter(|m| !m.key.is_text("property")).collect();
        asked.retain(|m| m.key.as_str().is_some_and(|key| keys.contains(&key.as_ref())));
        let [question] = asked.as_slice() else {
            match asked.get(1) {
                Some(second) => self.shape(second.key.span(), "a test has one operator; join two with \"allOf\""),
                None if misspelt => {}
                None => {
                    let names = list(keys.into_iter().skip(1));
                    self.shape(node.head(), format!("this test has no operator; they are {names}"));
                }
            }
            return None;
        };
        let name = question.key.as_str()?;
        if name == "exists" {
            let Some(wanted) = question.value.as_bool() else {
                let words = question.value.kind().words();
                self.shape(question.value.head(), format!("\"exists\" is true or false, not {words}"));
                return None;
            };
            return Some(Form::Exists(path, wanted));
        }
        let operator = Operator::ALL.into_iter().find(|operator| operator.name() == name)?;
        let operand = self.operand(question.value, operator)?;
        Some(Form::Compare(path, operator, question.key.span(), operand))
    }

    fn operand(&mut self, node: Node<'_>, operator: Operator) -> Option<WrittenOperand> {
        if operator == Operator::In {
            if node.kind() != Kind::Array || node.is_empty() {
                self.shape(node.span(), "\"in\" takes an array of at least one value");
                return None;
            }
            let values: Vec<_> = node.items().map(|item| self.literal(item, "in")).collect();
            return values.into_iter().collect::<Option<_>>().map(WrittenOperand::Literals);
        }
        if node.kind() == Kind::Object {
            self.object(node, "an operand", &["property"])?;
            return self.required_word(node, "property").map(WrittenOperand::Property);
        }
        Some(WrittenOperand::Literals(vec![self.literal(node, operator.name())?]))
    }

    fn literal(&mut self, node: Node<'_>, key: &str) -> Option<Literal> {
        let value = match node.kind() {
            Kind::Bool(value) => LiteralValue::Bool(value),
            Kind::String => LiteralValue::Text(node.as_str()?.into_owned()),
            Kind::Number => match node.number() {
                Some(Number::Int(value)) => LiteralValue::Int(value),
                Some(Number::Float(_)) | None => {
                    self.shape(node.span(), "numbers of rules are whole numbers");
                    return None;
                }
            },
            Kind::Null => {
                self.shape(node.span(), format!("\"{key}\" cannot compare with null; ask {{\"exists\": false}}"));
                return None;
            }
            Kind::Array | Kind::Object => {
                self.shape(node.head(), format!("\"{key}\" does not compare with {}", node.kind().words()));
                return None;
            }
        };
        Some(Literal { value, at: node.span() })
    }

    fn related(&mut self, node: Node<'_>, key: &'static str, depth: usize) -> Option<Form> {
        const BOUNDS: [&str; 3] = ["less", "greater", "equals"];
        let counts = key == "count";
        let mut keys = vec![key, "as", "where"];
        if counts {
            keys.extend(BOUNDS);
        }
        self.object(node, &format!("\"{key}\""), &keys)?;
        let path = self.required_word(node, key);
        let binding = self.optional_word(node, "as");
        let clause = match node.get("where") {
            Some(inner) => Some(Box::new(self.clause(inner, depth + 1)?)),
            None if key == "every" => {
                self.shape(node.head(), "\"every\" needs \"where\"");
                return None;
            }
            None => None,
        };
        let quantifier = match key {
            "every" => Quantifier::Every,
            "some" => Quantifier::Some,
            _ => Quantifier::Count(self.bound(node, &BOUNDS)?),
        };
        Some(Form::Related(quantifier, path?, binding, clause))
    }

    fn bound(&mut self, node: Node<'_>, keys: &[&str]) -> Option<super::ast::Bound> {
        use super::ast::Bound;
        let given: Vec<_> = keys.iter().filter_map(|key| node.member(key)).collect();
        let [bound] = given.as_slice() else {
            self.shape(node.head(), "\"count\" needs one of `less`, `greater` and `equals`");
            return None;
        };
        let number = match bound.value.number() {
            Some(Number::Int(value)) => u32::try_from(value).ok(),
            Some(Number::Float(_)) | None => None,
        };
        let Some(number) = number else {
            self.shape(bound.value.span(), "a number of subjects is a whole number from 0");
            return None;
        };
        match bound.key.as_str()?.as_ref() {
            "less" if number == 0 => {
                self.shape(bound.value.span(), "fewer than 0 are never there");
                None
            }
            "less" => Some(Bound::Less(number)),
            "greater" => Some(Bound::Greater(number)),
            _ => Some(Bound::Equals(number)),
        }
    }
}

/// `a`, `b` and `c`, in backticks.
pub fn list<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match words.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}
