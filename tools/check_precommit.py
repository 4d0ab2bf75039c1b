#!/usr/bin/env python3
"""Has the real pre-commit run the hooks of .pre-commit-hooks.yaml on commits of a scratch repository.

usage: check_precommit.py ACRLINT

In:  the acrlint program for the hook `acrlint-system`; the other one builds it by `cargo install`, here without
     optimization. pre-commit is installed from PyPI, outside of the repository.
Out: what was tried. Exit code 0 when all is well, 1 when a hook is wrong, 3 when it could not be tried.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import borrow

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "testdata/rules/se-missing-endpoint"
GOOD, BAD = FIXTURES / "compliant-child-subnet.json", FIXTURES / "violation-child-subnet.json"
UNOPTIMIZED = {"OPT_LEVEL": "0", "LTO": "off", "CODEGEN_UNITS": "256", "STRIP": "debuginfo"}


def git(folder, *arguments, environment, ends=(0,)):
    run = subprocess.run(["git", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if run.returncode not in ends:
        sys.exit(f"git {' '.join(arguments)} ended with {run.returncode}:\n{run.stdout}{run.stderr}")
    return run.stdout + run.stderr


def published(folder, environment):
    """This checkout as a repository of hooks; its commit."""
    wanted = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    for name in git(ROOT, *wanted, environment=environment).split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    git(folder, "init", "--quiet", environment=environment)
    git(folder, "add", "--all", "--force", environment=environment)
    git(folder, "commit", "--quiet", "--message", "hooks", environment=environment)
    return git(folder, "rev-parse", "HEAD", environment=environment).strip()


def attempt(tool, hook, hooks, revision, folder, environment):
    """Commits that the hook must let through, and one that it must not."""
    folder.mkdir()
    config = f"repos:\n- repo: {hooks}\n  rev: {revision}\n  hooks:\n  - id: {hook}\n"
    (folder / ".pre-commit-config.yaml").write_text(config)
    (folder / "package.json").write_text('{ "name": "shop" }\n')
    git(folder, "init", "--quiet", environment=environment)
    run = subprocess.run([tool, "install", "--install-hooks"], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        sys.exit(f"{hook} cannot be installed:\n{run.stdout}{run.stderr}")

    def commit(what, ends, words):
        git(folder, "add", "--all", environment=environment)
        said = git(folder, "commit", "--message", what, environment=environment, ends=(ends,))
        for word in words:
            if word not in said:
                sys.exit(f"{hook}: a commit of {what} does not say `{word}`:\n{said}")

    commit("a repository without a template", 0, ["Passed"])
    (folder / "infra").mkdir()
    shutil.copy(GOOD, folder / "infra/main.json")
    commit("a template that is right", 0, ["Passed"])
    (folder / "package.json").write_text('{ "name": "shop", "private": true }\n')
    commit("package.json only", 0, ["Passed"])
    (folder / "notes.md").write_text("# Notes\n")
    commit("what cannot matter", 0, ["Skipped"])
    shutil.copy(BAD, folder / "infra/main.json")
    commit("a subnet rule that is broken", 1, ["Failed", "error[se-missing-endpoint]", "infra/main.json:", "help:"])
    print(f"{hook}: four commits pass, and the one that breaks a subnet rule fails and says why")


def main():
    binary = Path(sys.argv[1]).resolve()
    tool = borrow.python("pre-commit", "pre-commit==4.7.0") / "pre-commit"
    for needed in ["git", "cargo"]:
        if not shutil.which(needed):
            raise borrow.CannotTry(f"{needed} is not installed")
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        for folder in ["hooks", "bin"]:
            (scratch / folder).mkdir()
        (scratch / "bin/acrlint").symlink_to(binary)
        person = {"NAME": "somebody", "EMAIL": "somebody@example.org"}
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT"))},
            **{f"GIT_{role}_{key}": value for role in ["AUTHOR", "COMMITTER"] for key, value in person.items()},
            **{f"CARGO_PROFILE_RELEASE_{key}": value for key, value in UNOPTIMIZED.items()},
            # The versions that the checkout was built with are at hand; pre-commit does not ask for its lock file.
            "CARGO_NET_OFFLINE": "true",
            "CARGO_TARGET_DIR": str(ROOT / "target/pre-commit"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "PRE_COMMIT_HOME": str(scratch / "home"),
        }
        revision = published(scratch / "hooks", environment)
        manifest = scratch / "hooks/.pre-commit-hooks.yaml"
        run = subprocess.run([tool, "validate-manifest", manifest], capture_output=True, text=True, check=False)
        if run.returncode != 0:
            sys.exit(run.stdout + run.stderr)
        with_program = {**environment, "PATH": f"{scratch / 'bin'}:{os.environ['PATH']}"}
        attempt(tool, "acrlint-system", scratch / "hooks", revision, scratch / "system", with_program)
        attempt(tool, "acrlint", scratch / "hooks", revision, scratch / "rust", environment)


if __name__ == "__main__":
    borrow.main(main)
