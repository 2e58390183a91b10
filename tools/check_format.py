#!/usr/bin/env python3
"""Sources are laid out as clang-format does it (`./dev format`). Versions differ in details, so only
one is asked; any other means skipped (77). Run from the source root."""
import pathlib
import re
import subprocess
import sys

VERSION = 14

found = re.search(r"version (\d+)", subprocess.run(
    ["clang-format", "--version"], capture_output=True, text=True, check=True).stdout)
if not found or int(found.group(1)) != VERSION:
    print(f"skipped: this is not clang-format {VERSION}")
    sys.exit(77)
files = sorted(p.as_posix() for top in ("src", "tests") for p in pathlib.Path(top).rglob("*.[ch]"))
sys.exit(subprocess.run(["clang-format", "--dry-run", "-Werror", *files], check=False).returncode)
