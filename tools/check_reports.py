#!/usr/bin/env python3
"""Holds the reports of acrlint against readers of their own.

usage: check_reports.py ACRLINT

SARIF is read by Microsoft's multitool (npm), checkstyle by reviewdog (Go), JUnit by the XSD of Jenkins'
xUnit plugin, which pytest carries in its sources (PyPI), GitLab's report by a schema after its documentation. Exit 0: all is
well; 1: a reader complains; 3: a reader could not be had, the rest is well.
"""

import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import borrow

ROOT = Path(__file__).resolve().parent.parent
# Names in the scratch folder, and where the files come from.
INPUTS = {
    "registry-estate.json": "testdata/examples/registry-estate.json",
    "pay/main.json": "testdata/scenarios/environments/main.json",
    "pay/main.prod.parameters.json": "testdata/scenarios/environments/main.prod.parameters.json",
    "choices.json": "testdata/scenarios/choices/main.json",
    "it's <b>&amp; \"a\" 100%25, \u202eb\u0007.json": "testdata/scenarios/choices/main.json",
}
FORMATS = ["sarif", "junit", "checkstyle", "gitlab", "json", "ndjson"]
LEVELS = {"error": "error", "warning": "warning", "note": "info"}
REVIEWDOG = "github.com/reviewdog/reviewdog/cmd/reviewdog@v0.21.0"


def reports(binary, folder):
    """Writes every report into the folder, beside the files that they are about."""
    for name, origin in INPUTS.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes((ROOT / origin).read_bytes())
    arguments = [binary, "check", "--explore", "--no-config", *INPUTS]
    for name in FORMATS:
        arguments += ["--output", f"{name}=report.{name}"]
    run = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=False)
    if run.returncode != 1:
        sys.exit(f"acrlint ended with {run.returncode}: {run.stderr}")
    report = json.loads((folder / "report.json").read_text())
    return report["findings"] + report["problems"]


def entries(folder, said):
    """The reports for which nothing is to be installed: as many entries as things are said."""
    for line in (folder / "report.ndjson").read_text().splitlines():
        json.loads(line)
    gitlab = json.loads((folder / "report.gitlab").read_text())
    prints = {entry["fingerprint"] for entry in gitlab}
    cases = ElementTree.parse(folder / "report.junit").getroot().findall("./testsuite/testcase")
    errors = ElementTree.parse(folder / "report.checkstyle").getroot().findall("./file/error")
    counts = {"gitlab": len(gitlab), "gitlab's fingerprints": len(prints), "junit": len(cases), "checkstyle": len(errors)}
    for reader, count in counts.items():
        if count != len(said):
            sys.exit(f"{reader}: {count} entries, but {len(said)} things are said")
    print(f"json, ndjson, gitlab, junit and checkstyle have {len(said)} entries each")


def numbers(folder):
    """The numbers at the suites are those of their cases, which no XSD can say."""
    root = ElementTree.parse(folder / "report.junit").getroot()
    for place in [root, *root.findall("testsuite")]:
        cases = place.findall(".//testcase")
        for tag, number in {"failure": "failures", "error": "errors", "skipped": "skipped"}.items():
            count = sum(case.find(tag) is not None for case in cases)
            if int(place.get(number, count)) != count or int(place.get("tests")) != len(cases):
                sys.exit(f"junit: {number} or tests of {place.get('name')} do not fit")


def xsd():
    """The XSD of Jenkins' xUnit plugin, as the sources of pytest carry it."""
    place = borrow.HOME / "junit-10.xsd"
    if not place.exists():
        pip = borrow.python("pip")
        with tempfile.TemporaryDirectory() as name:
            options = ["--quiet", "--no-deps", "--no-binary", "pytest", "--dest", name]
            borrow.run([pip / "python", "-m", "pip", "download", *options, "pytest==8.4.2"])
            with tarfile.open(next(Path(name).glob("pytest-*.tar.gz"))) as sources:
                member = next(it for it in sources.getmembers() if it.name.endswith("/junit-10.xsd"))
                place.write_bytes(sources.extractfile(member).read())
    return place


