//! Where secrets stand, by what stands around them.
//!
//! In: a tree, whole or broken, of any format. Out: the places that no excerpt may show. Must not know: what is
//! evaluated, and when; a secret that nobody asks for is one all the same.
//!
//! A place is secret when it is declared so (`secureString`, `isSecret`), or when its name is that of a credential. Names
//! are all there is where people write credentials in plain text, and they are taken broadly: hiding too much costs a
//! reader a look into the file.

use std::ops::Range;
use std::sync::Arc;

use crate::expr;
use crate::expr::ast::{self, Expr};
use crate::json::{Kind, Member, Node};
use crate::parallel;
use crate::source::Span;
use crate::value::{Array, Data, Object, Value};

/// Endings of names whose values are credentials, without what is no letter, by their last three letters.
const ENDINGS: [([u8; 3], &[&str]); 8] = [
    (*b"ord", &["password"]),
    (*b"swd", &["passwd"]),
    (*b"pwd", &["pwd"]),
    (*b"ret", &["clientsecret"]),
    (*b"key", &["accountkey", "accesskey", "apikey", "sharedkey", "primarykey", "secondarykey", "privatekey"]),
    (*b"ing", &["connectionstring"]),
    (*b"ken", &["sastoken", "accesstoken"]),
    (*b"lue", &["secretvalue", "securevalue"]),
];
/// Whole names of the same.
const NAMES: [&str; 2] = ["token", "secret"];
/// Of these every string inside is a secret.
const BAGS: [&str; 1] = ["secret"];
/// What tools call an object, or a text, that holds credentials: Docker's logins and headers, and Kubernetes' copy of a
/// manifest as it was applied.
const TOOLS: [&str; 3] = ["auths", "HttpHeaders", "kubectl.kubernetes.io/last-applied-configuration"];
/// What may be secret because of the members beside it.
const HOLDERS: [&str; 4] = ["value", "defaultValue", "allowedValues", "properties"];
/// The lengths of those two, of which nearly every name of a document is none.
const LENGTHS: u64 = lengths(&TOOLS) | lengths(&HOLDERS);
/// Functions whose literals name something rather than hold it.
const LOOKUPS: [&str; 6] = ["parameters", "variables", "reference", "copyindex", "lambdavariables", "if"];

/// A bit for the length of each name, the last one for all of 63 bytes and more; see [`has_length`].
pub const fn lengths(names: &[&str]) -> u64 {
    let mut found = 0;
    let mut rest = names;
    while let [name, more @ ..] = rest {
        found |= length(name);
        rest = more;
    }
    found
}

const fn length(name: &str) -> u64 {
    1 << if name.len() < 63 { name.len() } else { 63 }
}

/// Whether a name is as long as one of those.
pub const fn has_length(lengths: u64, name: &str) -> bool {
    lengths & length(name) != 0
}

/// Whether a name is that of a credential: `adminPassword`, `DOCKER_REGISTRY_SERVER_PASSWORD`, `accessKey1`.
pub fn is_credential(name: &str) -> bool {
    is_credential_name(name.as_bytes())
}

/// Asked for each name of a document, of which nearly every one differs in its last letters.
fn is_credential_name(name: &[u8]) -> bool {
    // The last four letters, the last one first.
    let (mut last, mut count) = ([0; 4], 0);
    for byte in name.iter().rev().map(|byte| byte | 0x20) {
        if byte.is_ascii_lowercase() {
            let Some(slot) = last.get_mut(count) else { break };
            *slot = byte;
            count += 1;
        }
    }
    let plural = last[0] == b's';
    let [a, b, c] = if plural { [last[3], last[2], last[1]] } else { [last[2], last[1], last[0]] };
    let Some((_, endings)) = ENDINGS.iter().find(|(end, _)| *end == [a, b, c]) else { return false };
    let letters = || name.iter().rev().map(|byte| byte | 0x20).filter(u8::is_ascii_lowercase);
    let ends = |ending: &str| {
        let mut letters = letters().skip(usize::from(plural));
        let all = ending.bytes().rev().all(|wanted| letters.next() == Some(wanted));
        all.then(|| letters.next().is_none())
    };
    endings.iter().any(|ending| ends(ending).is_some())
        || (!plural && NAMES.iter().any(|whole| ends(whole) == Some(true)))
}

