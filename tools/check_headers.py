#!/usr/bin/env python3
"""Every header of src compiles alone, and twice in a row. Run from the source root; the arguments
are the compiler and its options, cc without any."""
import pathlib
import subprocess
import sys

bad = 0
for path in sorted(pathlib.Path("src").rglob("*.h")):
    line = f'#include "{path.relative_to("src").as_posix()}"\n'
    run = subprocess.run(
        [*(sys.argv[1:] or ["cc"]), "-std=gnu17", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Isrc",
         "-fsyntax-only", "-x", "c", "-"],
        # A file must hold a declaration of its own, whatever the header has.
        input=line * 2 + "extern int header_check;\n", text=True, capture_output=True, check=False)
    if run.returncode:
        bad += 1
        print(f"{path.as_posix()}: does not stand alone\n{run.stderr}")
sys.exit(bad > 0)
