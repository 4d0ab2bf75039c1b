"""Programs that the checks borrow from package registries, kept outside of the repository.

In:  names with versions. Out: where the programs are. `CannotTry` where they cannot be had, which ends a check with 3.
"""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

HOME = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "acrlint-tools"


class CannotTry(Exception):
    """Something that a check needs cannot be had here."""


def run(command, *, timeout=900, **options):
    """Runs an installer; that it fails is no fault of what is checked."""
    try:
        return subprocess.run(command, capture_output=True, check=True, text=True, timeout=timeout, **options)
    except FileNotFoundError as error:
        raise CannotTry(f"{command[0]} is not installed") from error
    except subprocess.SubprocessError as error:
        said = (getattr(error, "stderr", None) or str(error)).strip().splitlines()[-3:]
        raise CannotTry(f"`{' '.join(map(str, command))}` failed: {' / '.join(said)}") from error


def python(name, *packages):
    """The folder of programs of an environment with some packages of PyPI; the same packages are installed once."""
    folder, stamp = HOME / name, HOME / name / "packages"
    if not stamp.exists() or stamp.read_text() != "\n".join(packages):
        shutil.rmtree(folder, ignore_errors=True)
        try:
            venv.create(folder, with_pip=True)
        except (OSError, subprocess.SubprocessError) as error:
            raise CannotTry(f"there is no environment for Python: {error}") from error
        if packages:
            run([folder / "bin/python", "-m", "pip", "install", "--quiet", *packages])
        stamp.write_text("\n".join(packages))
    return folder / "bin"


def debian(*packages):
    """Installs packages of Debian, by name, where this may be done; `packages` maps programs to them."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise CannotTry(f"{' and '.join(packages)} cannot be installed: that takes root, and apt-get")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *packages]
    try:
        run(install, env=quiet)
    except CannotTry:
        # The lists of a fresh machine may be missing or old.
        run(["apt-get", "update", "--quiet"], env=quiet)
        run(install, env=quiet)


def main(check):
    """Runs a check: 0 when all is well, 1 when something is wrong, 3 when it could not be tried."""
    try:
        check()
    except CannotTry as missing:
        print(f"NOT CHECKED: {Path(sys.argv[0]).name}: {missing}")
        sys.exit(3)