/// Whether something may be secret because a member has this name, which is taken as it is written; see [`places`]. What
/// is called `value` below `secrets` is secret as well.
pub fn may_be_secret_name(written: &[u8]) -> bool {
    is_credential_name(written)
        || ["defaultValue", "isSecret"].iter().any(|name| written.eq_ignore_ascii_case(name.as_bytes()))
}

/// Whether something may be secret because this string, which is taken as it is written, stands beside it; see [`places`].
pub fn may_say_secret(written: &[u8]) -> bool {
    let is = |text: &str| written.eq_ignore_ascii_case(text.as_bytes());
    match written {
        [b'@', b'{', ..] => true,
        [b's' | b'S', ..] => is("secureString") || is("secureObject"),
        [b'm' | b'M', ..] => is(SECRET_TYPE),
        _ => false,
    }
}

/// The type of resources that are secrets themselves.
const SECRET_TYPE: &str = "Microsoft.KeyVault/vaults/secrets";

/// Whether resources of a type are secrets themselves.
pub fn is_secret_type(ty: &str) -> bool {
    ty.eq_ignore_ascii_case(SECRET_TYPE)
}

fn bare(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect()
}

fn is_bag(name: &str) -> bool {
    BAGS.contains(&bare(name).as_str())
}

/// Where the secrets of a document stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// Values, which must not turn up elsewhere either.
    pub values: Vec<Span>,
    /// Names inside secret objects: hidden where they stand only, since `user` is no secret in general.
    pub names: Vec<Span>,
}

impl Places {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.names.is_empty()
    }
}

/// Of a text of so many bytes the parts are searched on several threads.
const LARGE: usize = 1024 * 1024;

/// The places of secrets in a document.
pub fn places(root: Node<'_>) -> Places {
    let members: Vec<Member<'_>> = root.members().collect();
    let of_member = |at: &Member<'_>| {
        let mut places = Places::default();
        member(root, "", *at, &mut places);
        places
    };
    // Of a large document the parts hold much.
    let threads = if root.raw().len() < LARGE { 1 } else { parallel::threads() };
    let mut places = Places::default();
    if members.is_empty() {
        walk(root, "", &mut places);
    }
    for part in parallel::each_on(threads, &members, of_member) {
        places.values.extend(part.values);
        places.names.extend(part.names);
    }
    places
}

/// The values of a parameter file: which of them are secret only its template can tell.
pub fn given(root: Node<'_>) -> Places {
    let mut places = Places::default();
    for member in root.get_ci("parameters").into_iter().flat_map(Node::members) {
        member.value.get_ci("value").into_iter().for_each(|value| strings(value, &mut places));
    }
    places
}

/// Names that may be shown whatever stands around them.
const PLAIN: [&str; 20] = [
    "$schema",
    "contentVersion",
    "parameters",
    "variables",
    "resources",
    "outputs",
    "functions",
    "type",
    "apiVersion",
    "name",
    "location",
    "properties",
    "metadata",
    "description",
    "defaultValue",
    "allowedValues",
    "value",
    "reference",
    "sku",
    "tags",
];
/// How far from a slip a secret may stand that the tree no longer shows as one, in bytes.
const AROUND: usize = 600;
/// How far excerpts reach.
const SHOWN: usize = 400;

