//! A plan as a script for PowerShell, old and new.
//!
//! In: a [`Plan`]. Out: the script. Must not know: what the commands are about.
//!
//! On Windows `az` is a batch file, whose arguments another shell reads again. Words with special characters must
//! therefore hold a space, so that PowerShell passes them in quotes; a test holds the table to it.

use std::fmt::Write as _;

use super::commands::TABLES;
use super::plan::{Dump, GraphQuery, Group, Over, Plan, Word};
use super::text::{comment, file_name};

/// Writes the script.
pub(super) fn script(plan: &Plan) -> String {
    let mut out = String::from("#!/usr/bin/env pwsh\n");
    out.push_str(&plan.preface.iter().map(|line| comment("", line)).collect::<String>());
    out.push_str(&HEAD.replace("OUTPUT_DIR", &literal(&plan.output_dir)));
    out.push_str(&graph(&plan.graph));
    for chapter in &plan.chapters {
        // Writing to a string cannot fail.
        let _ = write!(out, "\n# ---- {}\n", chapter.title);
        for group in &chapter.groups {
            out.push_str(&commands(group));
        }
    }
    out.push_str(TAIL);
    out
}

const HEAD: &str = r#"
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
# A command that fails must not stop the others.
$PSNativeCommandUseErrorActionPreference = $false
# An extension that is not there is reported, not installed.
$env:AZURE_EXTENSION_USE_DYNAMIC_INSTALL = 'no'

if (-not (Get-Command az -ErrorAction SilentlyContinue)) { throw 'az, the Azure CLI, is not installed' }
$dir = (New-Item -ItemType Directory -Force -Path OUTPUT_DIR).FullName
if (Get-ChildItem -LiteralPath $dir -Force) { throw "$dir is not empty: old dumps and new ones must not mix" }
$script:missing = @()

# Keeps what a command prints; of one that fails nothing is kept.
function Save-Dump([string] $File, [scriptblock] $Command) {
    Write-Host $File
    $lines = @(& $Command)
    if ($LASTEXITCODE -eq 0) {
        [IO.File]::WriteAllLines((Join-Path $dir $File), [string[]] $lines)
    } else {
        $script:missing += "  ${File}: $("$Command".Trim())"
    }
}

# Lists what commands are run for: a name and a resource group a line.
function Get-Row([scriptblock] $Command) {
    $lines = @(& $Command)
    if ($LASTEXITCODE -eq 0) {
        $lines | Where-Object { "$_".Trim() }
    } else {
        $script:missing += "  all that is listed by: $("$Command".Trim())"
    }
}
"#;

const TAIL: &str = r#"
if ($script:missing) {
    Write-Host "`nThe dumps are in $dir. These could not be made:"
    $script:missing | ForEach-Object { Write-Host $_ }
    exit 1
}
Write-Host "`nAll dumps are in $dir."
"#;

fn graph(query: &GraphQuery) -> String {
    let mut out = String::from("\n# ---- Resource Graph\n\n");
    out.push_str(&query.comments.iter().map(|line| comment("", line)).collect::<String>());
    let types: Vec<String> = query.types.iter().map(|ty| format!("    '{ty}'")).collect();
    let tables: Vec<String> = TABLES.iter().map(|table| format!("'{table}'")).collect();
    let scope = arguments(&query.scope);
    let _ = write!(
        out,
        "$types = @(\n{}\n)\n\
         foreach ($table in {}) {{\n    \
           $query = \"$table | where type in~ ('$($types -join \"', '\")'){}\"\n    \
           $page = 1\n    \
           $paging = @()\n    \
           do {{\n        \
             $file = \"resource-graph-$table-$page.json\"\n        \
             Save-Dump $file {{ az graph query --graph-query $query --first 1000 @paging{scope} --output json }}\n        \
             $path = Join-Path $dir $file\n        \
             $paging = @()\n        \
             if ((Test-Path -LiteralPath $path) -and \
               ([IO.File]::ReadAllText($path) -match '(?m)^  \"skip_token\": \"([^\"]*)\"')) {{\n            \
               $paging = @('--skip-token', $Matches[1])\n        \
             }}\n        \
             $page++\n    \
           }} while ($paging)\n\
         }}\n",
        types.join(",\n"),
        tables.join(", "),
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
            let _ =
                write!(out, "\n{}foreach ($row in @(Get-Row {{ az{} }})) {{\n", comment("", what), arguments(words));
        }
        Over::Named { comments, variable, examples } => {
            out.push('\n');
            out.push_str(&comments.iter().map(|line| comment("", line)).collect::<String>());
            let examples = examples.map(literal).join(", ");
            let _ = write!(out, "# ${variable} = @({examples})\n${variable} = @()\nforeach ($row in ${variable}) {{\n");
        }
    }
    out.push_str("    $name, $group = -split $row\n");
    for one in &group.dumps {
        out.push_str(&dump("    ", one));
    }
    out.push_str("}\n");
    out
}

fn dump(margin: &str, one: &Dump) -> String {
    let comments: String = one.comments.iter().map(|line| comment(margin, line)).collect();
    format!("{comments}{margin}Save-Dump {} {{ az{} }}\n", file(&one.file), arguments(&one.words))
}

fn arguments(words: &[Word]) -> String {
    let word = |word: &Word| match word {
        Word::Text(text) => format!(" {}", quote(text)),
        Word::Name => " $name".to_owned(),
        Word::Group => " $group".to_owned(),
    };
    words.iter().map(word).collect()
}

/// The name of a file as a word.
fn file(pieces: &[Word]) -> String {
    let name = file_name(pieces);
    if name.contains('$') { format!("\"{name}\"") } else { literal(&name) }
}

/// A word as PowerShell takes it literally.
pub(super) fn quote(text: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || "_./-".contains(c);
    let option = text.strip_prefix("--").unwrap_or(text);
    if option.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(bare) {
        text.to_owned()
    } else if text.contains('\'') && text.is_ascii() && !text.contains(['"', '$', '`']) {
        format!("\"{text}\"")
    } else {
        literal(text)
    }
}

/// Text in single quotes. Typographic ones end it too.
fn literal(text: &str) -> String {
    let mut out = String::from("'");
    for c in text.chars() {
        if matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}') {
            out.push(c);
        }
        out.push(c);
    }
    out.push('\'');
    out
}
