//! Known answers of the expression language, holes and secrets included, and what mutations may not do.
//!
//! `testdata/expr/<category>.txt` holds `expression` and `answer` lines, cases separated by blank lines, `#` for
//! comments. `UPDATE=1` writes the answers; read them before they are committed.
//!
//! The functions that a template answers are asked for in a real one, `testdata/expr/template.json`, deployed to a
//! known group; a comment `# at {…}` above a case is another context. Below a heading `## name` stand the cases of that
//! function.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::get_unwrap,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "what a test cannot do ends it, and what it does not test it says"
)]

mod beside;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use acrlint::diag::Problems;
use acrlint::expr::{Budget, Evaluator, Home, Scope, Verbatim, functions};
use acrlint::input::arm::{self, Assignment, Context};
use acrlint::json;
use acrlint::source::{FileId, Sources, Span};
use acrlint::value::{Data, Hole, Key, Object, Origin, Reason, Symbol, Trails, Type, Unknown, Value};

const AT: Span = Span::new(FileId(7), 0, 1);

/// A template with parameters of every kind of ignorance.
struct Template;

fn at() -> Origin {
    Origin::at(AT)
}

fn parameter(name: &str) -> Unknown {
    Unknown::new(Reason::ParameterWithoutValue, Symbol::new(format!("parameters('{name}')"), "main"))
}

fn finite(name: &str, ty: Type, values: Vec<Value>) -> Value {
    let mut unknown = parameter(name).typed(ty);
    unknown.domain = Some(values.into());
    Value::unknown(unknown, at())
}

fn strings(values: &[&str]) -> Vec<Value> {
    values.iter().map(|text| Value::string(*text, at())).collect()
}

fn object(members: Vec<(&str, Value)>) -> Value {
    let mut object = Object::new();
    for (name, value) in members {
        object.push(Key { name: name.into(), at: AT }, value);
    }
    Value::object(object, at())
}

impl Scope for Template {
    fn parameter(&self, name: &str, _: Span) -> Result<Value, String> {
        let value = match name {
            // Names hold no slash, ids begin with one, and of `any` nothing is known.
            "name" | "other" => Value::unknown(parameter(name).with_hole(Hole::Segment), at()),
            "id" => Value::unknown(parameter(name).with_hole(Hole::Id), at()),
            "any" => Value::unknown(parameter(name).with_hole(Hole::Any), at()),
            "number" => Value::unknown(parameter(name).typed(Type::Number), at()),
            "array" => Value::unknown(parameter(name).typed(Type::Array), at()),
            "object" => Value::unknown(parameter(name).typed(Type::Object), at()),
            "untyped" => Value::unknown(parameter(name), at()),
            "flag" => finite(name, Type::Bool, vec![Value::bool(true, at()), Value::bool(false, at())]),
            "sku" => finite(name, Type::String, strings(&["Basic", "Premium"])),
            "password" => Value::string("hunter2", at()).into_secret(),
            "secureObject" => object(vec![("user", Value::string("root", at()))]).into_secret(),
            _ if name.starts_with("deep") => {
                let level: u32 = name.trim_start_matches("deep").parse().map_err(|_| "no number".to_owned())?;
                return Ok(nested(level));
            }
            "tags" => object(vec![("env", Value::string("dev", at()))]),
            _ => return Err(format!("the template has no parameter `{name}`")),
        };
        Ok(value)
    }

    fn variable(&self, name: &str, _: Span) -> Result<Value, String> {
        match name {
            "skus" => Ok(object(vec![
                ("Basic", object(vec![("retain", Value::new(Data::Int(0), at()))])),
                ("Premium", object(vec![("retain", Value::new(Data::Int(7), at()))])),
            ])),
            // Each object holds the next one twice: small in memory, endless to walk.
            "bomb" => {
                let mut bomb = Value::null(at());
                for _ in 0..64 {
                    bomb = object(vec![("Basic", bomb.clone()), ("Premium", bomb)]);
                }
                Ok(bomb)
            }
            _ => Err(format!("the template has no variable `{name}`")),
        }
    }

