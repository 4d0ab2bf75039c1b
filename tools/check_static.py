#!/usr/bin/env python3
"""Builds what the Dockerfile builds, without optimization, and runs it in a root that holds nothing else.

In:  the target x86_64-unknown-linux-musl, which rustup brings. There may be no Docker here, so the image itself is not
     built: an empty root (`chroot`, which takes root) stands for it.
Out: what was tried. Exit code 0 when all is well, 1 when the program is not static, 3 when it could not be tried.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import borrow

ROOT = Path(__file__).resolve().parent.parent
TARGET = "x86_64-unknown-linux-musl"
EXAMPLE = ROOT / "testdata/examples/registry-estate.json"


def main():
    borrow.run(["rustup", "target", "add", TARGET])
    build = subprocess.run(["cargo", "build", "--locked", "--quiet", "--target", TARGET], cwd=ROOT, check=False)
    if build.returncode != 0:
        sys.exit(f"the program does not build for {TARGET}")
    binary = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target") / TARGET / "debug/acrlint"
    if os.geteuid() != 0 or not shutil.which("chroot"):
        raise borrow.CannotTry("it builds, but running it in an empty root takes root, and chroot")
    with tempfile.TemporaryDirectory() as name:
        shutil.copy(binary, Path(name) / "acrlint")
        Path(name).chmod(0o755)
        (Path(name) / "src").mkdir()
        shutil.copy(EXAMPLE, Path(name) / "src/main.json")
        command = ["chroot", "--userspec=65534:65534", name, "/acrlint", "check", "--format", "concise", "/src"]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode != 1 or "/src/main.json:115:32: error[acr-service-endpoint-public-disabled]" not in run.stdout:
        sys.exit(f"in an empty root it ends with {run.returncode}: {run.stdout}{run.stderr}")
    print(f"the program for {TARGET} runs alone in an empty root, as nobody")


if __name__ == "__main__":
    borrow.main(main)
