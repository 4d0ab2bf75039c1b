//! A plan as a script for Bash, also the old one of macOS.
//!
//! In: a [`Plan`]. Out: the script. Must not know: what the commands are about.

use std::fmt::Write as _;

use super::commands::TABLES;
use super::plan::{Dump, GraphQuery, Group, Over, Plan, Word};
use super::text::{comment, file_name};

/// Writes the script.
pub(super) fn script(plan: &Plan) -> String {
    let mut out = String::from("#!/usr/bin/env bash\n");
    out.push_str(&plan.preface.iter().map(|line| comment("", line)).collect::<String>());
    // Writing to a string cannot fail.
    let _ = write!(out, "{}", HEAD.replace("OUTPUT_DIR", &quote(&plan.output_dir)));
    out.push_str(&graph(&plan.graph));
    for chapter in &plan.chapters {
        let _ = write!(out, "\n# ---- {}\n", chapter.title);
        for group in &chapter.groups {
            out.push_str(&commands(group));
        }
    }
    out.push_str(TAIL);
    out
}

const HEAD: &str = r#"
# Not -e: a command that fails must not stop the others.
set -uo pipefail
# An extension that is not there is reported, not installed.
export AZURE_EXTENSION_USE_DYNAMIC_INSTALL=no

dir=OUTPUT_DIR
missing=''

if ! command -v az >/dev/null; then
  echo 'az, the Azure CLI, is not installed' >&2
  exit 1
fi
mkdir -p -- "$dir" || exit 1
if [ -n "$(ls -A -- "$dir")" ]; then
  printf '%s is not empty: old dumps and new ones must not mix\n' "$dir" >&2
  exit 1
fi

# Keeps what a command prints; of one that fails nothing is kept.
dump() {
  local file=$1
  shift
  printf '%s\n' "$file" >&2
  if "$@" </dev/null >"$dir/$file.part"; then
    mv -- "$dir/$file.part" "$dir/$file"
  else
    rm -f -- "$dir/$file.part"
    missing="$missing  $file: $*"$'\n'
  fi
}

# Lists what commands are run for: a name and a resource group a line.
list() {
  if ! rows=$("$@" </dev/null | tr -d '\r'); then
    rows=''
    missing="$missing  all that is listed by: $*"$'\n'
  fi
}
"#;

const TAIL: &str = r#"
if [ -n "$missing" ]; then
  printf '\nThe dumps are in %s. These could not be made:\n%s' "$dir" "$missing" >&2
  exit 1
fi
printf '\nAll dumps are in %s.\n' "$dir" >&2
"#;

fn graph(query: &GraphQuery) -> String {
    let mut out = String::from("\n# ---- Resource Graph\n\n");
    out.push_str(&query.comments.iter().map(|line| comment("", line)).collect::<String>());
    let types: Vec<String> = query.types.iter().map(|ty| format!("  '{ty}'")).collect();
    let scope = arguments(&query.scope);
    let _ = write!(
        out,
        "types=\"\n{}\n\"\n\
         for table in {}; do\n  \
           page=1\n  \
           token=''\n  \
           while :; do\n    \
             file=\"resource-graph-$table-$page.json\"\n    \
             dump \"$file\" az graph query --graph-query \"$table | where type in~ ($types){}\" --first 1000 \
               ${{token:+--skip-token \"$token\"}}{scope} --output json\n    \
             [ -f \"$dir/$file\" ] || break\n    \
             token=$(sed -n 's/^  \"skip_token\": \"\\([^\"]*\\)\".*$/\\1/p' <\"$dir/$file\")\n    \
             [ -n \"$token\" ] || break\n    \
             page=$((page + 1))\n  \
           done\n\
         done\n",
        types.join(",\n"),
        TABLES.join(" "),
        query.rest,
    );
    out
}

fn commands(group: &Group) -> String {
    let mut out = String::new();
    match &group.over {
        Over::Once => {
            for one in &group.dumps {
                out.push('\n');
                out.push_str(&dump("", one));
            }
            return out;
        }
        Over::Listed { comment: what, words } => {
            let _ = write!(out, "\n{}list az{}\n", comment("", what), arguments(words));
        }
        Over::Named { comments, variable, examples } => {
            out.push('\n');
            out.push_str(&comments.iter().map(|line| comment("", line)).collect::<String>());
            let _ = write!(out, "# {variable}='{}'\n{variable}=''\nrows=${variable}\n", examples.join("\n# "));
        }
    }
    out.push_str("while read -r name group; do\n  [ -n \"$name\" ] || continue\n");
    for one in &group.dumps {
        out.push_str(&dump("  ", one));
    }
    out.push_str("done <<<\"$rows\"\n");
    out
}

fn dump(margin: &str, one: &Dump) -> String {
    let comments: String = one.comments.iter().map(|line| comment(margin, line)).collect();
    format!("{comments}{margin}dump {} az{}\n", file(&one.file), arguments(&one.words))
}

fn arguments(words: &[Word]) -> String {
    let word = |word: &Word| match word {
        Word::Text(text) => format!(" {}", quote(text)),
        Word::Name => " \"$name\"".to_owned(),
        Word::Group => " \"$group\"".to_owned(),
    };
    words.iter().map(word).collect()
}

/// The name of a file as a word.
fn file(pieces: &[Word]) -> String {
    let name = file_name(pieces);
    if name.contains('$') { format!("\"{name}\"") } else { name }
}

/// A word as Bash takes it literally.
pub(super) fn quote(text: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || "_./:=-".contains(c);
    if !text.is_empty() && text.chars().all(bare) {
        text.to_owned()
    } else if text.contains('\'') && !text.contains(['"', '$', '`', '\\', '!']) {
        format!("\"{text}\"")
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}
