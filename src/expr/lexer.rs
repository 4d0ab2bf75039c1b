//! Text of an expression → tokens.
//!
//! In: a decoded string. Out: [`Token`]s with their bytes, or a [`Refusal`]. Must not know: the grammar.

use std::sync::Arc;

use super::Refusal;
use super::ast::Bytes;

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `(`
    Open,
    /// `)`
    Close,
    /// `[`
    OpenSquare,
    /// `]`
    CloseSquare,
    /// `,`
    Comma,
    /// `.`
    Dot,
    /// A name.
    Name(Arc<str>),
    /// `'text'`
    String(Arc<str>),
    /// A whole number.
    Int(i64),
    /// The end of the text.
    End,
}

impl Kind {
    /// The words of a message.
    pub fn words(&self) -> String {
        match self {
            Self::Open => "`(`".to_owned(),
            Self::Close => "`)`".to_owned(),
            Self::OpenSquare => "`[`".to_owned(),
            Self::CloseSquare => "`]`".to_owned(),
            Self::Comma => "`,`".to_owned(),
            Self::Dot => "`.`".to_owned(),
            Self::Name(name) => format!("`{name}`"),
            Self::String(_) => "a string".to_owned(),
            Self::Int(number) => format!("`{number}`"),
            Self::End => "the end".to_owned(),
        }
    }
}

/// A token with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Where it stands.
    pub at: Bytes,
}

/// Reads one token after the other.
pub struct Lexer<'a> {
    text: &'a str,
    next: usize,
    end: usize,
}

impl<'a> Lexer<'a> {
    /// Reads the bytes of a text between two offsets, which lie on character boundaries.
    pub const fn new(text: &'a str, start: usize, end: usize) -> Self {
        Self { text, next: start, end }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.next..self.end).unwrap_or("")
    }

    fn bytes(&self, start: usize) -> Bytes {
        offset(start)..offset(self.next)
    }

    /// The next token; [`Kind::End`] for ever after the last one.
    pub fn token(&mut self) -> Result<Token, Refusal> {
        let rest = self.rest();
        self.next += rest.len() - rest.trim_start().len();
        let start = self.next;
        let Some(first) = self.rest().chars().next() else {
            return Ok(Token { kind: Kind::End, at: self.bytes(start) });
        };
        let simple = match first {
            '(' => Some(Kind::Open),
            ')' => Some(Kind::Close),
            '[' => Some(Kind::OpenSquare),
            ']' => Some(Kind::CloseSquare),
            ',' => Some(Kind::Comma),
            '.' => Some(Kind::Dot),
            _ => None,
        };
        let kind = match (simple, first) {
            (Some(kind), _) => {
                self.next += first.len_utf8();
                kind
            }
            (None, '\'') => self.string(start)?,
            (None, '+' | '-' | '0'..='9') => self.number(start)?,
            (None, c) if is_name(c) => {
                let rest = self.rest();
                let length = rest.find(|c: char| !is_name(c)).unwrap_or(rest.len());
                self.next += length;
                Kind::Name(rest.get(..length).unwrap_or("").into())
            }
            (None, c) => {
                self.next += c.len_utf8();
                return Err(self.unexpected(c, start));
            }
        };
        Ok(Token { kind, at: self.bytes(start) })
    }

    fn unexpected(&self, c: char, start: usize) -> Refusal {
        let refusal = Refusal::new(self.bytes(start), format!("`{c}` has no meaning in an expression"));
        match c {
            '"' => refusal.with_help("strings of an expression stand in single quotes"),
            '?' => refusal.with_help("there is no `.?` in a template; use tryGet()"),
            '+' | '*' | '/' | '%' | '=' | '<' | '>' | '!' | '&' | '|' => {
                refusal.with_help("the language has no operators; use functions such as add(), equals() and not()")
            }
            _ => refusal,
        }
    }

    fn string(&mut self, start: usize) -> Result<Kind, Refusal> {
        self.next += 1;
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let Some(quote) = rest.find('\'') else {
                self.next = self.end;
                return Err(Refusal::new(self.bytes(start), "this string has no closing quote")
                    .with_help("a quote inside a string is doubled: 'it''s'"));
            };
            text.push_str(rest.get(..quote).unwrap_or(""));
            self.next += quote + 1;
            if self.rest().starts_with('\'') {
                text.push('\'');
                self.next += 1;
            } else {
                return Ok(Kind::String(text.into()));
            }
        }
    }

    fn number(&mut self, start: usize) -> Result<Kind, Refusal> {
        let rest = self.rest();
        let sign = usize::from(rest.starts_with(['+', '-']));
        let digits = rest.bytes().skip(sign).take_while(u8::is_ascii_digit).count();
        self.next += sign + digits;
        let text = rest.get(..sign + digits).unwrap_or("");
        if digits == 0 {
            return Err(self.unexpected(text.chars().next().unwrap_or('-'), start));
        }
        text.parse()
            .map(Kind::Int)
            .map_err(|_| Refusal::new(self.bytes(start), format!("{text} does not fit into a whole number of 64 bits")))
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$')
}

/// Texts of more than 4 GiB do not occur; their offsets would all be the last one.
fn offset(byte: usize) -> u32 {
    u32::try_from(byte).unwrap_or(u32::MAX)
}