    fn copy_index(&self, name: Option<&str>, _: Span) -> Result<Value, String> {
        if name.is_none_or(|name| name == "loop") {
            return Ok(Value::new(Data::Int(2), at()));
        }
        Err("there is no such loop".to_owned())
    }

    fn context(&self, name: &str, args: &[Value], _: Span) -> Option<Result<Value, String>> {
        let unknown = |text: &str| {
            let symbol = Symbol::new(text, "");
            Value::unknown(Unknown::new(Reason::NotInInput, symbol).with_hole(Hole::Segment), at())
        };
        match name {
            "resourceGroup" if args.is_empty() => Some(Ok(object(vec![
                ("name", unknown("resourceGroup().name")),
                ("location", unknown("resourceGroup().location")),
            ]))),
            _ => None,
        }
    }

    fn user_function(&self, namespace: &str, name: &str, args: &[Value], _: Span) -> Option<Result<Value, String>> {
        (namespace == "my" && name == "first").then(|| args.first().cloned().ok_or("one argument".to_owned()))
    }

    fn home(&self) -> Home {
        let unknown = |text: &str| {
            let symbol = Symbol::new(text, "");
            Value::unknown(Unknown::new(Reason::NotInInput, symbol).with_hole(Hole::Segment), at())
        };
        Home::ResourceGroup {
            subscription: unknown("subscription().subscriptionId"),
            group: unknown("resourceGroup().name"),
        }
    }
}

fn evaluate(expression: &str) -> (Value, Problems, Span) {
    let (trails, problems, budget) = (RefCell::new(Trails::new(0)), RefCell::new(Vec::new()), Budget::new(200_000));
    let evaluator = Evaluator { scope: &Template, trails: &trails, problems: &problems, budget: &budget };
    let end = u32::try_from(expression.len()).expect("short").saturating_add(2);
    let whole = Span::new(FileId(0), 0, end);
    let value = evaluator.text(expression, &Verbatim { whole });
    (value, problems.into_inner(), whole)
}

/// A value as these files show it.
fn show(value: &Value) -> String {
    let text = match &value.data {
        Data::Null => "null".to_owned(),
        Data::Bool(value) => value.to_string(),
        Data::Int(value) => value.to_string(),
        Data::Float(value) => format!("{value:?}"),
        Data::String(text) => format!("\"{text}\""),
        Data::Pattern(pattern) => format!("\"{pattern}\""),
        Data::Array(array) => {
            let mut items: Vec<String> = array.items.iter().map(show).collect();
            items.extend(array.open.iter().map(|_| "…".to_owned()));
            format!("[{}]", items.join(", "))
        }
        Data::Object(object) => {
            let mut members: Vec<String> =
                object.iter().map(|(key, value)| format!("{}: {}", key.name, show(value))).collect();
            members.extend(object.open.iter().map(|_| "…".to_owned()));
            format!("{{{}}}", members.join(", "))
        }
        Data::Unknown(unknown) => {
            let mut text = format!("unknown: {} ⟨{}⟩", unknown.reason.name(), unknown.symbol.text);
            if let Some(ty) = unknown.ty {
                let _ = write!(text, " {ty:?}");
            }
            if unknown.hole != Hole::Any {
                let _ = write!(text, " {:?}", unknown.hole);
            }
            if let Some(domain) = &unknown.domain {
                let members: Vec<String> = domain.iter().map(show).collect();
                let _ = write!(text, " one of {}", members.join(" | "));
            }
            text
        }
    };
    if value.secret { format!("secret {text}") } else { text }
}

fn answer(expression: &str) -> String {
    let (value, problems, whole) = evaluate(expression);
    let under = |span: Span| {
        assert!(whole.contains(span));
        expression.get(span.start as usize - 1..span.end as usize - 1).unwrap_or("the whole").to_owned()
    };
    shown(&value, &problems, under)
}

