#!/usr/bin/env python3
"""Holds the reports of acrlint against readers of their own.

usage: check_reports.py ACRLINT

SARIF is read by Microsoft's multitool (npm), the XML formats by Python's parser, the JSON formats by Python's. Exit 0: all
is well; 1: a reader complains; 3: the multitool could not be had, the rest is well.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
INPUTS = ["testdata/examples/registry-estate.json", "testdata/scenarios/environments/main.json", "testdata/scenarios/choices/main.json"]
FORMATS = ["sarif", "junit", "checkstyle", "gitlab", "json", "ndjson"]


def reports(binary, folder):
    arguments = [binary, "check", "--explore", "--no-config", *INPUTS]
    for name in FORMATS:
        arguments += ["--output", f"{name}={folder / name}"]
    run = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False)
    if run.returncode != 1:
        sys.exit(f"acrlint ended with {run.returncode}: {run.stderr}")


def multitool():
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "acrlint-tools" / "sarif"
    tool = cache / "node_modules" / ".bin" / "sarif-multitool"
    if not tool.exists():
        cache.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--no-audit", "--no-fund", "@microsoft/sarif-multitool@5"]
        try:
            subprocess.run(command, cwd=cache, capture_output=True, check=True, timeout=300)
        except (OSError, subprocess.SubprocessError) as error:
            print(f"NOT CHECKED: SARIF, since its multitool cannot be installed: {error}")
            return None
    return tool


def main():
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        reports(binary, folder)
        junit = ElementTree.parse(folder / "junit").getroot()
        cases = junit.findall("./testsuite/testcase")
        if junit.tag != "testsuites" or int(junit.get("tests")) != len(cases) or not junit.findall(".//failure"):
            sys.exit("junit: the numbers do not fit")
        for suite in junit.findall("testsuite"):
            for tag, number in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
                if int(suite.get(number)) != len(suite.findall(f"testcase/{tag}")):
                    sys.exit(f"junit: {number} of {suite.get('name')} do not fit")
        checkstyle = ElementTree.parse(folder / "checkstyle").getroot()
        if checkstyle.tag != "checkstyle" or not checkstyle.findall("./file/error"):
            sys.exit("checkstyle: there is no error")
        entries = json.loads((folder / "gitlab").read_text())
        prints = [entry["fingerprint"] for entry in entries]
        if len(set(prints)) != len(prints) or any(entry["location"]["lines"]["begin"] < 1 for entry in entries):
            sys.exit("gitlab: fingerprints are not unique, or a line is none")
        for line in (folder / "ndjson").read_text().splitlines():
            json.loads(line)
        print(f"junit, checkstyle, gitlab, json and ndjson are read: {len(cases)} cases, {len(entries)} entries")
        tool = multitool()
        if tool is None:
            sys.exit(3)
        sarif = folder / "report.sarif"
        sarif.write_text((folder / "sarif").read_text())
        environment = {**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}
        run = subprocess.run([tool, "validate", sarif], env=environment, capture_output=True, text=True, check=False)
        said = [line for line in run.stdout.splitlines() if ": error" in line or ": warning" in line]
        said = [line for line in said if "SARIF2005" not in line]  # there is no page about acrlint yet
        if run.returncode != 0 or said:
            sys.exit("\n".join(["sarif:", *said, run.stderr]))
        print("sarif is valid, says Microsoft's multitool")


if __name__ == "__main__":
    main()
