#!/usr/bin/env python3
"""Holds the GitHub Action and the templates of pipelines against their schemas, and runs their scripts.

usage: check_pipelines.py ACRLINT

In:  action.yml and the templates of contrib/. Their schemas come with check-jsonschema (PyPI). The scripts run in Bash as
     the services would run them, but for `cargo install`, which here only takes acrlint from where it is.
Out: what was tried. Exit code 0 when all is well, 1 when a file is wrong, 3 when it could not be tried.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import borrow

ROOT = Path(__file__).resolve().parent.parent
FILES = {
    "action.yml": ["--builtin-schema", "vendor.github-actions"],
    "contrib/gitlab/acrlint.gitlab-ci.yml": ["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"],
    "contrib/azure-pipelines/acrlint.yml": ["--builtin-schema", "vendor.azure-pipelines", "--data-transform", "azure-pipelines"],
}
LONGEST = 25
BAD = ROOT / "testdata/rules/se-missing-endpoint/violation-child-subnet.json"
CARGO = """#!/usr/bin/env bash
# Stands for `cargo install`: takes the program from where it is.
set -eu
[ "$1" = install ] && [[ " $* " == *" --locked "* ]]
root=$HOME/.cargo
while [ $# -gt 0 ]; do [ "$1" = --root ] && root=$2; shift; done
mkdir -p "$root/bin" && ln -sf "$ACRLINT" "$root/bin/acrlint"
"""


def read(tools, path):
    program = "import json, sys, ruamel.yaml as y; print(json.dumps(y.YAML(typ='safe').load(open(sys.argv[1]))))"
    run = subprocess.run([tools / "python", "-c", program, path], capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def github(file, temp):
    """The scripts of the action, each with its environment."""
    given = {name: value["default"] for name, value in file["inputs"].items()}
    places = {"GITHUB_ACTION_PATH": str(ROOT), "RUNNER_TEMP": str(temp), "GITHUB_STEP_SUMMARY": str(temp / "summary.md")}
    for step in file["runs"]["steps"]:
        own = {name: re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda it: given[it[1]], value) for name, value in step.get("env", {}).items()}
        yield step["run"], {**places, **own}


def gitlab(file, _temp):
    for line in file["acrlint"]["script"]:
        yield line, {**file["variables"], "ACRLINT_REPOSITORY": "https://example.org/acrlint.git"}


def azure(file, temp):
    given = {it["name"]: it.get("default", "https://example.org/acrlint.git") for it in file["parameters"]}
    places = {"Agent.TempDirectory": str(temp), "Build.ArtifactStagingDirectory": str(temp)}
    for step in file["steps"]:
        if "bash" in step:
            script = re.sub(r"\$\{\{ parameters\.(\w+) \}\}", lambda it: given[it[1]], step["bash"])
            yield re.sub(r"\$\(([\w.]+)\)", lambda it: places[it[1]], script), {}


def attempt(name, steps, expected, temp, binary):
    """Runs the scripts over a template that is wrong, and over a folder that holds none."""
    folder, home = temp / "checkout", temp / "home"
    for place in [folder, home / ".cargo/bin"]:
        place.mkdir(parents=True)
    cargo = home / ".cargo/bin/cargo"
    cargo.write_text(CARGO)
    cargo.chmod(0o755)
    environment = {"HOME": str(home), "ACRLINT": binary, "PATH": f"{home}/.cargo/bin:{os.environ['PATH']}"}
    for what, end in [("nothing", 0), ("a broken subnet rule", 1)]:
        if end:
            (folder / "main.json").write_bytes(BAD.read_bytes())
        said, code = "", 0
        for script, own in steps:
            command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
            run = subprocess.run(command, cwd=folder, env={**environment, **own}, capture_output=True, text=True, check=False)
            said, code = said + run.stdout + run.stderr, run.returncode
            if code:
                break
        if code != end or (end and "se-missing-endpoint" not in said):
            sys.exit(f"{name}: with {what} it ends with {code}:\n{said}")
    for place in expected:
        if "se-missing-endpoint" not in place.read_text():
            sys.exit(f"{name}: {place.name} does not hold the finding")
    print(f"{name} fits its schema, passes where nothing is wrong, and else fails and says why in {len(expected)} reports")


def main():
    binary = str(Path(sys.argv[1]).resolve())
    tools = borrow.python("schemas-of-pipelines", "check-jsonschema==0.39.0")
    for name, schema in FILES.items():
        text = (ROOT / name).read_text()
        if len(text.splitlines()) > LONGEST or "cargo install --locked " not in text:
            sys.exit(f"{name} has more than {LONGEST} lines, or installs without --locked")
        run = subprocess.run([tools / "check-jsonschema", *schema, ROOT / name], capture_output=True, text=True, check=False)
        if run.returncode != 0:
            sys.exit(run.stdout + run.stderr)
        with tempfile.TemporaryDirectory() as place:
            temp = Path(place)
            file, folder = read(tools, ROOT / name), temp / "checkout"
            if name == "action.yml":
                attempt(name, list(github(file, temp)), [folder / "acrlint.sarif", temp / "summary.md"], temp, binary)
            elif "gitlab" in name:
                reports = [folder / it for it in file["acrlint"]["artifacts"]["reports"].values()]
                attempt(name, list(gitlab(file, temp)), reports, temp, binary)
            else:
                attempt(name, list(azure(file, temp)), [temp / "acrlint.sarif", temp / "acrlint.xml"], temp, binary)


if __name__ == "__main__":
    borrow.main(main)