/// A value, or what is refused and where.
fn shown(value: &Value, problems: &Problems, under: impl Fn(Span) -> String) -> String {
    if problems.is_empty() {
        return show(value);
    }
    let mut text = String::new();
    for problem in problems {
        let under = under(problem.span().expect("a problem has a place"));
        let help = problem.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
        let _ = write!(text, "refused at `{under}`: {}{help}", problem.message);
    }
    text
}

/// The files whose expressions stand in a template.
const IN_A_TEMPLATE: [&str; 3] = ["deployment.txt", "resource.txt", "scope.txt"];

/// Where that template is deployed, unless the case says something else.
const DEPLOYED_TO: &str = r#"{"subscriptionId": "11111111-1111-1111-1111-111111111111",
    "tenantId": "22222222-2222-2222-2222-222222222222", "deploymentName": "release",
    "resourceGroup": {"name": "rg-hub", "location": "westeurope"}}"#;

/// The answer to an expression in the output of a template.
fn answer_in_a_template(expression: &str, context: &str) -> String {
    assert!(!expression.contains(['"', '\\']), "{expression} would be written with escapes");
    let text = include_str!("../testdata/expr/template.json").replace("THE EXPRESSION", expression);
    let mut sources = Sources::new();
    let template = sources.add("template.json", text);
    let place = sources.add("context.json", context);
    let tree = json::parse(template, sources.get(template).text()).tree;
    let place = json::parse(place, sources.get(place).text());
    assert!(place.problems.is_empty(), "{context} is no JSON");
    let context = Context::from_json(place.tree.root().unwrap());
    let loaded = arm::expand(&tree, &Assignment::new(), &context, "main", 0, &|_| true);
    let (_, value) = loaded.outputs.first().expect("one output");
    let under = |span: Span| sources.get(span.file).text()[span.start as usize..span.end as usize].to_owned();
    shown(value, &loaded.problems, under)
}

/// The files with cases, in order.
fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/expr");
    let entries = std::fs::read_dir(&folder).expect("testdata/expr").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|ending| ending == "txt")).collect();
    files.sort();
    files
}

/// `parameters('deep9')` is an expression that asks for `parameters('deep8')`, as defaults of parameters do.
fn nested(level: u32) -> Value {
    thread_local!(static BUDGET: Budget = Budget::default());
    let inner = format!("parameters('deep{}')", level.saturating_sub(1));
    let expression = match level % 3 {
        0 => format!("[toLower({inner})]"),
        1 => format!("[first(map(createArray(1), lambda('x', {inner})))]"),
        _ => format!("[if(true(), coalesce({inner}), 1)]"),
    };
    if level == 0 {
        return Value::string("end", at());
    }
    BUDGET.with(|budget| {
        let (trails, problems) = (RefCell::new(Trails::new(0)), RefCell::new(Vec::new()));
        let evaluator = Evaluator { scope: &Template, trails: &trails, problems: &problems, budget };
        evaluator.text(&expression, &Verbatim { whole: Span::new(FileId(0), 0, 1000) })
    })
}

#[test]
fn deep_nesting_ends_in_a_limit_not_in_an_overflow() {
    let (value, problems, _) = evaluate("[parameters('deep20')]");
    assert_eq!(value.as_str(), Some("end"), "{problems:?}");
    let (value, ..) = evaluate("[parameters('deep100000')]");
    assert_eq!(value.as_unknown().map(|unknown| unknown.reason), Some(Reason::Limit));
    for call in ["toLower(", "createArray(", "if(true(), ", "map(createArray(1), lambda('x', ", "coalesce(null(), "] {
        let close = if call.starts_with("map") {
            "))"
        } else if call.starts_with("if") {
            ", 1)"
        } else {
            ")"
        };
        let text = format!("[{}'x'{}]", call.repeat(49), close.repeat(49));
        let (value, problems, _) = evaluate(&text);
        assert!(value.as_unknown().is_none(), "{call} {problems:?}");
    }
}

