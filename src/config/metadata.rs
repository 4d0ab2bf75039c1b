//! Exemptions where comments cannot stand: the member `acrlint` of `metadata`, as Bicep's `metadata acrlint = {…}` gives it.
//!
//! In: a JSON text. Out: [`Exemption`]s; each covers the object that has the `metadata`: a template, a resource, a
//! parameter, an output. Must not know: what these are.

use crate::diag::{Level, Problems};
use crate::json::reader::Reader;
use crate::json::{self, Kind, Node};
use crate::source::FileId;

use super::exemption::{self, Cover, Exemption};

/// The code of what is wrong with exemptions that stand in sources.
pub const CODE: &str = "exemption-invalid";

/// The exemptions in the metadata of a text.
pub fn read(file: FileId, text: &str, problems: &mut Problems) -> Vec<Exemption> {
    let mut exemptions = Vec::new();
    if text.contains("\"acrlint\"")
        && let Some(root) = json::parse(file, text).tree.root()
    {
        let mut wrong = Problems::new();
        look(&mut Reader::new(CODE, &mut wrong), root, &mut exemptions);
        // The template itself can be used all the same.
        for problem in &mut wrong {
            problem.fatal = false;
            problem.level = Level::Warning;
        }
        problems.extend(wrong);
    }
    exemptions
}

/// JSON is nested as deep as its reader allows, which is less than would be too deep here.
fn look(reader: &mut Reader<'_>, node: Node<'_>, exemptions: &mut Vec<Exemption>) {
    match node.kind() {
        Kind::Object => {
            let own = node.get("metadata").filter(|metadata| metadata.kind() == Kind::Object);
            if let Some(said) = own.and_then(|metadata| metadata.get("acrlint")) {
                list(reader, said, node, exemptions);
            }
            node.members().for_each(|member| look(reader, member.value, exemptions));
        }
        Kind::Array => node.items().for_each(|item| look(reader, item, exemptions)),
        Kind::Null | Kind::Bool(_) | Kind::Number | Kind::String => {}
    }
}

fn list(reader: &mut Reader<'_>, said: Node<'_>, around: Node<'_>, exemptions: &mut Vec<Exemption>) {
    let Some(mut fields) = reader.object(said) else { return };
    let list = fields.required("ignore", reader);
    fields.finish(reader);
    for entry in list.and_then(|list| reader.array(list)).into_iter().flatten() {
        let cover = Cover::Source { within: around.span(), opening: None };
        let fields = reader.object(entry);
        exemptions.extend(fields.and_then(|fields| exemption::read(reader, fields, cover)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_object_around_is_covered() {
        let text = r#"{"metadata": {"acrlint": {"ignore": [{"rule": "r1", "reason": "x", "resource": "cr*"}]}, "_generator": {}},
            "resources": [{"name": "a", "metadata": {"acrlint": {"ignore": [{"rule": "r2", "reason": "y", "expires": "2026-12-31"}]}}}],
            "outputs": {"o": {"metadata": {"acrlint": {"ignore": [{"rule": "r3"}], "x": 1}}}, "p": {"metadata": {"acrlint": []}}}}"#;
        let mut problems = Problems::new();
        let found = read(FileId(0), text, &mut problems);
        let shown: Vec<String> = found
            .iter()
            .map(|one| match one.cover {
                Cover::Source { within, .. } => {
                    format!(
                        "{} {:?} {}",
                        one.rules.value,
                        one.expires.as_ref().map(|e| e.value.to_string()),
                        &text[within.start as usize..][..12]
                    )
                }
                Cover::Everywhere => "everywhere".to_owned(),
            })
            .collect();
        assert_eq!(shown, ["r1 None {\"metadata\":", "r2 Some(\"2026-12-31\") {\"name\": \"a\""]);
        assert!(found[0].resource.as_ref().unwrap().value.matches_resource("crHub"));
        let said: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(
            said,
            [
                "unknown property",
                "the property `reason` is missing from this object",
                "expected an object, found an array"
            ]
        );
        assert!(problems.iter().all(|problem| !problem.fatal && problem.level == Level::Warning));
    }
}
