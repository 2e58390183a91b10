#!/usr/bin/env python3
"""Sum up meson's test logs of several build directories: cases where a program says how many it
had (cmocka), else programs. Prints what failed or was skipped and why, then one line
"N passed, N failed, N skipped". Fails when something failed or a directory has no log."""
import json
import pathlib
import re
import sys

BAD = {"FAIL", "TIMEOUT", "ERROR", "INTERRUPT", "UNEXPECTEDPASS"}
CASE = re.compile(r"^\[ *(OK|SKIPPED|FAILED) *\] (\S+)$", re.M)


def count(entry):
    """(passed, failed, skipped) of one program."""
    text = entry.get("stdout", "") + "\n" + entry.get("stderr", "")
    # cmocka repeats failed and skipped cases in its summary, so count names, not lines.
    cases = {}
    for word, name in CASE.findall(text):
        cases[name] = word
    passed, failed, skipped = (list(cases.values()).count(w) for w in ("OK", "FAILED", "SKIPPED"))
    if entry["result"] in BAD:
        return passed, max(failed, 1), skipped
    if entry["result"] == "SKIP":
        return passed, failed, max(skipped, 1)
    return (passed, failed, skipped) if cases else (1, 0, 0)


def main():
    total = [0, 0, 0]
    ok = True
    for directory in map(pathlib.Path, sys.argv[1:]):
        log = directory / "meson-logs" / "testlog.json"
        if not log.is_file():
            print(f"{directory.name}: has no test log: it did not build or start")
            ok = False
            total[1] += 1
            continue
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
            entry = json.loads(line)
            counts = count(entry)
            total = [a + b for a, b in zip(total, counts)]
            if counts[1] or counts[2]:
                words = ", ".join(f"{n} {w}" for n, w in zip(counts[1:], ("failed", "skipped")) if n)
                print(f"{directory.name}: {entry['name']}: {words}")
    ok = ok and total[1] == 0
    print(f"{total[0]} passed, {total[1]} failed, {total[2]} skipped")
    return 0 if ok else 1


sys.exit(main())
