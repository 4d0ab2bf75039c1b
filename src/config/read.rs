//! A configuration file, word by word.
//!
//! In: a text. Out: [`Config`]. Must not know: what the words do.

use crate::diag::Problems;
use crate::json::reader::Reader;
use crate::json::{self, Node};
use crate::resource::TypeName;
use crate::source::{FileId, Span};

use super::{Config, Written, scope_error};

/// The code of all problems of a configuration.
const CODE: &str = "configuration";

pub(super) fn read(file: FileId, text: &str, problems: &mut Problems) -> Config {
    let parsed = json::parse(file, text);
    let mut config = Config::default();
    // Comments and trailing commas are welcome here; what cannot be read is not.
    problems.extend(parsed.problems.into_iter().filter(|problem| problem.fatal));
    let mut reader = Reader::new(CODE, problems);
    let Some(root) = parsed.tree.root() else {
        reader.error_with_help(Span::new(file, 0, 0), "the configuration is empty", "write {} at least");
        return config;
    };
    let Some(mut fields) = reader.object(root) else { return config };
    fields.optional("$schema");
    if let Some(scopes) = fields.optional("complete") {
        config.complete = words(&mut reader, scopes, |reader, text, at| match scope_error(&text) {
            Some(error) => {
                reader.error(at, error);
                None
            }
            None => Some(text),
        });
    }
    if let Some(types) = fields.optional("managedElsewhere") {
        config.managed_elsewhere = words(&mut reader, types, |reader, text, at| {
            let ty = TypeName::new(&text);
            if ty.depth() > 0 && text.contains('.') {
                return Some(ty);
            }
            let help = "write it in full, such as Microsoft.Network/privateEndpoints";
            reader.error_with_help(at, format!("`{text}` is no resource type"), help);
            None
        });
    }
    fields.finish(&mut reader);
    config
}

/// The words of a list, each made into what it stands for.
fn words<T>(
    reader: &mut Reader<'_>,
    list: Node<'_>,
    make: impl Fn(&mut Reader<'_>, String, Span) -> Option<T>,
) -> Vec<Written<T>> {
    let Some(items) = reader.array(list) else { return Vec::new() };
    let mut words = Vec::new();
    for item in items {
        let Some(text) = reader.text(item).map(|text| text.as_str().to_owned()) else { continue };
        let at = item.span();
        words.extend(make(reader, text, at).map(|value| Written { value, at }));
    }
    words
}
