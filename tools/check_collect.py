#!/usr/bin/env python3
"""Runs the scripts that `acrlint collect` prints, and has the Azure CLI's own parser judge their commands.

In:  the acrlint program (argument 1, default target/debug/acrlint), and the Azure CLI's Python packages; where they are
     not there they are installed from PyPI into an environment of their own, outside of the repository.
Out: what was accepted, what was skipped as part of an extension, what was refused. Exit code 0 when all is well, 1 when
     a script or a command is wrong, 3 when it could not be tried.

The scripts are run by the real shells, with an `az` that only writes down its arguments; so quoting, loops, paging and
the report of what failed are tried too. Then each list of arguments goes through the Azure CLI up to the place where it
would begin to work. Sockets are closed: nothing is asked of Azure, and nobody signs in.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

VERSION = "2.91.0"
REPOSITORY = Path(__file__).resolve().parent.parent
SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
ODD = "-it's $HOME `x` \"y\""
# Arguments, and the folder that they lead to.
REQUESTS = [
    ([], "dumps"),
    (["myregistry"], "dumps"),
    (["MyRegistry.azurecr.io", "--subscription", SUBSCRIPTION, "--resource-group", "rg_a.b-(1)"], "dumps"),
    (["--resource-group", "rg-a", f"--output-dir={ODD}"], ODD),
]
# The parser must refuse these, or its judgement is worth nothing.
WRONG = {
    "an option that is not there": ["acr", "show", "--name", "myregistry", "--nmae", "x"],
    "a required argument that is missing": ["acr", "replication", "list"],
    "a required name that is missing": ["network", "nic", "show-effective-route-table", "--resource-group", "g"],
    "a required zone that is missing": ["network", "private-dns", "record-set", "a", "list", "--resource-group", "g"],
    "an output format that is not there": ["acr", "list", "--output", "jsn"],
    "a query that does not parse": ["acr", "list", "--query", "[].{name: "],
    "a word too much": ["acr", "list", "myregistry"],
    "a command that is not there": ["acr", "shwo", "--name", "myregistry"],
}

STUB = """#!{python} -S
import json, os, sys
arguments = sys.argv[1:]
with open(os.environ["AZ_LOG"], "a", encoding="utf-8") as log:
    log.write(json.dumps(arguments) + "\\n")
line = " ".join(arguments)
if os.environ.get("AZ_FAIL") and os.environ["AZ_FAIL"] in line:
    print("half of a du", end="")
    sys.exit(1)
if line.endswith("--output tsv"):
    print("first\\trg-one\\r\\nsecond.with.dots\\trg-two\\r")
elif line.startswith("graph query"):
    token = "null" if "--skip-token" in arguments else '"next=="'
    print('{{\\n  "count": 1,\\n  "data": [{{"skip_token": "no"}}],\\n  "skip_token": ' + token + ',\\n  "total_records": 2\\n}}')
else:
    print("[]")
