//! Which properties a resource that is seen as deployed shows, without what they are.
//!
//! In: names, from [`crate::lower`]. Out: [`ShownNames`]. Must not know: which properties there are.

/// The paths of all that is shown, `properties.networkRuleSet.defaultAction` like, in lower case.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ShownNames {
    /// The path of each member of an object and of the objects in it, and whether it is `null`.
    pub paths: Vec<(String, bool)>,
}

impl ShownNames {
    /// Whether a path leads to something that is shown, also to `null`. What is below `null` is not written, nor is it
    /// hidden: the whole is not there.
    pub fn has(&self, path: &str) -> bool {
        self.paths.iter().any(|(shown, null)| match path.get(..shown.len()) {
            Some(start) if start.eq_ignore_ascii_case(shown) => {
                let rest = &path[shown.len()..];
                rest.is_empty() || (*null && rest.starts_with('.'))
            }
            Some(_) | None => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_below_null_is_not_hidden() {
        let names = [("properties", false), ("properties.ruleset", true), ("properties.rules", false)];
        let names = ShownNames { paths: names.map(|(path, null)| (path.to_owned(), null)).to_vec() };
        for (path, shown) in [
            ("properties", true),
            ("properties.ruleSet", true),
            ("properties.ruleSet.defaultAction", true),
            ("properties.ruleSets", false),
            ("properties.rules.first", false),
            ("properties.rule", false),
            ("identity", false),
        ] {
            assert_eq!(names.has(path), shown, "{path}");
        }
    }
}
