#!/usr/bin/env python3
"""Keep the documents in step with the registries.

docs.py --root DIR GENDOCS           rewrite docs/perch.1, docs/perch.schema.json, docs/screen.svg and the generated parts of README.md and docs/JSON.md
docs.py --check --root DIR GENDOCS   fail when they are not what GENDOCS and picture.py make

docs/perch.1.in and docs/perch.schema.json.in have lines like "@man-options@"; README.md and docs/JSON.md have regions between
"<!-- gendocs readme-keys -->" and "<!-- gendocs end -->".
"""
import argparse, pathlib, re, subprocess, sys

arguments = argparse.ArgumentParser()
arguments.add_argument("--check", action="store_true")
arguments.add_argument("--root", default=".", type=pathlib.Path)
arguments.add_argument("gendocs")
options = arguments.parse_args()


def part(name):
    return subprocess.run([options.gendocs, name], check=True, capture_output=True, encoding="utf-8").stdout


def filled(text):
    return re.sub(r"^@([a-z-]+)@\n", lambda m: part(m.group(1)), text, flags=re.M)


def man(text):
    text = filled(text)
    return '.\\" Made from docs/perch.1.in by tools/docs.py; change it there.\n' + text


def readme(text):
    return re.sub(r"(<!-- gendocs ((?!end)[a-z-]+) -->\n).*?(<!-- gendocs end -->)",
                  lambda m: m.group(1) + "\n" + part(m.group(2)) + "\n" + m.group(3), text, flags=re.S)


stale = []
for source, target, make in (("docs/perch.1.in", "docs/perch.1", man), ("README.md", "README.md", readme),
                             ("docs/JSON.md", "docs/JSON.md", readme),
                             ("docs/perch.schema.json.in", "docs/perch.schema.json", filled)):
    source, target = options.root / source, options.root / target
    if not source.exists():
        continue
    wanted = make(source.read_text(encoding="utf-8"))
    if not target.exists() or target.read_text(encoding="utf-8") != wanted:
        stale.append(str(target))
        if not options.check:
            target.write_text(wanted, encoding="utf-8")
picture = subprocess.run([sys.executable, str(options.root / "tools/picture.py"), *(["--check"] if options.check else []),
                          str(options.root / "tests/golden/ui_80x24.txt"), str(options.root / "docs/screen.svg")])
if stale:
    print(("not in step with the registries (run `ninja docs`): " if options.check else "rewritten: ") + ", ".join(stale))
sys.exit(bool(picture.returncode or (stale and options.check)))
