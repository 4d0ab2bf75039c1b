#!/usr/bin/env python3
"""Holds the names that translations of azurerm read against schemas that the provider publishes.

usage: check_azurerm.py [--ignored]

The schemas are those in @cdktf/provider-azurerm and its successor @cdktn/provider-azurerm (npm): classes for each resource,
made from the schema of one version of the provider. Packed, a version takes some 30 MB; only the classes of the resources that
are translated are kept. A test writes the names, with the major versions that a name is said to be of where 3.50.0 does not have
it. Every name must be in a version of each of its majors, and of no other one; version 5 is in no package, so that a name
which is only of that one must be in none of the others.

--ignored also lists what is not read of the resources that are translated, by words that have to do with networks.

Exit 0: all names are right; 1: some are not; 3: the packages could not be had.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile

import borrow

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Major version of the provider, package, its version: the first and the last of a major, and some between.
PACKAGES = [
    (2, "@cdktf/provider-azurerm", "0.2.179"),
    (3, "@cdktf/provider-azurerm", "1.0.0"),
    (3, "@cdktf/provider-azurerm", "5.0.0"),
    (3, "@cdktf/provider-azurerm", "12.27.0"),
    (4, "@cdktf/provider-azurerm", "13.0.0"),
    (4, "@cdktf/provider-azurerm", "14.23.1"),
    (4, "@cdktn/provider-azurerm", "16.1.0"),
]
WORDS = re.compile(
    r"network|subnet|vnet|dns|(^|[._])ips?($|_)|address|endpoint|firewall|route|gateway|proxy|public|private|outbound|registry"
)
CLASS = re.compile(r"^class (\w+) extends [\w.]+ \{$", re.M)
ROOT_CLASS = re.compile(r"^class (\w+) extends \w+\.Terraform(?:Resource|DataSource) \{$", re.M)
MAPPER = re.compile(r"^function (\w+)ToTerraform\(struct\) \{$", re.M)
GETTER = re.compile(r"(?:get\w*Attribute|interpolationForAttribute)\(['\"](\w+)['\"]\)")
NESTED = re.compile(r"new (\w+?)(?:List|Set|Map|OutputReference)?\(this, ['\"](\w+)['\"]")
ENTRY = re.compile(r"^ {8,12}(\w+): (.*)$", re.M)
MAPPED = re.compile(r"\b([a-z]\w*)ToTerraform\b")
NO_BLOCK = {"string", "boolean", "number", "any"}


def fetch(package, version, types):
    """The folder with the classes of some resource types of a version."""
    folder = borrow.HOME / "azurerm" / f"{package.split('/')[0].strip('@')}-{version}"
    stamp = folder / "types"
    if stamp.exists() and stamp.read_text() == "\n".join(types):
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {at: f"{prefix}{ty}.js" for ty in types for prefix in ("", "data.") for at in places(prefix, ty)}
    with tempfile.TemporaryDirectory() as around:
        command = ["npm", "pack", "--silent", f"{package}@{version}", "--pack-destination", around]
        borrow.run(command, timeout=300)
        [packed] = pathlib.Path(around).glob("*.tgz")
        with tarfile.open(packed) as members:
            for member in members:
                if member.name in wanted:
                    (folder / wanted[member.name]).write_bytes(members.extractfile(member).read())
    stamp.write_text("\n".join(types))
    return folder


def places(prefix, ty):
    """Where a package has the class of a type, by its age."""
    name = ty.removeprefix("azurerm_").replace("_", "-")
    front = "data-azurerm-" if prefix else ""
    return [f"package/lib/{front}{name}.js", f"package/lib/{front}{name}/index.js"]


def parts(code):
    """What the classes and functions of a file say of attributes: by lower-case beginning, name to nested block or None."""
    found = {}

    def note(owner, name, inner):
        members = found.setdefault(owner.lower(), {})
        members[name] = members.get(name) or inner

    roots = {match.group(1) for match in ROOT_CLASS.finditer(code)}
    begins = sorted([(m.start(), m.group(1), "class") for m in CLASS.finditer(code)]
                    + [(m.start(), m.group(1), "function") for m in MAPPER.finditer(code)])
    for (at, name, what), end in zip(begins, [b[0] for b in begins[1:]] + [len(code)]):
        text = code[at:end]
        owner = name if what == "function" or name in roots else re.sub(r"(List|Set|Map|OutputReference)$", "", name)
        if what == "class":
            for match in GETTER.finditer(text):
                note(owner, match.group(1), None)
            for match in NESTED.finditer(text):
                note(owner, match.group(2), match.group(1).lower())
            start = text.find("synthesizeAttributes() {")
            text = text[start:text.find("};", start)] if start >= 0 else ""
        else:
            text = text[:text.find("};")]
        for match in ENTRY.finditer(text):
            inner = [word.lower() for word in MAPPED.findall(match.group(2)) if word not in NO_BLOCK]
            note(owner, match.group(1), inner[0] if inner else None)
    return found, [root.lower() for root in roots]


def paths(code):
    """Every attribute of a resource, members of blocks with a dot."""
    found, roots = parts(code)
    listed = set()

    def walk(owner, around, depth):
        for name, inner in found.get(owner, {}).items():
            if name == "timeouts":
                continue
            listed.add(around + name)
            if inner and depth < 8:
                walk(inner, f"{around}{name}.", depth + 1)

    for root in roots:
        walk(root, "", 0)
    return listed


def names():
    """What translations read, of which a test writes a list."""
    with tempfile.TemporaryDirectory() as around:
        out = pathlib.Path(around) / "names.json"
        cargo = [os.environ.get("CARGO", "cargo"), "test", "--locked", "--lib"]
        command = [*cargo, "--", "--ignored", "--exact", "input::terraform::translate::names::listing"]
        environment = {**os.environ, "AZURERM_NAMES": str(out)}
        subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
        return json.loads(out.read_text(encoding="utf-8"))


def check():
    kinds = names()
    types = sorted({ty for kind in kinds for ty in kind["types"]})
    published = []
    for major, package, version in PACKAGES:
        folder = fetch(package, version, types)
        known = {}
        for ty in types:
            for file in (folder / f"{ty}.js", folder / f"data.{ty}.js"):
                if file.exists():
                    known.setdefault(ty, set()).update(paths(file.read_text(encoding="utf-8")))
        published.append((major, known))
        print(f"{package} {version}, azurerm {major}: {len(known)} of {len(types)} types, "
              f"{sum(map(len, known.values()))} attributes")
    majors = sorted({major for major, _ in published})
    wrong, held, ignored = [], 0, set()
    for kind in kinds:
        def of(major, path):
            return any(path in known.get(ty, ()) for m, known in published if m == major for ty in kind["types"])
        for ty, said in kind["types"].items():
            seen = [m for m in majors if any(ty in known for n, known in published if n == m)]
            held += 1
            if said is not None and [m for m in said if m in majors] != seen:
                wrong.append(f"{ty} is said to be of {said}, and is of {seen}")
            elif said is None and 3 not in seen:
                wrong.append(f"{ty} is in no version 3")
        for path, said in kind["paths"].items():
            seen = [m for m in majors if of(m, path)]
            held += 1
            first = next(iter(kind["types"]))
            if said is not None and [m for m in said if m in majors] != seen:
                wrong.append(f"{first} {path} is said to be of {said}, and is of {seen}")
            elif said is None and 3 not in seen and any(ty in known for m, known in published if m == 3 for ty in kind["types"]):
                wrong.append(f"{first} {path} is in no version 3, but in {seen or 'none'}")
        if "--ignored" in sys.argv:
            blocks = {path.split(".")[0] for path in kind["paths"]}
            for major, known in published:
                for ty in kind["types"]:
                    for path in known.get(ty, ()):
                        front = path.split(".")[0]
                        if path not in kind["paths"] and ("." not in path or front in blocks) and WORDS.search(path):
                            if not any(read.startswith(path + ".") for read in kind["paths"]):
                                ignored.add((ty, path))
    if not held or any(len(known) < len(types) // 3 for _, known in published):
        wrong.append("the packages do not have the classes that are expected")
    for ty, path in sorted(ignored):
        print(f"not read: {ty} {path}")
    for line in wrong:
        print(line)
    print(f"{held} names and types against {len(published)} versions, {len(wrong)} wrong")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    borrow.main(check)