#[test]
fn known_answers() {
    let mut count = 0;
    for path in files() {
        let text = std::fs::read_to_string(&path).expect("a text");
        let in_a_template = IN_A_TEMPLATE.iter().any(|name| path.ends_with(name));
        let mut written = String::new();
        for case in text.trim().split("\n\n") {
            let expression: Vec<&str> = case.lines().filter(|line| !line.starts_with("→ ")).collect();
            let Some(last) = expression.last().filter(|line| line.starts_with('[')) else {
                let _ = write!(written, "{case}\n\n");
                continue;
            };
            let got = if in_a_template {
                let context = expression.iter().find_map(|line| line.strip_prefix("# at "));
                answer_in_a_template(last, context.unwrap_or(DEPLOYED_TO))
            } else {
                answer(last)
            };
            let _ = write!(written, "{}\n→ {got}\n\n", expression.join("\n"));
            let wanted = case.lines().find_map(|line| line.strip_prefix("→ ")).unwrap_or("");
            if std::env::var("UPDATE").is_err() {
                assert_eq!(got, wanted, "{last} in {}", path.display());
            }
            count += 1;
        }
        if std::env::var("UPDATE").is_ok() {
            std::fs::write(&path, format!("{}\n", written.trim_end())).expect("written");
        }
    }
    assert!(count > 100, "only {count} cases were found");
}

/// The functions that exist today, from the collection beside the checkout; those that we know, where there is none.
fn functions_of_today() -> Vec<String> {
    let known = || functions::names().into_iter().map(str::to_owned).chain(["list*".to_owned()]).collect();
    let Some(table) = beside::shared("armsuite/README.md") else { return known() };
    let text = std::fs::read_to_string(table).expect("a text");
    let row = |line: &str| {
        let cells: Vec<&str> = line.strip_prefix('|')?.split('|').map(str::trim).collect();
        match cells.as_slice() {
            ["syntax" | "family", ..] => None,
            [_, name, count, ""] if count.parse::<u32>().is_ok() => Some((*name).to_owned()),
            _ => None,
        }
    };
    let names: Vec<String> = text.lines().filter_map(row).collect();
    assert!(names.len() > 100, "only {} functions were found", names.len());
    let missing: Vec<&String> = names.iter().filter(|name| !known().contains(name)).collect();
    assert!(missing.is_empty(), "functions that are not known: {missing:?}");
    let mut all: Vec<String> = known();
    all.extend(names);
    all.sort();
    all.dedup();
    all
}

#[test]
fn every_function_has_three_known_answers() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for path in files() {
        let text = std::fs::read_to_string(&path).expect("a text");
        let mut function: Option<String> = None;
        for block in text.trim().split("\n\n") {
            if let Some(name) = block.strip_prefix("## ") {
                function = Some(name.to_owned());
                continue;
            }
            let expression = block.lines().rfind(|line| line.starts_with('['));
            let (Some(name), Some(expression)) = (&function, expression) else { continue };
            let call = match name.strip_suffix('*') {
                Some(prefix) => prefix.to_lowercase(),
                None => format!("{}(", name.to_lowercase()),
            };
            assert!(expression.to_lowercase().contains(&call), "{expression} does not call {name}, {}", path.display());
            *counts.entry(name.clone()).or_default() += 1;
        }
    }
    let all = functions_of_today();
    let few: Vec<String> = all
        .iter()
        .map(|name| (name, counts.get(name).copied().unwrap_or_default()))
        .filter(|(_, count)| *count < 3)
        .map(|(name, count)| format!("{name}: {count}"))
        .collect();
    assert!(few.is_empty(), "fewer than three cases below `## name` in testdata/expr: {few:#?}");
    let strange: Vec<&String> = counts.keys().filter(|name| !all.contains(name)).collect();
    assert!(strange.is_empty(), "headings that name no function: {strange:?}");
}

