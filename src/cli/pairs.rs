//! Which parameter files belong to a template, by their names.
//!
//! In: names of one folder. Out: those of the parameter files of a template. Must not know: what is in them.
//!
//! Beside `x.json` stand `x.parameters.json` and, for several environments, `x.dev.parameters.json` or
//! `x.parameters.dev.json`; an export of the portal is `template.json` with `parameters.json`.

/// The name of a JSON file in lower case, without its extension.
fn stem(name: &str) -> Option<String> {
    let name = name.to_lowercase();
    ["json", "jsonc"].iter().find_map(|extension| name.strip_suffix(extension)?.strip_suffix('.').map(str::to_owned))
}

/// Whether a file called `stem` is by its name a parameter file of the template called `template`.
fn belongs(stem: &str, template: &str) -> bool {
    const WORD: &str = "parameters";
    if template == "template" && stem == WORD {
        return true;
    }
    let Some(rest) = stem.strip_prefix(template).and_then(|rest| rest.strip_prefix('.')) else { return false };
    rest == WORD || rest.strip_suffix(WORD).is_some_and(|rest| rest.ends_with('.')) || {
        rest.strip_prefix(WORD).is_some_and(|rest| rest.starts_with('.'))
    }
}

/// The parameter files of `template` among the names of its folder, in the order of `names`.
///
/// `main.dev.parameters.json` belongs to `main.dev.json` rather than to `main.json` where both are there.
pub fn parameter_files<'n>(template: &str, names: &[&'n str]) -> Vec<&'n str> {
    let Some(own) = stem(template) else { return Vec::new() };
    let stems: Vec<String> = names.iter().filter_map(|name| stem(name)).collect();
    let nearer = |stem: &str| stems.iter().any(|other| other.len() > own.len() && belongs(stem, other));
    let mine = |name: &&&str| stem(name).is_some_and(|stem| belongs(&stem, &own) && !nearer(&stem));
    names.iter().filter(mine).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_pair_files() {
        let names = [
            "main.json",
            "main.parameters.json",
            "Main.Dev.parameters.json",
            "main.parameters.prod.json",
            "main.hub.json",
            "main.hub.parameters.json",
            "mainparameters.json",
            "main.parameters.bicep",
            "parameters.json",
            "other.parameters.json",
        ];
        assert_eq!(
            parameter_files("main.json", &names),
            ["main.parameters.json", "Main.Dev.parameters.json", "main.parameters.prod.json"]
        );
        assert_eq!(parameter_files("main.hub.json", &names), ["main.hub.parameters.json"]);
        assert_eq!(parameter_files("template.json", &names), ["parameters.json"]);
        assert!(parameter_files("main.parameters.json", &names).is_empty());
    }
}
