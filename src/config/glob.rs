//! Patterns for names of files and of resources.
//!
//! In: a pattern as written. Out: [`Glob`], which tells what it matches. Must not know: files, resources.
//!
//! Of paths `*` and `?` match within one part, `**` any number of parts; a pattern without a slash matches in every folder,
//! as in `.gitignore`. Of resources `*` matches anything, slashes as well, and case does not count, as Azure has it.

/// A pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob {
    pieces: Vec<Piece>,
    written: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    One(char),
    /// Any character but a slash.
    AnyOne,
    /// Any run without a slash.
    Run,
    /// Any run.
    Everything,
    /// Nothing, or any run that ends with a slash.
    Folders,
}

impl Glob {
    /// A pattern for paths with forward slashes.
    pub fn path(written: &str) -> Self {
        let trimmed = written.trim_start_matches("./");
        let (anchored, text) = match trimmed.strip_prefix('/') {
            Some(rest) => (true, rest),
            None => (trimmed.trim_end_matches('/').contains('/'), trimmed),
        };
        let mut pieces = if anchored { Vec::new() } else { vec![Piece::Folders] };
        let (text, folder) = text.strip_suffix('/').map_or((text, false), |text| (text, true));
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let start = pieces.is_empty() || matches!(pieces.last(), Some(Piece::One('/') | Piece::Folders));
            if start && rest.starts_with("**/") {
                pieces.push(Piece::Folders);
                rest = rest.get(3..).unwrap_or_default();
                continue;
            }
            if rest.starts_with("**") {
                pieces.push(Piece::Everything);
                rest = rest.trim_start_matches('*');
                continue;
            }
            pieces.push(match c {
                '*' => Piece::Run,
                '?' => Piece::AnyOne,
                '\\' => Piece::One('/'),
                c => Piece::One(c),
            });
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
        }
        if folder {
            pieces.extend([Piece::One('/'), Piece::Everything]);
        }
        Self { pieces, written: written.to_owned() }
    }

    /// A pattern for addresses and ids of resources.
    pub fn resource(written: &str) -> Self {
        let piece = |c: char| match c {
            '*' => Piece::Everything,
            '?' => Piece::AnyOne,
            c => Piece::One(c),
        };
        let pieces = written.to_lowercase().chars().map(piece).collect();
        Self { pieces, written: written.to_owned() }
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// Whether a path matches; one of a folder matches everything in it.
    pub fn matches_path(&self, path: &str) -> bool {
        let path: Vec<char> = path.chars().collect();
        self.ends(&path).iter().any(|&end| end == path.len() || path.get(end) == Some(&'/'))
    }

    /// Whether the address or the id of a resource matches.
    pub fn matches_resource(&self, name: &str) -> bool {
        let name: Vec<char> = name.to_lowercase().chars().collect();
        self.ends(&name).contains(&name.len())
    }

    /// Up to where the pattern can match, from the beginning of a text on. The work is the product of both lengths.
    fn ends(&self, text: &[char]) -> Vec<usize> {
        let mut at = vec![false; text.len() + 1];
        if let Some(first) = at.first_mut() {
            *first = true;
        }
        for piece in &self.pieces {
            let mut next = vec![false; text.len() + 1];
            let mut running = false;
            for (index, reached) in at.iter().enumerate() {
                running |= reached;
                let c = text.get(index);
                let before = index.checked_sub(1).and_then(|before| text.get(before));
                let (here, after) = match piece {
                    Piece::One(wanted) => (false, *reached && c == Some(wanted)),
                    Piece::AnyOne => (false, *reached && c.is_some_and(|c| *c != '/')),
                    Piece::Run => {
                        let here = running;
                        running &= c.is_some_and(|c| *c != '/');
                        (here, false)
                    }
                    Piece::Everything => (running, false),
                    Piece::Folders => (*reached || (running && before == Some(&'/')), false),
                };
                if here && let Some(slot) = next.get_mut(index) {
                    *slot = true;
                }
                if after && let Some(slot) = next.get_mut(index + 1) {
                    *slot = true;
                }
            }
            at = next;
        }
        at.iter().enumerate().filter(|(_, reached)| **reached).map(|(index, _)| index).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        let all = ["main.json", "infra/main.json", "infra/dev/main.json", "infra/dev/hub.json", "dev/infra/x.json"];
        let of = |pattern: &str| -> Vec<usize> {
            let glob = Glob::path(pattern);
            (0..all.len()).filter(|&at| glob.matches_path(all[at])).collect()
        };
        assert_eq!(of("main.json"), [0, 1, 2]);
        assert_eq!(of("/main.json"), [0]);
        assert_eq!(of("./infra/*.json"), [1]);
        assert_eq!(of("infra/**"), [1, 2, 3]);
        assert_eq!(of("infra"), [1, 2, 3, 4]);
        assert_eq!(of("/infra/"), [1, 2, 3]);
        assert_eq!(of("**/dev/**"), [2, 3, 4]);
        assert_eq!(of("infra/**/main.json"), [1, 2]);
        assert_eq!(of("*/???.json"), [0_usize; 0]);
        assert_eq!(of("infra/*/h?b.json"), [3]);
        assert_eq!(of("**"), [0, 1, 2, 3, 4]);
        assert_eq!(of("mai"), [0_usize; 0]);
        assert_eq!(of("**/*.json"), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn resources() {
        let id = "/subscriptions/1/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/crHub";
        for pattern in ["*/registries/crhub", "*crhub", "*/RESOURCEGROUPS/rg/*", id, "*", "*cr?ub"] {
            assert!(Glob::resource(pattern).matches_resource(id), "{pattern}");
        }
        for pattern in ["crhub", "*/registries/cr", "", "/subscriptions"] {
            assert!(!Glob::resource(pattern).matches_resource(id), "{pattern}");
        }
        // Many stars cost no more than the product of the lengths.
        assert!(!Glob::resource(&"*a".repeat(200)).matches_resource(&"a".repeat(199)));
    }
}
