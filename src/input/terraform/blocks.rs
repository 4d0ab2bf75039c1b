//! Which block of the configuration a nested block of the values is.
//!
//! In: the bodies of blocks, and values. Out: for each value the body that it comes from. Must not know: attributes.
//!
//! The values of blocks that are a set stand in another order than in the source. A body can be that of a value if no
//! constant contradicts it; among values that can be told apart by nothing else any order is right.

use crate::json::{Kind, Node};

/// For each value the body that it comes from; nothing where bodies and values do not match one to one, as they do not
/// where blocks are made by `dynamic`.
pub(super) fn matched<'t>(bodies: Node<'t>, values: &[Node<'t>], unknowns: &[Node<'t>]) -> Vec<Option<Node<'t>>> {
    let bodies: Vec<Node<'t>> = bodies.items().collect();
    let count = values.len().max(unknowns.len());
    if bodies.len() != count {
        return vec![None; count];
    }
    let fits = |value: usize, body: usize| match (bodies.get(body), values.get(value)) {
        (Some(body), Some(value)) => agrees(*body, *value),
        (_, _) => true,
    };
    if (0..count).all(|at| fits(at, at)) {
        return bodies.into_iter().map(Some).collect();
    }
    // The body of each value, found by exchanging along chains of values.
    let mut owner: Vec<Option<usize>> = vec![None; count];
    for value in 0..count {
        let mut seen = vec![false; count];
        if !place(value, &fits, &mut owner, &mut seen) {
            return vec![None; count];
        }
    }
    let mut found = vec![None; count];
    for (body, value) in owner.into_iter().enumerate() {
        if let Some(slot) = value.and_then(|value| found.get_mut(value)) {
            *slot = bodies.get(body).copied();
        }
    }
    found
}

fn place(value: usize, fits: &dyn Fn(usize, usize) -> bool, owner: &mut [Option<usize>], seen: &mut [bool]) -> bool {
    for body in 0..owner.len() {
        if seen.get(body).copied().unwrap_or(true) || !fits(value, body) {
            continue;
        }
        if let Some(slot) = seen.get_mut(body) {
            *slot = true;
        }
        let free = match owner.get(body).copied().flatten() {
            None => true,
            Some(other) => place(other, fits, owner, seen),
        };
        if free {
            if let Some(slot) = owner.get_mut(body) {
                *slot = Some(value);
            }
            return true;
        }
    }
    false
}

/// Whether no constant of a body contradicts a value.
fn agrees(body: Node<'_>, value: Node<'_>) -> bool {
    body.members().all(|member| {
        let name = member.key.as_str().unwrap_or_default();
        match (member.value.get("constant_value"), value.get(&name)) {
            (Some(constant), Some(value)) => same(constant, value),
            (_, _) => true,
        }
    })
}

/// Whether a constant is a value, as far as one sees: a number may be converted to text, a list be sorted.
fn same(constant: Node<'_>, value: Node<'_>) -> bool {
    match (constant.kind(), value.kind()) {
        (Kind::String, Kind::String) => constant.as_str() == value.as_str(),
        (Kind::Number, Kind::Number) => constant.number() == value.number(),
        (Kind::Bool(a), Kind::Bool(b)) => a == b,
        (_, _) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;
    use crate::source::FileId;

    fn matched_names(text: &str) -> Vec<Option<String>> {
        let parsed = json::parse(FileId(0), text);
        let root = parsed.tree.root().unwrap();
        let values: Vec<_> = root.get("values").unwrap().items().collect();
        let found = matched(root.get("bodies").unwrap(), &values, &[]);
        found.into_iter().map(|body| body.map(|body| body.get("is").unwrap().as_str().unwrap().into_owned())).collect()
    }

    #[test]
    fn values_find_their_blocks_in_any_order() {
        let bodies = r#"[{"is": "x", "a": {"constant_value": 1}}, {"is": "y", "a": {"constant_value": 2}},
                         {"is": "z", "a": {"references": ["var.a"]}}]"#;
        let values = r#"[{"a": 3}, {"a": 2}, {"a": 1}]"#;
        let found = matched_names(&format!(r#"{{"bodies": {bodies}, "values": {values}}}"#));
        assert_eq!(found, ["z", "y", "x"].map(|name| Some(name.to_owned())));
    }

    #[test]
    fn blocks_that_a_loop_makes_have_no_body() {
        let found = matched_names(r#"{"bodies": [{"is": "x"}], "values": [{}, {}]}"#);
        assert_eq!(found, [None, None]);
        let found = matched_names(r#"{"bodies": [{"is": "x", "a": {"constant_value": 1}}], "values": [{"a": 2}]}"#);
        assert_eq!(found, [None]);
    }
}
