//! Tokens → syntax tree.
//!
//! In: a decoded string that is an expression. Out: [`Expr`], or the first [`Refusal`]. Must not know: which functions
//! exist.

use super::Refusal;
use super::ast::{Access, AccessKind, Bytes, Call, Expr, Kind};
use super::lexer::{self, Lexer, Token};
use crate::value::Reason;

/// How deep calls may be nested: deeper ones would need an unbounded stack.
const DEPTH: u32 = 100;

/// Whether a string is an expression: it begins with one `[` and ends with `]`.
pub fn is_expression(text: &str) -> bool {
    text.len() >= 2 && text.starts_with('[') && text.ends_with(']') && !text.starts_with("[[")
}

/// The syntax tree of an expression, its brackets included.
///
/// # Errors
/// The first place that is not as the language wants it.
pub fn parse(text: &str) -> Result<Expr, Refusal> {
    let end = text.len();
    if !is_expression(text) {
        return Err(Refusal::new(0..u32::try_from(end).unwrap_or(u32::MAX), "an expression stands in brackets"));
    }
    let mut lexer = Lexer::new(text, 1, end - 1);
    let token = lexer.token()?;
    let mut parser = Parser { lexer, token, depth: 0 };
    let expr = parser.expression()?;
    match parser.token.kind {
        lexer::Kind::End => Ok(expr),
        _ => Err(parser.wanted("the end of the expression")),
    }
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    /// The next token, not yet taken.
    token: Token,
    depth: u32,
}

impl Parser<'_> {
    fn take(&mut self) -> Result<Token, Refusal> {
        let next = self.lexer.token()?;
        Ok(std::mem::replace(&mut self.token, next))
    }

    fn wanted(&self, what: &str) -> Refusal {
        Refusal::new(self.token.at.clone(), format!("expected {what}, found {}", self.token.kind.words()))
    }

    fn expect(&mut self, kind: &lexer::Kind) -> Result<Bytes, Refusal> {
        if self.token.kind == *kind { Ok(self.take()?.at) } else { Err(self.wanted(&kind.words())) }
    }

    fn expression(&mut self) -> Result<Expr, Refusal> {
        if self.depth >= DEPTH {
            return Err(Refusal {
                reason: Reason::Limit,
                ..Refusal::new(self.token.at.clone(), format!("calls are nested more than {DEPTH} deep"))
            });
        }
        self.depth += 1;
        let base = self.primary()?;
        let start = base.at.start;
        let mut end = base.at.end;
        let mut path = Vec::new();
        loop {
            let access = match self.token.kind {
                lexer::Kind::Dot => self.property()?,
                lexer::Kind::OpenSquare => self.index()?,
                _ => break,
            };
            end = access.at.end;
            path.push(access);
        }
        self.depth -= 1;
        if path.is_empty() {
            return Ok(base);
        }
        Ok(Expr { kind: Kind::Access(Box::new(base), path), at: start..end })
    }

    fn primary(&mut self) -> Result<Expr, Refusal> {
        match &self.token.kind {
            lexer::Kind::String(text) => {
                let kind = Kind::String(text.clone());
                Ok(Expr { kind, at: self.take()?.at })
            }
            lexer::Kind::Int(number) => {
                let kind = Kind::Int(*number);
                Ok(Expr { kind, at: self.take()?.at })
            }
            lexer::Kind::Name(_) => self.call(),
            _ => Err(self.wanted("a function call, a string or a number")),
        }
    }

    fn call(&mut self) -> Result<Expr, Refusal> {
        let mut name = self.take()?;
        let start = name.at.start;
        let mut namespace = None;
        if self.token.kind == lexer::Kind::Dot {
            self.take()?;
            let function = self.take()?;
            namespace = Some(name);
            name = function;
        }
        let lexer::Kind::Name(text) = &name.kind else {
            return Err(Refusal::new(name.at, "expected the name of a function"));
        };
        if self.token.kind != lexer::Kind::Open {
            let at = namespace.as_ref().map_or(&name.at, |n| &n.at);
            return Err(Refusal::new(
                at.start..name.at.end,
                format!("`{text}` is not called: a name needs parentheses"),
            )
            .with_help(format!("write {text}(…) for a function, or '{text}' for a string")));
        }
        self.take()?;
        let mut args = Vec::new();
        if self.token.kind != lexer::Kind::Close {
            loop {
                args.push(self.expression()?);
                if self.token.kind != lexer::Kind::Comma {
                    break;
                }
                self.take()?;
            }
        }
        if self.token.kind != lexer::Kind::Close {
            return Err(self.wanted("`,` or `)`"));
        }
        let end = self.take()?.at.end;
        let namespace = namespace.and_then(|token| match token.kind {
            lexer::Kind::Name(text) => Some(text),
            _ => None,
        });
        let call = Call { namespace, name: text.clone(), name_at: name.at, args };
        Ok(Expr { kind: Kind::Call(call), at: start..end })
    }

    fn property(&mut self) -> Result<Access, Refusal> {
        let dot = self.take()?.at;
        match &self.token.kind {
            lexer::Kind::Name(name) => {
                let kind = AccessKind::Property(name.clone());
                let end = self.take()?.at.end;
                Ok(Access { kind, at: dot.start..end })
            }
            _ => Err(self.wanted("the name of a property")),
        }
    }

    fn index(&mut self) -> Result<Access, Refusal> {
        let start = self.take()?.at.start;
        let index = self.expression()?;
        let end = self.expect(&lexer::Kind::CloseSquare)?.end;
        Ok(Access { kind: AccessKind::Index(index), at: start..end })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> (u32, u32) {
        let refusal = parse(text).expect_err(text);
        (refusal.at.start, refusal.at.end)
    }

    #[test]
    fn every_node_knows_its_bytes() {
        let text = "[ concat('ä', ns.f(-5).x[0]) ]";
        let mut seen = Vec::new();
        let tree = parse(text).expect("an expression");
        tree.visit(&mut |e| seen.push(&text[e.at.start as usize..e.at.end as usize]));
        assert_eq!(seen, ["concat('ä', ns.f(-5).x[0])", "'ä'", "ns.f(-5).x[0]", "ns.f(-5)", "-5", "0"]);
    }

    #[test]
    fn refusals_point_at_the_token() {
        assert_eq!(at("[concat('a' 'b')]"), (12, 15));
        assert_eq!(at("[true]"), (1, 5));
        assert_eq!(at("[f('a]"), (3, 5));
        assert_eq!(at("[f().?a]"), (5, 6));
        assert_eq!(at("[]"), (1, 1));
    }

    #[test]
    fn depth_is_bounded() {
        let deep = format!("[{}1{}]", "f(".repeat(10_000), ")".repeat(10_000));
        assert_eq!(parse(&deep).expect_err("too deep").reason, Reason::Limit);
    }
}