/// The words around a slip, where secrets may be near: a broken tree does not tell what belongs to what.
pub fn near(text: &str, slip: Span) -> Vec<Span> {
    let at = (slip.start as usize).min(text.len());
    let around = window(text, at, AROUND).to_ascii_lowercase();
    let letters = bare(&around);
    let login = around.contains("://") && around.contains('@');
    let tools = TOOLS.iter().any(|name| around.contains(&name.to_ascii_lowercase()));
    let risky = login
        || tools
        || around.contains("sig=")
        || ["securestring", "secureobject", "defaultvalue", "value\""].iter().any(|word| around.contains(word))
        || ENDINGS.iter().flat_map(|(_, endings)| *endings).chain(&NAMES).any(|ending| letters.contains(ending));
    if !risky {
        return Vec::new();
    }
    let shown = window(text, at, SHOWN);
    let start = boundary(text, at.saturating_sub(SHOWN));
    let mut places = Vec::new();
    let separates = |c: char| c.is_whitespace() || "\"{}[]:,".contains(c);
    let mut from = 0;
    for word in shown.split(separates) {
        let here = start + from;
        from +=
            word.len() + shown.get(from + word.len()..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        let place = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        if !word.is_empty() && !PLAIN.contains(&word) {
            places.push(Span::new(slip.file, place(here), place(here + word.len())));
        }
    }
    places
}

fn window(text: &str, at: usize, reach: usize) -> &str {
    text.get(boundary(text, at.saturating_sub(reach))..boundary(text, at + reach)).unwrap_or("")
}

fn boundary(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// The places of all strings and numbers under a node that hold something secret.
pub fn strings(node: Node<'_>, places: &mut Places) {
    match node.kind() {
        Kind::String => text(node, places),
        Kind::Number => places.values.push(node.span()),
        Kind::Array => node.items().for_each(|item| strings(item, places)),
        Kind::Object => {
            for member in node.members() {
                places.names.push(member.key.span());
                strings(member.value, places);
            }
        }
        Kind::Null | Kind::Bool(_) => {}
    }
}

/// A secret string; of an expression, the literals that are no names of something else.
fn text(node: Node<'_>, places: &mut Places) {
    let Some(written) = node.as_str().filter(|written| !written.is_empty()) else { return };
    if !expr::is_expression(&written) {
        return places.values.push(node.span());
    }
    match (expr::parse(&written), node.text()) {
        (Ok(expression), Some(place)) => {
            literals(&expression, &mut |at| places.values.push(place.span(at.start as usize..at.end as usize)));
        }
        (Ok(_), None) => {}
        (Err(_), _) => places.values.push(node.span()),
    }
}

fn literals(expression: &Expr, see: &mut dyn FnMut(&ast::Bytes)) {
    match &expression.kind {
        ast::Kind::String(_) => see(&expression.at),
        ast::Kind::Int(_) => {}
        ast::Kind::Access(base, _) => literals(base, see),
        ast::Kind::Call(call) => {
            let name = call.name.to_ascii_lowercase();
            let names = LOOKUPS.contains(&name.as_str()) && name != "if";
            if names || name.starts_with("list") || name.ends_with("resourceid") {
                return;
            }
            // The condition of `if` chooses the secret; it is none.
            let skipped = usize::from(name == "if");
            call.args.iter().skip(skipped).for_each(|arg| literals(arg, see));
        }
    }
}

/// What is secret in a member of an object of some name.
fn member(node: Node<'_>, name: &str, member: Member<'_>, places: &mut Places) {
    let own = member.key.as_str().unwrap_or_default();
    if has_length(LENGTHS, &own)
        && (is_secret(node, name, &own) || TOOLS.iter().any(|bag| own.eq_ignore_ascii_case(bag)))
    {
        strings(member.value, places);
    }
    if is_credential(&own) {
        credential(member.value, is_bag(&own), places);
    }
    walk(member.value, &own, places);
}

fn walk(node: Node<'_>, name: &str, places: &mut Places) {
    match node.kind() {
        Kind::Array => node.items().for_each(|item| walk(item, name, places)),
        Kind::Object => {
            for part in node.members() {
                member(node, name, part, places);
            }
        }
        // PowerShell writes objects that lie too deep on one line, whatever is in them.
        Kind::String if node.raw().trim_start_matches('"').starts_with("@{") => places.names.push(node.span()),
        Kind::String => url(node, places),
        Kind::Null | Kind::Bool(_) | Kind::Number => {}
    }
}

/// What is secret in the addresses of a text.
fn url(node: Node<'_>, places: &mut Places) {
    if !node.raw().bytes().any(|byte| matches!(byte, b':' | b'=')) {
        return;
    }
    let is_address = |text: &str| text.contains("://") || text.contains("sig=");
    let Some(text) = node.text().filter(|text| is_address(text.as_str())) else { return };
    places.values.extend(in_url(text.as_str()).into_iter().map(|range| text.span(range)));
}

/// What is secret in the addresses that a text holds: the password of `http://user:password@host`, and the signature of
/// `https://host/path?sig=…`.
pub fn in_url(text: &str) -> Vec<Range<usize>> {
    let ends = |c: char| c.is_whitespace() || "/?#\"'<>()[]{}".contains(c);
    let mut found = Vec::new();
    for (at, mark) in text.match_indices("://") {
        let start = at + mark.len();
        let rest = text.get(start..).unwrap_or_default();
        let authority = rest.get(..rest.find(ends).unwrap_or(rest.len())).unwrap_or_default();
        if let Some(end) = authority.rfind('@')
            && let Some(colon) = authority.find(':').filter(|colon| *colon < end)
        {
            found.push(start + colon + 1..start + end);
        }
    }
    for (at, mark) in text.match_indices("sig=") {
        let start = at + mark.len();
        let rest = text.get(start..).unwrap_or_default();
        let end = rest.find(|c: char| c == '&' || (c != '/' && ends(c))).unwrap_or(rest.len());
        found.push(start..start + end);
    }
    found.retain(|range| !range.is_empty());
    found
}

/// An address without the name and the password in it.
pub fn without_login(text: &str) -> String {
    match text.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?.1))) {
        Some((scheme, host)) => format!("{scheme}://{host}"),
        None => text.to_owned(),
    }
}

