//! The rules that come with the program.
//!
//! In: nothing. Out: their texts, as sources like any others. Must not know: what they say.

use crate::source::{FileId, Sources};

/// Path from the root of the repository, and text. In the order of the paths; a test compares this with the folder.
const FILES: &[(&str, &str)] = &[];

/// Adds the texts to the sources of a run.
pub fn add(sources: &mut Sources) -> Vec<FileId> {
    FILES.iter().map(|&(path, text)| sources.add(path, text)).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::FILES;

    #[test]
    fn every_rule_of_the_folder_is_embedded() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut folder: Vec<String> = walkdir::WalkDir::new(root.join("rules"))
            .into_iter()
            .filter_map(Result::ok)
            .filter(|entry| entry.path().extension().is_some_and(|ending| ending == "json"))
            .filter_map(|entry| Some(entry.path().strip_prefix(root).ok()?.to_string_lossy().replace('\\', "/")))
            .collect();
        folder.sort();
        let embedded: Vec<&str> = FILES.iter().map(|(path, _)| *path).collect();
        assert_eq!(embedded, folder, "list every file of rules/ in src/rules/builtin.rs, in the order of the paths");
        for (path, text) in FILES {
            assert_eq!(std::fs::read_to_string(root.join(path)).ok().as_deref(), Some(*text), "{path}");
        }
    }
}
