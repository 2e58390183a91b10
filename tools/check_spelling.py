#!/usr/bin/env python3
"""No known misspelling in what people read. Run from the source root; needs codespell."""
import pathlib
import subprocess
import sys

# Data that is text of other programs or of none.
SKIP = "tests/fixtures,tests/golden,tests/fuzz/corpus,*.svg,*_table.c"
# Abbreviations and names codespell takes for slips.
WORDS = "nd,te,fo,ths,statm,anon,wit,ser"
tops = ["src", "tests", "tools", "bench", "docs", "README.md", "dev", "meson.build"]
tops = [t for t in tops if pathlib.Path(t).exists()]
sys.exit(subprocess.run(["codespell", "--skip", SKIP, "--ignore-words-list", WORDS, *tops], check=False).returncode)
