//! Addresses and references, as Terraform writes them.
//!
//! In: `module.net["a"].azurerm_subnet.this[0].id`. Out: [`Token`]s, [`Address`]. Must not know: what they lead to.

use std::fmt;

/// The key of one of several instances.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Key {
    /// Of `count`.
    Number(u64),
    /// Of `for_each`.
    Text(String),
}

impl Key {
    /// The key as text, without quotes.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "[{number}]"),
            Self::Text(text) => {
                let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
                write!(f, "[\"{text}\"]")
            }
        }
    }
}

/// A part of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A name between dots.
    Name(String),
    /// What stands in brackets.
    Index(Key),
}

impl Token {
    /// The name, of one.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::Name(name) => Some(name),
            Self::Index(_) => None,
        }
    }
}

/// Cuts an address or a reference; what is no part of one is left out.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(4);
    let mut chars = text.char_indices().peekable();
    let mut from = 0;
    while let Some((at, c)) = chars.next() {
        match c {
            '.' => finish(text.get(from..at), &mut tokens),
            '[' => {
                finish(text.get(from..at), &mut tokens);
                let quoted = chars.next_if(|(_, c)| *c == '"').is_some();
                let mut inner = String::new();
                while let Some((_, c)) = chars.next() {
                    match c {
                        '\\' if quoted => match chars.next() {
                            Some((_, 'n')) => inner.push('\n'),
                            Some((_, 't')) => inner.push('\t'),
                            Some((_, other)) => inner.push(other),
                            None => {}
                        },
                        '"' if quoted => {
                            chars.next_if(|(_, c)| *c == ']');
                            break;
                        }
                        ']' if !quoted => break,
                        other => inner.push(other),
                    }
                }
                match inner.parse() {
                    Ok(number) if !quoted => tokens.push(Token::Index(Key::Number(number))),
                    _ if quoted => tokens.push(Token::Index(Key::Text(inner))),
                    _ => {}
                }
            }
            _ => continue,
        }
        from = chars.peek().map_or(text.len(), |(next, _)| *next);
    }
    finish(text.get(from..), &mut tokens);
    tokens
}

fn finish(name: Option<&str>, tokens: &mut Vec<Token>) {
    match name.unwrap_or_default() {
        "" | "*" => {}
        // The old spelling of an index: `a.0.id`.
        digits if digits.bytes().all(|b| b.is_ascii_digit()) && !tokens.is_empty() => {
            if let Ok(number) = digits.parse() {
                tokens.push(Token::Index(Key::Number(number)));
            }
        }
        name => tokens.push(Token::Name(name.to_owned())),
    }
}

/// The way through module calls to a module instance.
pub(super) type ModulePath = Vec<(String, Option<Key>)>;

/// The address of a resource instance, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Address {
    /// The module instance.
    pub(super) module: ModulePath,
    /// Read rather than managed.
    pub(super) data: bool,
    /// `azurerm_subnet`.
    pub(super) ty: String,
    /// The label.
    pub(super) name: String,
    /// Which of several.
    pub(super) key: Option<Key>,
}

impl Address {
    /// Takes an address apart; `None` where it is that of no resource.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let tokens = tokens(text);
        let (module, at) = module_path(&tokens);
        let mut rest = tokens.into_iter().skip(at).peekable();
        let data = rest.next_if(|token| token.name() == Some("data")).is_some();
        let mut word = || match rest.next() {
            Some(Token::Name(name)) => Some(name),
            Some(Token::Index(_)) | None => None,
        };
        let (ty, name) = (word()?, word()?);
        let key = match rest.next() {
            Some(Token::Index(key)) => Some(key),
            Some(Token::Name(_)) | None => None,
        };
        Some(Self { module, data, ty, name, key })
    }

    /// `data.azurerm_subnet.this`: what the configuration of its module calls it.
    pub(super) fn block(&self) -> String {
        block(self.data, &self.ty, &self.name)
    }
}

/// What the configuration of a module calls a resource.
pub(super) fn block(data: bool, ty: &str, name: &str) -> String {
    if data { format!("data.{ty}.{name}") } else { format!("{ty}.{name}") }
}

/// The module instance in front, and how many tokens it takes.
pub(super) fn module_path(tokens: &[Token]) -> (ModulePath, usize) {
    let mut path = ModulePath::new();
    let mut at = 0;
    while let (Some(Token::Name(word)), Some(Token::Name(name))) = (tokens.get(at), tokens.get(at + 1)) {
        if word != "module" {
            break;
        }
        at += 2;
        let key = match tokens.get(at) {
            Some(Token::Index(key)) => Some(key.clone()),
            Some(Token::Name(_)) | None => None,
        };
        at += usize::from(key.is_some());
        path.push((name.clone(), key));
    }
    (path, at)
}

/// A module instance as a text: `module.net["a"].module.sub`.
pub(super) fn module_text(path: &[(String, Option<Key>)]) -> String {
    let mut text = String::new();
    for (name, key) in path {
        if !text.is_empty() {
            text.push('.');
        }
        text.push_str("module.");
        text.push_str(name);
        if let Some(key) = key {
            text.push_str(&key.to_string());
        }
    }
    text
}

/// The calls that lead to a module, whichever instance: `net.sub`.
pub(super) fn module_calls(path: &[(String, Option<Key>)]) -> String {
    path.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        let address = Address::parse(r#"module.net["a.b"].module.x[1].data.azurerm_subnet.this["q\"]"]"#).unwrap();
        assert_eq!(module_text(&address.module), r#"module.net["a.b"].module.x[1]"#);
        assert_eq!(module_calls(&address.module), "net.x");
        assert_eq!(address.block(), "data.azurerm_subnet.this");
        assert_eq!(address.key, Some(Key::Text("q\"]".to_owned())));
        assert_eq!(Address::parse("azurerm_subnet.this").unwrap().key, None);
        assert_eq!(Address::parse("azurerm_subnet"), None);
        assert_eq!(Address::parse(""), None);
    }

    #[test]
    fn references_are_cut_in_every_spelling() {
        let name = |text: &str| Token::Name(text.to_owned());
        let zero = Token::Index(Key::Number(0));
        assert_eq!(tokens("a.b.0.id"), [name("a"), name("b"), zero.clone(), name("id")]);
        assert_eq!(tokens("a.b[0].id"), [name("a"), name("b"), zero, name("id")]);
        assert_eq!(tokens("a.b[*].id"), [name("a"), name("b"), name("id")]);
        assert_eq!(tokens("a.b.*.id"), [name("a"), name("b"), name("id")]);
        assert_eq!(tokens("[\"x"), [Token::Index(Key::Text("x".to_owned()))]);
    }
}
