//! Genuine plans with their sources: every finding about a block that is there points at it, or into it, or at what the
//! value of an attribute of it refers to.
//!
//! Where a block begins and ends is found by its words and braces, not by the reader of the program.

use super::*;

/// The lines of a block, by its first words and its braces; its file is one of a folder.
fn block(files: &serde_json::Map<String, Value>, folder: &str, words: &str) -> Option<(String, u64, u64)> {
    for (path, text) in files {
        let inside = path.rsplit_once('/').map_or("", |(around, _)| around);
        if inside != folder || Path::new(path).extension().is_none_or(|end| end != "tf") {
            continue;
        }
        let (mut first, mut open) = (0, 0_i64);
        for (number, line) in (1..).zip(text.as_str().unwrap().lines()) {
            let plain: String = line.split_whitespace().collect::<Vec<_>>().join(" ");
            if first == 0 && plain.starts_with(words) {
                first = number;
            }
            if first > 0 {
                let count = |c: char| i64::try_from(line.matches(c).count()).unwrap();
                open += count('{') - count('}');
                if open <= 0 {
                    return Some((path.clone(), first, number));
                }
            }
        }
    }
    None
}

/// The folder that a call in another one leads to, where its source is a path.
fn called(files: &serde_json::Map<String, Value>, folder: &str, name: &str) -> Option<String> {
    let (path, first, last) = block(files, folder, &format!("module \"{name}\""))?;
    let mut lines = files[&path]
        .as_str()
        .unwrap()
        .lines()
        .skip(usize::try_from(first).unwrap())
        .take(usize::try_from(last - first).unwrap());
    let source = lines.find_map(|line| line.trim().strip_prefix("source"))?;
    let source = source.split('"').nth(1).filter(|source| source.starts_with('.'))?;
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in source.split('/') {
        match part {
            "." | "" => {}
            ".." => _ = parts.pop(),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// The block of an address.
fn block_of(files: &serde_json::Map<String, Value>, address: &str) -> Option<(String, u64, u64)> {
    let mut folder = String::new();
    // Keys hold no dots in these plans.
    let bare: Vec<&str> = address.split('.').map(|part| part.split('[').next().unwrap()).collect();
    let mut parts = bare.as_slice();
    while let ["module", name, rest @ ..] = parts {
        folder = called(files, &folder, name)?;
        parts = rest;
    }
    match parts {
        ["data", ty, name, ..] => block(files, &folder, &format!("data \"{ty}\" \"{name}\"")),
        [ty, name, ..] => block(files, &folder, &format!("resource \"{ty}\" \"{name}\"")),
        _ => None,
    }
}

#[test]
fn findings_of_genuine_plans_point_at_their_blocks() {
    let (mut pointed, mut inner, mut followed, mut left) = (0, 0, 0, 0);
    for name in ["azurerm/plans.jsonl", "azurerm/changes.jsonl"] {
        let Some(path) = beside::shared(name) else { return };
        for line in fs::read_to_string(path).unwrap().lines() {
            let project: Value = serde_json::from_str(line).unwrap();
            let files = project["files"].as_object().unwrap();
            let folder = tempfile::tempdir().unwrap();
            // So that modules beside the root are of the project.
            fs::create_dir(folder.path().join(".git")).unwrap();
            for (path, text) in files {
                let path = folder.path().join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text.as_str().unwrap()).unwrap();
            }
            let plan = folder.path().join("plan.json");
            fs::write(&plan, project["plan"].to_string()).unwrap();
            let (_, report) = reported(&[text(&plan)]);
            let name = &project["name"];
            assert_eq!(report["problems"], serde_json::json!([]), "{name}");
            for finding in report["findings"].as_array().unwrap() {
                let inside = |location: &Value| {
                    let path = Path::new(location["path"].as_str().unwrap());
                    let path = path.strip_prefix(folder.path()).unwrap().to_str().unwrap().to_owned();
                    (path, location["start"]["line"].as_u64().unwrap())
                };
                let evidence = finding["evidence"].as_array().unwrap();
                let said = |text: &'static str| {
                    evidence.iter().filter(move |e| e["message"].as_str().unwrap().starts_with(text))
                };
                let (path, line) = inside(&finding["location"]);
                let address = match said("in the plan it is").next() {
                    Some(plan) => plan["message"].as_str().unwrap().split('`').nth(1).unwrap().to_owned(),
                    None => finding["message"].as_str().unwrap().split(": ").next().unwrap().to_owned(),
                };
                let Some((file, first, last)) = block_of(files, &address) else {
                    // What the change deletes stands in the plan alone.
                    assert_eq!(path, "plan.json", "{name}: {finding}");
                    left += 1;
                    continue;
                };
                let way: Vec<(String, u64)> =
                    said("the value is referred to").map(|e| inside(&e["location"])).collect();
                let start = way.first().cloned().unwrap_or_else(|| (path.clone(), line));
                assert!(start.0 == file && (first..=last).contains(&start.1), "{name}: {address} is not at {start:?}");
                assert!(files.contains_key(&path), "{name}: {finding}");
                // What the block writes is pointed at, not the block as a whole.
                let attribute = said("in the plan it is").next().and_then(|plan| {
                    let said = plan["message"].as_str().unwrap().split('`').nth(1).unwrap();
                    let rest = said.rsplit_once("azurerm_").unwrap().1.split('.').nth(2)?;
                    Some(rest.split('[').next().unwrap().to_owned())
                });
                let lines =
                    || (1..).zip(files[&file].as_str().unwrap().lines()).filter(|(at, _)| (first..last).contains(at));
                let writes = |name: &str, line: &str| {
                    let rest = line
                        .trim()
                        .strip_prefix(name)
                        .or_else(|| line.trim().strip_prefix(&format!("dynamic \"{name}\"")));
                    rest.is_some_and(|rest| rest.trim_start().starts_with(['=', '{']))
                };
                let written = attribute.as_deref().and_then(|name| lines().find(|(_, line)| writes(name, line)));
                if let Some((at, _)) = written {
                    assert!(start.1 >= at, "{name}: {address}.{attribute:?} is written in line {at}, not {start:?}");
                    inner += 1;
                }
                pointed += 1;
                followed += usize::from(!way.is_empty());
            }
        }
    }
    println!(
        "{pointed} findings point at their blocks, {inner} into them, {followed} by a reference; {left} have no block"
    );
    assert!(pointed > 300 && inner > 40 && followed > 0 && left < 20, "{pointed} {inner} {followed} {left}");
}
