//! Texts to bodies.
//!
//! In: the text of a file. Out: a [`Body`], or a problem at the place where the text stops making sense. Must not know: what
//! anything means.

use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::expr::{self, ObjectKey, TraversalOperator};
use hcl_edit::structure::{self, BlockLabel};

use crate::diag::Problem;
use crate::source::{FileId, Span};

use super::{Attribute, Block, Body, Expression, Form, Member, Step};

/// Reads a file.
pub fn read(file: FileId, text: &str) -> Result<Body, Problem> {
    let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
    let reader = Reader { file, base: text.len() - bare.len(), text };
    match hcl_edit::parser::parse_body(bare) {
        Ok(body) => Ok(reader.body(&body)),
        Err(error) => {
            let at = error.location().offset();
            let message = format!("this is no HCL: {}", error.message());
            Err(Problem::warning("terraform-syntax", reader.span(Some(at..at)), message))
        }
    }
}

/// An expression by itself, as JSON files hold it in strings: nothing where it is none.
pub(super) fn reference(text: &str, at: Span) -> Option<Form> {
    let inner = text.strip_prefix("${")?.strip_suffix('}')?;
    let reader = Reader { file: at.file, base: 0, text: "" };
    let form = reader.expression(&hcl_edit::parser::parse_expr(inner).ok()?).form;
    matches!(form, Form::Reference(_)).then_some(form)
}

struct Reader<'t> {
    file: FileId,
    base: usize,
    /// The whole text.
    text: &'t str,
}

