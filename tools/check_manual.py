#!/usr/bin/env python3
"""Has shells complete commands of acrlint, and `man` typeset its pages.

usage: check_manual.py ACRLINT

In:  bash, zsh, fish and man; Debian's packages are installed where one of the last three is missing.
Out: what was tried. Exit code 0 when all is well, 1 when a script or a page is wrong, 3 when a program is missing, the
     rest is well.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import borrow

BASH = """
source {script}
COMP_WORDS=(acrlint {words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); COMPREPLY=()
_acrlint acrlint "${{COMP_WORDS[COMP_CWORD]}}" "${{COMP_WORDS[COMP_CWORD-1]}}"
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
# What is typed, and what must be among the completions.
TYPED = {"ch": "check", "check --form": "--format", "check --format sa": "sarif", "completions z": "zsh", "man c": None}


def run(command, **options):
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def have(program, package, missing):
    """Whether a program is there, or can be installed."""
    try:
        if not shutil.which(program):
            borrow.debian(package)
    except borrow.CannotTry as error:
        missing.append(str(error))
        return False
    return True


def main():
    binary = str(Path(sys.argv[1]).resolve())
    missing = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for shell in ["bash", "elvish", "fish", "powershell", "zsh"]:
            script = folder / f"acrlint.{shell}"
            script.write_text(run([binary, "completions", shell]).stdout)
            if "write-baseline" not in script.read_text():
                sys.exit(f"the completions for {shell} do not know write-baseline")
        for words, expected in TYPED.items():
            done = run(["bash", "-c", BASH.format(script=folder / "acrlint.bash", words=words)])
            if done.stderr or (expected and expected not in done.stdout.split()):
                sys.exit(f"bash completes `acrlint {words}` to {done.stdout}{done.stderr}")
        print("bash completes commands, options and values")
        for shell in ["zsh", "fish"]:
            if not have(shell, shell, missing):
                continue
            if run([shell, "-n", folder / f"acrlint.{shell}"]).returncode != 0:
                sys.exit(f"{shell} does not parse its completions")
            print(f"{shell} parses its completions")
        listed = run([binary, "--help"]).stdout.split("Commands:\n")[1].split("\n\n")[0].splitlines()
        # What is told of a command may go on in a next line, further in.
        pages = ["", *[it.split()[0] for it in listed if it.startswith("  ") and not it.startswith("   ")]]
        pages.remove("help")
        shown = have("man", "man-db", missing) and have("groff", "groff", missing)
        for page in pages if shown else []:
            place = folder / f"acrlint{'-' * bool(page)}{page}.1"
            place.write_text(run([binary, "man", *page.split()]).stdout)
            typeset = run(["man", "--warnings=w", "-l", place], env={**os.environ, "MANWIDTH": "100", "LC_ALL": "C.UTF-8"})
            if typeset.stderr or f"acrlint{'-' * bool(page)}{page}" not in typeset.stdout or "NAME" not in typeset.stdout:
                sys.exit(f"man says of {place.name}: {typeset.stderr}{typeset.stdout[:400]}")
        if shown:
            print(f"man shows {len(pages)} pages without a warning")
    if missing:
        raise borrow.CannotTry("; ".join(missing))


if __name__ == "__main__":
    borrow.main(main)
