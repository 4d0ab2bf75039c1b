//! What is read of sources, as a list that `tools/check_hcl.py` compares with what Terraform's own parser reads.

use super::*;

use acrlint::input::hcl::{self, Body, Expression, Form};
use acrlint::source::Sources;
use serde_json::json;

/// The form of an expression, and its text as it is written.
fn value(written: &Expression, text: &str) -> Value {
    let slice = &text[written.at.start as usize..written.at.end as usize];
    match &written.form {
        Form::Literal(literal) => json!({ "literal": literal }),
        Form::Reference(_) => json!({ "reference": slice }),
        Form::Object(object) => {
            json!({ "object": object.members().iter().map(|member| member.name.clone()).collect::<Vec<_>>() })
        }
        Form::Array(items) => json!({ "array": items.iter().map(|item| value(item, text)).collect::<Vec<_>>() }),
        Form::Null => json!({ "null": slice }),
        Form::Template | Form::Call(..) | Form::Other => json!({ "other": slice }),
    }
}

fn body(read: &Body, text: &str) -> Value {
    let attributes: serde_json::Map<String, Value> =
        read.attributes.iter().map(|attribute| (attribute.name.clone(), value(&attribute.value, text))).collect();
    let blocks: Vec<Value> = read
        .blocks
        .iter()
        .map(|block| json!({ "kind": block.kind, "labels": block.labels, "body": body(&block.body, text) }))
        .collect();
    json!({ "attributes": attributes, "blocks": blocks })
}

#[test]
#[ignore = "writes the list for tools/check_hcl.py, which says where the files are"]
fn listing() {
    let folder = std::env::var("HCL_FILES").expect("the folder of the files");
    let mut listed = serde_json::Map::new();
    for entry in walkdir::WalkDir::new(&folder).sort_by_file_name().into_iter().filter_map(Result::ok) {
        if !entry.file_type().is_file() {
            continue;
        }
        let text = fs::read_to_string(entry.path()).unwrap();
        let mut sources = Sources::new();
        let file = sources.add("x.tf", text.as_str());
        let read = match hcl::read(file, &text) {
            Ok(read) => body(&read, &text),
            Err(problem) => json!({ "problem": problem.message }),
        };
        let name = entry.path().strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
        listed.insert(name, read);
    }
    let out = std::env::var("HCL_LISTING").expect("the file to write");
    fs::write(out, Value::from(listed).to_string()).unwrap();
}
