#!/usr/bin/env python3
"""Has Vim, Neovim and Emacs read what acrlint prints, by the files of contrib/.

usage: check_editors.py ACRLINT

Vim runs `:compiler acrlint` and `:make`, Emacs its compilation mode, over files whose names have spaces, colons and
brackets. What they hold must be what the JSON report says. Debian's packages are installed where an editor is missing.
Exit 0: all is well; 1: an editor reads something else; 3: an editor could not be had, the rest is well.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import borrow

ROOT = Path(__file__).resolve().parent.parent
FILES = {
    "our hub/registry estate.json": "testdata/examples/registry-estate.json",
    "a: b/12:34: x [y].json": "testdata/examples/registry-estate.json",
    "pay/main.json": "testdata/scenarios/environments/main.json",
    "pay/main.prod.parameters.json": "testdata/scenarios/environments/main.prod.parameters.json",
}
ONE_LINE = "testdata/scenarios/choices/main.json"
VIM = """
compiler acrlint
silent make!
let found = map(getqflist(), {_, it -> [bufname(it.bufnr), it.lnum, it.col, it.type, it.text]})
call writefile([json_encode(found)], 'found.json')
qall!
"""
EMACS = """
(with-current-buffer (find-file-noselect "printed.txt")
  (compilation-mode)
  (compilation--ensure-parse (point-max))
  (goto-char (point-min))
  (let (found)
    (while (not (eobp))
      (let ((message (get-text-property (point) 'compilation-message)))
        (when message
          (let ((place (compilation--message->loc message)))
            (push (vector (caar (compilation--loc->file-struct place)) (compilation--loc->line place)
                          (compilation--loc->col place) (compilation--message->type message))
                  found))))
      (forward-line 1))
    (write-region (json-encode (vconcat (nreverse found))) nil "found.json")))
"""


def scratch(folder):
    for name, origin in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / origin, folder / name)
    lines = (ROOT / ONE_LINE).read_text().splitlines()
    (folder / "one line.json").write_text(" ".join(line.strip() for line in lines))


def report(binary, folder):
    """What is said of each place, by the JSON report."""
    run = subprocess.run([binary, "check", "--format", "json"], cwd=folder, capture_output=True, text=True, check=False)
    found = json.loads(run.stdout)
    for item in found["findings"] + found["problems"]:
        start = item["location"]["start"]
        yield (item["location"]["path"], start["line"], start["column"], item["level"], item.get("rule") or item["code"])


def vim(editor, folder, environment):
    (folder / "script.vim").write_text(f"set runtimepath^={ROOT}/contrib/vim\n{VIM}")
    quiet = ["-e", "-s"] if editor == "vim" else ["--headless"]
    command = [editor, *quiet, "-N", "-u", "NONE", "-i", "NONE", "-S", "script.vim"]
    if editor == "nvim":
        command.remove("-N")
    closed = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(command, cwd=folder, env=environment, check=True, timeout=120, **closed)
    levels = {"e": "error", "w": "warning", "n": "note"}
    for path, line, column, level, text in json.loads((folder / "found.json").read_text()):
        yield (path, line, column, levels[level], text[1:].split("]")[0])


def emacs(binary, folder):
    with (folder / "printed.txt").open("w") as out:
        subprocess.run([binary, "check", "--format", "concise"], cwd=folder, stdout=out, check=False)
    (folder / "script.el").write_text(EMACS)
    command = ["emacs", "--batch", "-Q", "-l", ROOT / "contrib/emacs/acrlint.el", "-l", "json", "-l", "script.el"]
    subprocess.run(command, cwd=folder, capture_output=True, check=True, timeout=120)
    levels = {2: "error", 1: "warning", 0: "note"}
    for path, line, column, level in json.loads((folder / "found.json").read_text()):
        yield (path, line, column, levels[level])


def same(editor, found, expected):
    found, expected = sorted(set(found)), sorted(set(expected))
    if found != expected:
        more = [f"  only in the report: {it}" for it in expected if it not in found]
        more += [f"  only in {editor}: {it}" for it in found if it not in expected]
        sys.exit("\n".join([f"{editor} reads something else:", *more]))
    print(f"{editor} shows {len(found)} places as reported")


def main():
    binary = str(Path(sys.argv[1]).resolve())
    missing = []
    for editor, package in {"vim": "vim", "nvim": "neovim", "emacs": "emacs-nox"}.items():
        try:
            if not shutil.which(editor):
                borrow.debian(package)
        except borrow.CannotTry as error:
            missing.append(str(error))
            continue
        with tempfile.TemporaryDirectory() as name:
            folder, tools = Path(name) / "files", Path(name) / "bin"
            folder.mkdir()
            tools.mkdir()
            (tools / "acrlint").symlink_to(binary)
            scratch(folder)
            expected = list(report(binary, folder))
            if {it[3] for it in expected} != {"error", "warning", "note"} or max(it[2] for it in expected) < 100:
                sys.exit("the files do not give a finding of each level, and a column of three digits")
            if editor == "emacs":
                same(editor, emacs(binary, folder), [it[:4] for it in expected])
            else:
                environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "HOME": name}
                same(editor, vim(editor, folder, environment), expected)
    if missing:
        raise borrow.CannotTry("; ".join(missing))


if __name__ == "__main__":
    borrow.main(main)