/// What stands under the name of a credential: a string, several, or an object around the value.
fn credential(node: Node<'_>, bag: bool, places: &mut Places) {
    let wrapped = ["value", "defaultValue", "allowedValues"].iter().filter_map(|name| node.get_ci(name));
    match node.kind() {
        Kind::String => text(node, places),
        Kind::Array => node.items().filter(|item| item.kind() == Kind::String).for_each(|item| text(item, places)),
        Kind::Object if bag && node.get_ci("$ref").is_none() && node.get_ci("defaultValue").is_none() => {
            strings(node, places);
        }
        Kind::Object => wrapped.for_each(|value| strings(value, places)),
        Kind::Null | Kind::Bool(_) | Kind::Number => {}
    }
}

/// Whether a member of an object is secret because of the members beside it, or of the name around it.
fn is_secret(object: Node<'_>, around: &str, member: &str) -> bool {
    let is = |name: &str| member.eq_ignore_ascii_case(name);
    if !HOLDERS.into_iter().any(is) {
        return false;
    }
    let beside = |name: &str| object.get_ci(name).and_then(Node::as_str).unwrap_or_default().to_ascii_lowercase();
    let ty = beside("type");
    if matches!(ty.as_str(), "securestring" | "secureobject") {
        return ["value", "defaultValue", "allowedValues"].into_iter().any(is);
    }
    // A declaration that was cut off before it said its type.
    if is("defaultValue") && ty.is_empty() && object.get_ci("$ref").is_none() {
        return true;
    }
    if is_secret_type(&ty) {
        return is("properties");
    }
    let marked = object.get_ci("isSecret").is_some_and(|mark| mark.kind() == Kind::Bool(true));
    is("value") && (marked || is_credential(&beside("name")) || around.eq_ignore_ascii_case("secrets"))
}