impl Reader<'_> {
    /// A range of the text that was parsed.
    fn span(&self, range: Option<Range<usize>>) -> Span {
        let range = range.unwrap_or_default();
        let place = |at: usize| u32::try_from(at.saturating_add(self.base)).unwrap_or(u32::MAX);
        Span::new(self.file, place(range.start), place(range.end))
    }

    fn body(&self, body: &structure::Body) -> Body {
        let mut made = Body::default();
        for attribute in body.attributes() {
            made.attributes.push(Attribute {
                name: attribute.key.to_string(),
                name_at: self.span(attribute.key.span()),
                value: self.expression(&attribute.value),
            });
        }
        for block in body.blocks() {
            let start = self.span(block.ident.span());
            let head = block.labels.last().map_or(start, |label| start.to(self.span(label.span())));
            let label = |label: &BlockLabel| match label {
                BlockLabel::Ident(name) => name.to_string(),
                BlockLabel::String(text) => text.to_string(),
            };
            let behind = self.text.get(head.end as usize..).and_then(|rest| rest.find('{')).unwrap_or(0);
            made.blocks.push(Block {
                opens: head.end.saturating_add(u32::try_from(behind).unwrap_or(0)),
                kind: block.ident.to_string(),
                labels: block.labels.iter().map(label).collect(),
                head,
                body: self.body(&block.body),
            });
        }
        made
    }

    fn expression(&self, written: &expr::Expression) -> Expression {
        let form = match written {
            expr::Expression::Null(_) => Form::Null,
            expr::Expression::Bool(value) => Form::Literal(value.to_string()),
            expr::Expression::Number(value) => Form::Literal(value.value().to_string()),
            expr::Expression::String(text) => Form::Literal(text.to_string()),
            expr::Expression::Array(array) => Form::Array(array.iter().map(|item| self.expression(item)).collect()),
            expr::Expression::Object(object) => Form::Object(
                object
                    .iter()
                    .map(|(key, value)| {
                        let (name, name_at) = self.key(key);
                        Member { name, name_at, value: self.expression(value.expr()) }
                    })
                    .collect(),
            ),
            // "${var.sku}" is var.sku.
            expr::Expression::StringTemplate(template) => match template.as_single_element() {
                Some(hcl_edit::template::Element::Interpolation(only)) => self.expression(&only.expr).form,
                Some(_) | None => Form::Template,
            },
            expr::Expression::HeredocTemplate(_) => Form::Template,
            expr::Expression::Parenthesis(inner) => self.expression(inner.inner()).form,
            expr::Expression::Variable(name) => Form::Reference(vec![Step::Name(name.to_string())]),
            expr::Expression::Traversal(traversal) => self.reference(traversal),
            expr::Expression::FuncCall(call) if call.name.namespace.is_empty() => Form::Call(
                call.name.name.to_string(),
                call.args.iter().map(|argument| self.expression(argument)).collect(),
            ),
            expr::Expression::FuncCall(_)
            | expr::Expression::Conditional(_)
            | expr::Expression::UnaryOp(_)
            | expr::Expression::BinaryOp(_)
            | expr::Expression::ForExpr(_) => Form::Other,
        };
        Expression { at: self.span(written.span()), form }
    }

    fn key(&self, key: &ObjectKey) -> (Option<String>, Span) {
        match key {
            ObjectKey::Ident(name) => (Some(name.to_string()), self.span(name.span())),
            ObjectKey::Expression(written) => {
                let at = self.span(written.span());
                match self.expression(written).form {
                    Form::Literal(text) => (Some(text), at),
                    // A bare word is a name, not a reference.
                    Form::Reference(steps) if !matches!(written, expr::Expression::Parenthesis(_)) => {
                        match steps.as_slice() {
                            [Step::Name(name)] => (Some(name.clone()), at),
                            _ => (None, at),
                        }
                    }
                    _ => (None, at),
                }
            }
        }
    }

    fn reference(&self, traversal: &expr::Traversal) -> Form {
        let Form::Reference(mut steps) = self.expression(&traversal.expr).form else { return Form::Other };
        for operator in &traversal.operators {
            steps.push(match operator.value() {
                TraversalOperator::GetAttr(name) => Step::Name(name.to_string()),
                TraversalOperator::Index(index) => Step::Index(Box::new(self.expression(index))),
                TraversalOperator::LegacyIndex(index) => {
                    let form = Form::Literal(index.to_string());
                    Step::Index(Box::new(Expression { at: self.span(index.span()), form }))
                }
                TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => Step::All,
            });
        }
        Form::Reference(steps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\u{feff}resource \"t\" \"r\" {\r\n  a = \"x\" # c\r\n  b = local.m[\"k\"].n\r\n  c = \"${var.v}\"\r\n  d = \"${var.v}-x\"\n  e = { f = 1, \"g\" : [true], (var.h) = null }\n  s {\n    i = toset(each.value)\n  }\n}\n";

    fn body() -> Body {
        read(FileId(0), TEXT).unwrap()
    }

    fn written(span: Span) -> &'static str {
        &TEXT[span.start as usize..span.end as usize]
    }

    #[test]
    fn everything_knows_its_bytes() {
        let body = body();
        let block = &body.blocks[0];
        assert_eq!(written(block.head), "resource \"t\" \"r\"");
        let value = |name: &str| written(block.body.attribute(name).unwrap().value.at);
        assert_eq!(value("a"), "\"x\"");
        assert_eq!(value("b"), "local.m[\"k\"].n");
        assert_eq!(value("c"), "\"${var.v}\"");
        assert_eq!(written(block.body.attribute("e").unwrap().name_at), "e");
        let Form::Object(members) = &block.body.attribute("e").unwrap().value.form else { panic!() };
        let names: Vec<_> = members.members().iter().map(|member| member.name.as_deref()).collect();
        assert_eq!(names, [Some("f"), Some("g"), None]);
        assert_eq!(written(members.get("g").unwrap().value.at), "[true]");
        assert_eq!(written(block.body.blocks[0].head), "s");
    }

    #[test]
    fn references_are_told_from_templates() {
        let body = body();
        let form = |name: &str| body.blocks[0].body.attribute(name).unwrap().value.form.clone();
        let name = |text: &str| Step::Name(text.to_owned());
        assert_eq!(form("c"), Form::Reference(vec![name("var"), name("v")]));
        assert_eq!(form("d"), Form::Template);
        let Form::Reference(steps) = form("b") else { panic!() };
        assert!(matches!(&steps[2], Step::Index(index) if index.literal() == Some("k")), "{steps:?}");
        assert!(
            matches!(&body.blocks[0].body.blocks[0].body.attributes[0].value.form, Form::Call(name, _) if name == "toset")
        );
    }

    #[test]
    fn what_is_wrong_has_a_place() {
        let problem = read(FileId(3), "a = 1\nb \"x\" {\n  c = \n}\n").unwrap_err();
        let at = problem.span().unwrap();
        assert_eq!((at.file, at.start), (FileId(3), 20));
        assert!(problem.message.contains("expression"), "{}", problem.message);
        for text in ["[".repeat(100_000), "a = ".to_owned() + &"(".repeat(100_000), "a {\n".repeat(100_000)] {
            assert!(read(FileId(0), &text).is_err());
        }
    }
}