#[test]
fn equal_calls_on_equal_unknowns_are_equal() {
    use acrlint::value::Truth;
    use acrlint::value::compare::{same, same_ignoring_case};
    let value = |text: &str| evaluate(text).0;
    let same = |a: &str, b: &str| same(&value(a), &value(b));
    let (concat, format) = ("[concat('a-', parameters('name'))]", "[format('a-{0}', parameters('name'))]");
    assert_eq!(same(concat, format), Truth::True);
    assert_eq!(same("[uniqueString(parameters('name'))]", "[uniquestring(parameters('name'))]"), Truth::True);
    assert_eq!(same("[uniqueString(parameters('name'))]", "[uniqueString(parameters('other'))]"), Truth::Unknown);
    let unsure = "map(parameters('array'), lambda('x', 1))";
    assert_eq!(same(&format!("[{unsure}]"), &format!("[{}]", unsure.replace("map", "MAP"))), Truth::True);
    assert_eq!(same("[listKeys('x', '1')]", "[LISTKEYS('x', '1')]"), Truth::True);
    let id = "resourceId('Microsoft.Network/virtualNetworks', parameters('name'))";
    assert_eq!(same(&format!("[last(split({id}, '/'))]"), "[parameters('name')]"), Truth::True);
    let folded = |a: &str, b: &str| same_ignoring_case(&value(a), &value(b));
    assert_eq!(folded("[toLower(parameters('name'))]", "[parameters('name')]"), Truth::True);
    assert_eq!(folded("[concat('A', toUpper(parameters('name')))]", "[concat('a', parameters('name'))]"), Truth::True);
    assert_eq!(same("[toLower(parameters('name'))]", "[parameters('name')]"), Truth::Unknown);
    assert_eq!(same(concat, "[concat('a-', parameters('name'), 'b')]"), Truth::False);
    assert_eq!(same(concat, "[concat('a-', parameters('name'), parameters('other'))]"), Truth::Unknown);
    assert_eq!(same("[listKeys(parameters('id'), '1')]", "[listKeys(parameters('id'), '2')]"), Truth::Unknown);
}

#[test]
fn values_keep_the_place_where_they_were_written() {
    let written = |text: &str| evaluate(text).0.origin.at;
    for passes in [
        "[parameters('name')]",
        "[parameters('tags').env]",
        "[if(true(), parameters('tags').env, 'x')]",
        "[coalesce(null(), parameters('tags')['env'])]",
        "[first(createArray(parameters('name'), 'x'))]",
        "[tryGet(parameters('tags'), 'env')]",
        "[union(parameters('tags'), createObject('a', 1)).env]",
        "[map(createArray(parameters('name')), lambda('x', lambdaVariables('x')))[0]]",
        "[my.first(parameters('name'))]",
    ] {
        assert_eq!(written(passes), AT, "{passes}");
    }
    let literal = "[if(true(), 'abc', 'x')]";
    assert_eq!(written(literal), Span::new(FileId(0), 13, 18));
    let computed = "[concat('a', 'b')]";
    assert_eq!(written(computed), Span::new(FileId(0), 0, 20));
    let inner = "[createArray(concat('a', 'b'))[0]]";
    assert_eq!(written(inner), Span::new(FileId(0), 14, 30));
}

#[test]
fn the_text_of_a_secret_is_never_in_a_symbol_or_a_message() {
    for expression in [
        "[uniqueString(parameters('password'), parameters('name'))]",
        "[concat(parameters('password'), parameters('name'))]",
        "[contains(createArray(parameters('name')), parameters('password'))]",
        "[int(parameters('password'))]",
        "[parameters('tags')[parameters('password')]]",
        "[fail(parameters('password'))]",
        "[json(parameters('password'))]",
        "[toObject(createArray(1, 2), lambda('x', parameters('password')))]",
        "[dateTimeAdd(parameters('password'), 'P1D')]",
        "[dateTimeAdd('2020-04-07', 'P1D', parameters('password'))]",
        "[resourceId(parameters('password'), 'a', 'b/c', 'd')]",
        "[createObject(parameters('password'), 1, parameters('password'), 2)]",
        "[range(0, length(parameters('password')))]",
        "[format(parameters('password'), parameters('name'))]",
        "[format(concat('{', parameters('password'), '}'), 1)]",
        "[parameters('object')[parameters('password')]]",
        "[tryGet(parameters('object'), parameters('password'))]",
        "[parameters(parameters('password'))]",
        "[copyIndex(parameters('password'))]",
        "[add(1, parameters('password'))]",
        "[map(createArray(1), lambda('x', add(1, parameters('password'))))]",
    ] {
        let (value, problems, _) = evaluate(expression);
        assert!(!format!("{:?}", value.as_unknown()).contains("hunter2"), "{expression}: {value:?}");
        assert!(!format!("{problems:?}").contains("hunter2"), "{expression}: {problems:?}");
    }
}