"""


class Wrong(Exception):
    """A script or a command is wrong."""


def collect(acrlint, arguments, shell):
    """The script for a shell."""
    done = subprocess.run([acrlint, "collect", "--shell", shell, *arguments], capture_output=True, text=True, check=True)
    return done.stdout


def fill_in(script):
    """The script with its examples of named things taken."""
    script = re.sub(r"^# ((?:interfaces|sites|workspaces)='.*\n)# (.*'\n)\w+=''\n", r"\1\2", script, flags=re.M)
    return re.sub(r"^# (\$(?:interfaces|sites|workspaces) = @\(.+\)\n).*\n", r"\1", script, flags=re.M)


def run(command, script, ending, fail=""):
    """Runs a script in an empty folder; tells its exit code, what it said, the arguments of `az`, and the files."""
    with tempfile.TemporaryDirectory() as place:
        place = Path(place)
        work, tools = place / "work", place / "tools"
        work.mkdir()
        tools.mkdir()
        (tools / "az").write_text(STUB.format(python=sys.executable), encoding="utf-8")
        (tools / "az").chmod(0o755)
        (place / f"collect.{ending}").write_text(script, encoding="utf-8")
        environment = dict(os.environ, AZ_LOG=str(place / "log"), AZ_FAIL=fail, PATH=f"{tools}:{os.environ['PATH']}")
        done = subprocess.run(
            [*command, str(place / f"collect.{ending}")],
            cwd=work, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=300,
        )
        log = (place / "log").read_text(encoding="utf-8").splitlines() if (place / "log").exists() else []
        files = {str(path.relative_to(work)): path.read_text(encoding="utf-8-sig") for path in work.rglob("*") if path.is_file()}
        return done.returncode, done.stdout + done.stderr, [json.loads(line) for line in log], files


def try_script(name, command, script, ending, folder):
    """Runs a script with an `az` that always works, and with one that does not; gives the arguments of `az`."""
    code, said, calls, files = run(command, fill_in(script), ending)
    kept = [call for call in calls if call[-1] == "json"]
    if code != 0 or len(files) != len(kept):
        raise Wrong(f"{name}: exit code {code}, {len(kept)} commands, {len(files)} files\n{said}")
    for file, text in files.items():
        json.loads(text)
        if Path(file).parent != Path(folder):
            raise Wrong(f"{name}: {file} is not in {folder}")
    pages = [file for file in files if "resource-graph-" in file]
    if len(pages) != 6:
        raise Wrong(f"{name}: the pages of Resource Graph are {pages}")
    code, said, _, broken = run(command, fill_in(script), ending, fail="acr list ")
    if code != 1 or f"{folder}/registries.json" in broken or "registries.json: " not in said.split("could not be made")[-1]:
        raise Wrong(f"{name}: exit code {code} where a command fails\n{said}")
    print(f"  {name}: {len(files)} dumps")
    return calls


def extensions(script):
    """The commands that a script marks as parts of extensions."""
    found = {}
    for name, words in re.findall(r"# Needs the extension (\S+): .*\n\s*dump \S+ az ((?:[a-z-]+ )+?)(?=-|$)", script):
        found[words.strip()] = name
    for name in re.findall(r"# Needs the extension (resource-graph): ", script):
        found["graph query"] = name
    return found


def environment():
    """A Python that has the Azure CLI, or None."""
    has = [sys.executable, "-c", "import azure.cli.core, azure.cli.command_modules.acr"]
    if subprocess.run(has, capture_output=True, check=False).returncode == 0:
        return sys.executable
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    place = cache / f"acrlint-azure-cli-{VERSION}"
    python = place / "bin" / "python"
    if (place / "complete").exists():
        return str(python)
    print(f"installing azure-cli {VERSION} beside the repository (about a minute, 750 MB) …", flush=True)
    try:
        shutil.rmtree(place, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True, timeout=120)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"azure-cli=={VERSION}"]
        subprocess.run(install, check=True, timeout=1200)
        (place / "complete").touch()
        return str(python)
    except (OSError, subprocess.SubprocessError) as error:
        print(error)
        return None


def judge(path):
    """In the environment of the Azure CLI: what its parser says of each list of arguments."""
    import contextlib
    import io
    import logging
    import socket

    def closed(*_, **__):
        raise OSError("no network in this test")

    socket.socket.connect = closed
    socket.getaddrinfo = closed

    from azure.cli.core import __version__, get_default_cli
    from azure.cli.core.aaz import AAZCommand
    from azure.cli.core.commands import AzCliCommandInvoker

    class Accepted(BaseException):
        """Everything is parsed, and the work would begin."""

    def accept(invoker, arguments, command):
        # Some commands look at their arguments only when they begin.
        if isinstance(command, AAZCommand):
            AAZCommand._handler(command, invoker._filter_params(arguments))
        raise Accepted

    AzCliCommandInvoker._run_job = accept

    def refusal(arguments):
        said = io.StringIO()
        log = logging.StreamHandler(said)
        log.setLevel(logging.ERROR)
        logging.getLogger("cli").addHandler(log)
        try:
            with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
                code = get_default_cli().invoke(list(arguments))
        except Accepted:
            return None
        except SystemExit as error:
            code = error.code
        finally:
            logging.getLogger("cli").removeHandler(log)
        # Who gets so far as to be asked for an account has said nothing wrong.
        return None if "Please run 'az login'" in said.getvalue() else said.getvalue().strip() or f"exit code {code}"

    cli = get_default_cli()
    core = cli.commands_loader_cls(cli)
    core.load_command_table(None)
    calls = json.loads(Path(path).read_text(encoding="utf-8"))
    return {
        "version": __version__,
        "commands": len(core.command_table),
        "core": sorted({call["command"] for call in calls["calls"] if call["command"] in core.command_table}),
        "refused": [
            dict(call, why=why)
            for call in calls["calls"]
            if not call["extension"] and (why := refusal(call["arguments"])) is not None
        ],
        "wrong": {name: refusal(arguments) for name, arguments in calls["wrong"].items()},
    }


def command_of(arguments):
    """The words before the first option."""
    return " ".join(arguments[: next((at for at, word in enumerate(arguments) if word.startswith("-")), len(arguments))])


def parsed(python, calls, marked):
    """Has the Azure CLI judge the calls."""
    seen = {}
    for arguments in calls:
        # What matters to the parser: the command, its options, and the query.
        key = [word if word.startswith("-") or before in ("--query", None) else "" for before, word in
               zip([None, *arguments], arguments)]
        command = command_of(arguments)
        seen.setdefault((command, *key), {"command": command, "arguments": arguments, "extension": marked.get(command)})
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "calls.json"
        path.write_text(json.dumps({"calls": list(seen.values()), "wrong": WRONG}), encoding="utf-8")
        variables = dict(
            os.environ, AZURE_CONFIG_DIR=place, AZURE_EXTENSION_DIR=place, AZURE_CORE_COLLECT_TELEMETRY="no",
            AZURE_EXTENSION_USE_DYNAMIC_INSTALL="no", PYTHONDONTWRITEBYTECODE="1",
        )
        done = subprocess.run(
            [python, __file__, "--judge", str(path)], env=variables, capture_output=True, text=True, check=False, timeout=900,
        )
    if done.returncode != 0:
        raise Wrong(f"the Azure CLI could not be asked:\n{done.stderr}")
    answer = json.loads(done.stdout.splitlines()[-1])
    wrong = [f"refused: az {' '.join(call['arguments'])}\n  {call['why']}" for call in answer["refused"]]
    wrong += [f"accepted, although it has {name}: az {' '.join(WRONG[name])}" for name, why in answer["wrong"].items() if not why]
    wrong += [f"az {name} is marked as part of an extension, but is not" for name in answer["core"] if name in marked]
    if wrong:
        raise Wrong("\n".join(wrong))
    for name, why in answer["wrong"].items():
        print(f"  refused, as it has {name}: {why.splitlines()[0]}")
    core = [call for call in seen.values() if not call["extension"]]
    print(f"azure-cli {answer['version']} knows {answer['commands']} commands, and accepts {len(core)} calls of "
          f"{len({call['command'] for call in core})} of them")
    for name, extension in sorted(marked.items()):
        print(f"  skipped: az {name} (extension {extension})")


def main():
    """Tries everything."""
    acrlint = str(Path(sys.argv[1] if len(sys.argv) > 1 else REPOSITORY / "target/debug/acrlint").resolve())
    calls, marked = [], {}
    shells = {"bash": (["bash"], "sh"), "powershell": (["pwsh", "-NoProfile", "-File"], "ps1")}
    for shell, (command, ending) in shells.items():
        if not shutil.which(command[0]):
            print(f"NOT TRIED: the scripts for {shell} were not run, as there is no {command[0]} here")
            continue
        for request, folder in REQUESTS:
            script = collect(acrlint, request, shell)
            calls += try_script(f"{shell} {' '.join(request)}", command, script, ending, folder)
    for request, _ in REQUESTS:
        marked.update(extensions(collect(acrlint, request, "bash")))
    python = environment() if calls else None
    if python is None:
        print("NOT CHECKED: whether the Azure CLI accepts the commands of `acrlint collect`, as it is not here and cannot "
              "be installed")
        return 3
    parsed(python, calls, marked)
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--judge"]:
        print(json.dumps(judge(sys.argv[2])))
    else:
        try:
            sys.exit(main())
        except Wrong as wrong:
            print(wrong)
            sys.exit(1)
