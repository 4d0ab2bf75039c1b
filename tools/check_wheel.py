#!/usr/bin/env python3
"""Builds the wheel, installs it into a fresh environment, and runs the program that it brings.

In:  maturin and uv, installed from PyPI outside of the repository. The wheel is built without optimization.
Out: what was tried. Exit code 0 when all is well, 1 when the wheel is wrong, 3 when it could not be tried.
"""

import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

import borrow

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "testdata/examples/registry-estate.json"


def run(command, ends=0):
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != ends:
        sys.exit(f"`{' '.join(map(str, command))}` ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def main():
    tools = borrow.python("wheel", "maturin==1.16.0", "uv==0.13.8")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run([tools / "maturin", "build", "--profile", "dev", "--locked", "--out", folder])
        wheel = next(folder.glob("acrlint-*.whl"))
        with zipfile.ZipFile(wheel) as archive:
            names = archive.namelist()
        if not any(it.endswith("/LICENSE-MIT") for it in names) or len(names) > 10:
            sys.exit(f"the wheel holds {names}")
        venv.create(folder / "fresh", with_pip=True)
        run([folder / "fresh/bin/python", "-m", "pip", "install", "--quiet", "--no-index", wheel])
        version = run([folder / "fresh/bin/acrlint", "--version"])
        if wheel.name.split("-")[1] not in version:
            sys.exit(f"{wheel.name} brings {version}")
        found = run([folder / "fresh/bin/acrlint", "check", "--format", "concise", EXAMPLE], ends=1)
        if "error[acr-service-endpoint-public-disabled]" not in found:
            sys.exit(f"the installed program says: {found}")
        print(f"{wheel.name}, installed by pip, finds what there is")
        if run([tools / "uvx", "--offline", "--from", wheel, "acrlint", "--version"]) != version:
            sys.exit("uvx runs another program")
        print("uvx runs the same program")


if __name__ == "__main__":
    borrow.main(main)