/// A small generator of pseudo-random numbers, the same on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit.max(1)).expect("small")).expect("small")
    }
}

#[test]
fn mutated_expressions_never_panic_and_problems_stay_inside() {
    let mut seeds: Vec<String> = Vec::new();
    for path in files() {
        let text = std::fs::read_to_string(path).expect("a text");
        seeds.extend(text.lines().filter(|line| line.starts_with('[')).map(str::to_owned));
    }
    seeds.sort();
    let pieces =
        ["(", ")", "'", ",", "[", "]", ".", "''", "9223372036854775807", "-1", "{0:X999}", "é", "😀", "null()"];
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for round in 0..6_000 {
        let mut text: Vec<char> = seeds[random.below(seeds.len())].chars().collect();
        for _ in 0..=random.below(4) {
            let place = 1 + random.below(text.len().saturating_sub(2));
            match random.below(4) {
                0 if text.len() > 3 => drop(text.remove(place)),
                1 => text[place] = char::from(u8::try_from(random.below(127)).expect("ASCII")),
                2 => drop(text.splice(place..place, pieces[random.below(pieces.len())].chars())),
                _ => {
                    let other: Vec<char> = seeds[random.below(seeds.len())].chars().collect();
                    let from = random.below(other.len());
                    let to = from + random.below(other.len() - from);
                    text.splice(place..place, other[from..to].iter().copied());
                }
            }
        }
        let text: String = text.into_iter().collect();
        let (_, problems, whole) = evaluate(&text);
        for problem in problems {
            let span = problem.span().expect("a problem has a place");
            assert!(whole.contains(span), "round {round}: {text}: {span:?} lies outside of {whole:?}");
        }
    }
}

#[test]
fn bombs_run_out_of_budget() {
    let mut bomb = "createArray(1, 2, 3, 4, 5, 6, 7, 8, 9)".to_owned();
    for _ in 0..30 {
        bomb = format!("map({bomb}, lambda('x', {}))", "range(0, 1000)");
    }
    let grow =
        format!("[length({})]", (0..40).fold("'0123456789'".to_owned(), |inner, _| {
        format!("reduce(range(0, 1000), {inner}, lambda('c', 'n', concat(lambdaVariables('c'), lambdaVariables('c'))))")
    }));
    let deep = (0..3).fold("lambdaVariables('c')".to_owned(), |inner, _| {
        format!("reduce(range(0, 1000), {inner}, lambda('c', 'n', createArray(lambdaVariables('c'))))")
    });
    let deep = format!("[first(map(createArray(1), lambda('c', {deep})))]");
    let text = "reduce(range(0, 19), 'aaaa', lambda('c', 'n', concat(lambdaVariables('c'), lambdaVariables('c'))))";
    let replaced = format!("[length(replace({text}, 'a', {text}))]");
    let formatted = format!("[length(format('{}', {text}))]", "{0}".repeat(100));
    let holes = "[reduce(range(0, 60), parameters('name'), lambda('c', 'n', concat(lambdaVariables('c'), lambdaVariables('c'))))]";
    let open = "[variables('bomb')[parameters('untyped')]]".to_owned();
    let finite = "[variables('bomb')[parameters('sku')]]".to_owned();
    for text in [format!("[{bomb}]"), grow, deep, open, finite, replaced, formatted, holes.to_owned()] {
        let (value, problems, _) = evaluate(&text);
        assert_eq!(value.as_unknown().map(|unknown| unknown.reason), Some(Reason::Limit), "{problems:?}");
    }
}
