#!/usr/bin/env python3
"""Holds the reading of Terraform's sources against HashiCorp's own parser.

usage: check_hcl.py [FOLDER…]

Every `.tf` and `.tfvars` file below testdata and the folders that are named, and every source in the `files` of lists of
genuine plans beside the checkout (../shared/azurerm/*.jsonl), is read by both: by acrlint, of which a test writes what it
read, and by @cdktf/hcl2json (npm, installed by name), which is HashiCorp's parser. Blocks, labels, names of attributes,
literals and references must be the same, and what one refuses the other must refuse.

Exit 0: they agree; 1: they do not; 3: the parser could not be had.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
READER = """
const fs = require('fs'), path = require('path');
const { parse } = require('@cdktf/hcl2json');
const walk = (at) => fs.readdirSync(at, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? walk(path.join(at, entry.name)) : [path.join(at, entry.name)]);
(async () => {
  const [folder, out] = process.argv.slice(2), found = {};
  for (const file of walk(folder)) {
    try { found[path.relative(folder, file)] = await parse(file, fs.readFileSync(file, 'utf8')); }
    catch (error) { found[path.relative(folder, file)] = { '': String(error) }; }
  }
  fs.writeFileSync(out, JSON.stringify(found));
})();
"""


def parser():
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "acrlint-tools" / "hcl"
    if not (cache / "node_modules" / "@cdktf" / "hcl2json").exists():
        cache.mkdir(parents=True, exist_ok=True)
        try:
            command = ["npm", "install", "--no-audit", "--no-fund", "@cdktf/hcl2json@0.21"]
            subprocess.run(command, cwd=cache, capture_output=True, check=True, timeout=300)
        except (OSError, subprocess.SubprocessError) as error:
            print(f"NOT CHECKED: HCL, since HashiCorp's parser cannot be installed: {error}")
            return None
    (cache / "read.js").write_text(READER)
    return cache


def gather(folder):
    """Copies all sources to one folder, and says how many there are."""
    count = 0

    def take(name, text):
        nonlocal count
        # What is not Terraform's own language is told by its end.
        if name.endswith((".tf", ".tfvars")) and text.strip():
            (folder / f"{count:05}-{pathlib.Path(name).name}").write_bytes(text.encode())
            count += 1

    for around in [ROOT / "testdata", *map(pathlib.Path, sys.argv[1:])]:
        for path in sorted(around.rglob("*")):
            if path.is_file():
                text = path.read_text(encoding="utf-8") if path.suffix in (".tf", ".tfvars") else ""
                # As editors of Windows write it, too.
                for written in (text, text.replace("\n", "\r\n"), "\ufeff" + text if text else ""):
                    take(path.name, written)
    lists = sorted((ROOT / ".." / "shared" / "azurerm").glob("*.jsonl"))
    if not lists:
        print("NOT CHECKED: the sources of genuine plans, which are not there")
    for path in lists:
        for line in path.read_text(encoding="utf-8").splitlines():
            project = json.loads(line)
            for files in (project["files"], project.get("before", {}).get("files", {})):
                for name, text in files.items():
                    take(name, text)
    return count


class Comparison:
    def __init__(self):
        self.wrong, self.compared, self.blocks = [], 0, 0

    def say(self, at, what):
        self.wrong.append(f"{at}: {what}")

    def value(self, at, ours, theirs):
        self.compared += 1
        if "literal" in ours:
            plain = json.dumps(theirs) if isinstance(theirs, (bool, int, float)) else theirs
            same = plain == ours["literal"]
            if not same and isinstance(theirs, (int, float)) and not isinstance(theirs, bool):
                same = float(ours["literal"]) == theirs
            # Their text of a string keeps `$${`, which stands for `${`.
            if not same and isinstance(theirs, str):
                same = theirs.replace("$${", "${").replace("%%{", "%{") == ours["literal"]
        elif "reference" in ours:
            written = ours["reference"]
            same = theirs in ("${" + written + "}", written.strip('"'))
            same = same or theirs == "${" + written.strip("()").strip() + "}"
        elif "object" in ours:
            names = [name for name in ours["object"] if name is not None]
            # Names that are computed are theirs as `${…}`.
            same = isinstance(theirs, dict) and sorted(set(names)) == sorted(n for n in theirs if not n.startswith("${"))
            same = same or (isinstance(theirs, str) and theirs.startswith("${"))
        elif "array" in ours:
            if isinstance(theirs, list) and len(theirs) == len(ours["array"]):
                for number, pair in enumerate(zip(ours["array"], theirs)):
                    self.value(f"{at}[{number}]", *pair)
                same = True
            else:
                same = isinstance(theirs, str) and theirs.startswith("${")
        elif "null" in ours:
            same = theirs is None
        else:
            # A text, or `${…}` with the expression as it is written.
            same = isinstance(theirs, (str, dict, list))
            if same and isinstance(theirs, str) and theirs.startswith("${") and not ours["other"].startswith(('"', "<<")):
                same = theirs == "${" + ours["other"] + "}"
        if not same:
            self.say(at, f"{ours} is {json.dumps(theirs)}")

    def body(self, at, ours, theirs):
        names = set(ours["attributes"]) | {block["kind"] for block in ours["blocks"]}
        if names != set(theirs):
            self.say(at, f"{sorted(names)} are {sorted(theirs)}")
            return
        for name, value in ours["attributes"].items():
            self.value(f"{at}.{name}", value, theirs[name])
        groups = {}
        for block in ours["blocks"]:
            groups.setdefault((block["kind"], *block["labels"]), []).append(block["body"])
        for labels, bodies in groups.items():
            found = theirs
            for label in labels:
                found = found.get(label, {}) if isinstance(found, dict) else {}
            place = f"{at}.{'.'.join(labels)}"
            if not isinstance(found, list) or len(found) != len(bodies):
                self.say(place, f"{len(bodies)} blocks are {json.dumps(found)[:200]}")
                continue
            for number, pair in enumerate(zip(bodies, found)):
                self.blocks += 1
                self.body(f"{place}[{number}]", *pair)
        # And no block of theirs is missing.
        for kind in {block["kind"] for block in ours["blocks"]}:
            depth = max(len(block["labels"]) for block in ours["blocks"] if block["kind"] == kind)
            if len(groups_of(theirs[kind], depth)) != sum(1 for labels in groups if labels[0] == kind):
                self.say(f"{at}.{kind}", "not every block is there")


def groups_of(found, depth):
    if depth == 0 or not isinstance(found, dict):
        return [found]
    return [group for inner in found.values() for group in groups_of(inner, depth - 1)]


def main():
    reader = parser()
    if reader is None:
        return 3
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        files = folder / "files"
        files.mkdir()
        count = gather(files)
        environment = {**os.environ, "HCL_FILES": str(files), "HCL_LISTING": str(folder / "ours")}
        cargo = [os.environ.get("CARGO", "cargo"), "test", "--locked", "--quiet", "--test", "positions"]
        command = [*cargo, "--", "--ignored", "--exact", "listing::listing"]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["node", reader / "read.js", files, folder / "theirs"], cwd=reader, check=True)
        ours = json.loads((folder / "ours").read_text())
        theirs = json.loads((folder / "theirs").read_text())
    comparison = Comparison()
    refused = 0
    for name in sorted(theirs):
        if "problem" in ours[name] or "" in theirs[name]:
            refused += 1
            if ("problem" in ours[name]) != ("" in theirs[name]):
                comparison.say(name, f"only one refuses it: {ours[name].get('problem') or theirs[name]['']}")
            continue
        comparison.body(name, ours[name], theirs[name])
    print("\n".join(comparison.wrong[:40]))
    print(f"{count} sources, {refused} refused by both, {comparison.blocks} blocks, {comparison.compared} values: "
          f"{len(comparison.wrong)} differ")
    return 1 if comparison.wrong or not comparison.blocks else 0


if __name__ == "__main__":
    sys.exit(main())