def schemas(folder):
    """JUnit by its XSD, GitLab's by its schema; a report that is wrong on purpose must be refused."""
    python = borrow.python("schemas", "xmlschema==4.3.2", "jsonschema==4.26.0") / "python"
    program = """
import json, sys, xmlschema, jsonschema
junit, xsd, gitlab, schema = sys.argv[1:]
xsd = xmlschema.XMLSchema(xsd)
said = [f"junit: {error.path}: {error.reason}" for error in xsd.iter_errors(junit)]
schema = jsonschema.Draft202012Validator(json.load(open(schema)))
gitlab = json.load(open(gitlab))
said += [f"gitlab: {error.json_path}: {error.message}" for error in schema.iter_errors(gitlab)]
text = open(junit).read()
wrong = [text.replace(a, b, 1) for a, b in [("<skipped ", "<left-out "), (' name="', ' nmae="'), ("<failure ", "<failure at='1' ")]]
said += [f"junit: {number} is not refused" for number, it in enumerate(wrong) if it == text or xsd.is_valid(it)]
gitlab[0]["location"]["lines"]["begin"] = 0
said += ["gitlab: line 0 is not refused"] * schema.is_valid(gitlab)
sys.exit("\\n".join(said) or 0)
"""
    files = [folder / "report.junit", xsd(), folder / "report.gitlab", ROOT / "tools/gitlab-code-quality.schema.json"]
    run = subprocess.run([python, "-c", program, *files], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        sys.exit(run.stderr)
    print("junit is valid, says the XSD of Jenkins' xUnit plugin; gitlab is, says the schema after its documentation")


def reviewdog(folder, said):
    """What reviewdog reads of checkstyle is what was said."""
    tool = borrow.HOME / "go" / "reviewdog"
    if not tool.exists():
        borrow.run(["go", "install", REVIEWDOG], env={**os.environ, "GOBIN": str(tool.parent)})
    command = [tool, "-f=checkstyle", "-reporter=local", "-diff=true", "-filter-mode=nofilter", "-level=info"]
    with (folder / "report.checkstyle").open() as report:
        run = subprocess.run(command, cwd=folder, stdin=report, capture_output=True, text=True, check=False)
    lines = [re.match(r"(.+?):(\d+):(\d+): (error|warning|info): .*\(acrlint\.(.+)\)$", it) for it in run.stdout.splitlines()]
    found = sorted((it[1], int(it[2]), int(it[3]), it[4], it[5]) for it in lines if it)
    # Characters that would steer a terminal have stand-ins.
    visible = {0x202E: "\ufffd", 0x07: "\u2407"}
    expected = []
    for it in said:
        path, start = it["location"]["path"].translate(visible), it["location"]["start"]
        expected.append((path, start["line"], start["column"], LEVELS[it["level"]], it.get("rule") or it["code"]))
    if found != sorted(expected):
        sys.exit(f"checkstyle: reviewdog reads something else:\n{run.stdout}{run.stderr}")
    print(f"checkstyle has the same {len(found)} places, levels and rules, says reviewdog")


def multitool(folder):
    """SARIF by Microsoft's validator."""
    cache = borrow.HOME / "sarif"
    tool = cache / "node_modules" / ".bin" / "sarif-multitool"
    if not tool.exists():
        cache.mkdir(parents=True, exist_ok=True)
        borrow.run(["npm", "install", "--no-audit", "--no-fund", "@microsoft/sarif-multitool@5"], cwd=cache)
    environment = {**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}
    run = subprocess.run([tool, "validate", folder / "report.sarif"], env=environment, capture_output=True, text=True, check=False)
    said = [line for line in run.stdout.splitlines() if ": error" in line or ": warning" in line]
    said = [line for line in said if "SARIF2005" not in line]  # there is no page about acrlint yet
    if run.returncode != 0 or said:
        sys.exit("\n".join(["sarif:", *said, run.stderr]))
    print("sarif is valid, says Microsoft's multitool")


def main():
    binary = str(Path(sys.argv[1]).resolve())
    missing = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        said = reports(binary, folder)
        entries(folder, said)
        numbers(folder)
        for reader in [lambda: schemas(folder), lambda: multitool(folder), lambda: reviewdog(folder, said)]:
            try:
                reader()
            except borrow.CannotTry as error:
                missing.append(str(error))
    if missing:
        raise borrow.CannotTry("; ".join(missing))


if __name__ == "__main__":
    borrow.main(main)