/// Marks a value that stands under the name of a credential.
pub fn mark(name: &str, value: Value) -> Value {
    match &value.data {
        Data::Array(array) if name.eq_ignore_ascii_case("secrets") => {
            Value { data: Data::Array(Arc::new(mark_list(array))), ..value }
        }
        _ if !is_credential(name) => value,
        Data::String(text) if text.is_empty() => value,
        Data::String(_) | Data::Pattern(_) => value.into_secret(),
        Data::Array(array) if array.items.iter().any(|item| item.as_str().is_some()) => value.into_secret(),
        Data::Object(_) if is_bag(name) => value.into_secret(),
        Data::Object(object) if object.get("value").is_some() => {
            Value { data: Data::Object(Arc::new(with_secret_value(object))), ..value }
        }
        Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) | Data::Unknown(_) => value,
        Data::Array(_) | Data::Object(_) => value,
    }
}

/// Marks the `value` of an object whose `name` is that of a credential, or that says itself that it is secret.
pub fn mark_pair(object: Object) -> Object {
    let named = object.get("name").and_then(Value::as_str).is_some_and(is_credential);
    let marked = object.get("isSecret").is_some_and(|mark| matches!(mark.data, Data::Bool(true)));
    if named || marked { with_secret_value(&object) } else { object }
}

/// The same object, its `value` secret unless it is empty.
fn with_secret_value(object: &Object) -> Object {
    let mut marked = Object::new();
    for (key, member) in object.iter() {
        let hidden = key.name.eq_ignore_ascii_case("value") && member.as_str() != Some("");
        marked.push(key.clone(), if hidden { member.clone().into_secret() } else { member.clone() });
    }
    marked.open.clone_from(&object.open);
    marked
}

/// Marks the `value` of each object of a list of secrets.
fn mark_list(array: &Array) -> Array {
    let mark = |item: &Value| match &item.data {
        Data::Object(object) => Value { data: Data::Object(Arc::new(with_secret_value(object))), ..item.clone() },
        Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) | Data::String(_) => item.clone(),
        Data::Pattern(_) | Data::Array(_) | Data::Unknown(_) => item.clone(),
    };
    Array { items: array.items.iter().map(mark).collect(), open: array.open.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;
    use crate::source::FileId;

    #[test]
    fn credentials_are_known_by_the_ends_of_their_names() {
        for name in [
            "password",
            "adminPassword",
            "DOCKER_REGISTRY_SERVER_PASSWORD",
            "passwords",
            "pwd",
            "PWD_1",
            "db-passwd",
            "clientSecret",
            "client_secret",
            "ClientSecrets",
            "accessKey1",
            "primary_access_key",
            "apiKeys",
            "API-KEY",
            "connectionString",
            "primary_connection_string",
            "ConnectionStrings",
            "sasToken",
            "accessTokens",
            "secretValue",
            "secure_value",
            "token",
            "Token",
            "secret",
            "SECRET_1",
        ] {
            assert!(is_credential(name), "{name}");
        }
        for name in [
            "",
            "s",
            "ss",
            "d",
            "rd",
            "name",
            "names",
            "type",
            "tags",
            "keys",
            "key",
            "tokens",
            "secrets",
            "tokenId",
            "string",
            "strings",
            "value",
            "constant_value",
            "references",
            "mySecret",
            "word",
            "record",
            "1234",
            "___",
            "törd",
            "k\u{df}y",
            "keyVault",
            "routing",
            "sshKey",
            "egress",
        ] {
            assert!(!is_credential(name), "{name}");
        }
    }

    #[test]
    fn an_ending_stands_under_its_last_letters() {
        for (end, endings) in ENDINGS {
            for ending in endings {
                assert!(ending.as_bytes().ends_with(&end) && is_credential(ending), "{ending}");
            }
        }
    }

    #[test]
    fn a_password_in_an_address_is_one_however_slashes_are_written() {
        for text in [r#"["http://me:hunter22@proxy:3128/"]"#, r#"["http:\/\/me:hunter22@proxy:3128\/"]"#] {
            let parsed = json::parse(FileId(0), text);
            let found = places(parsed.tree.root().unwrap());
            let [span] = found.values.as_slice() else { panic!("{text}: {found:?}") };
            assert_eq!(&text[span.start as usize..span.end as usize], "hunter22");
        }
    }
}
