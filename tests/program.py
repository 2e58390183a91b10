"""The program under test, for tests that run it without a screen. Its path is the first argument."""
import json, os, shutil, subprocess, sys

OWN_WORLD = "PERCH_TEST_OWN_WORLD"  # set once we are in a PID namespace of our own
if os.geteuid() == 0 and OWN_WORLD not in os.environ:
    alone = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if shutil.which("unshare") and subprocess.run([*alone, "true"], stderr=subprocess.DEVNULL).returncode == 0:
        os.environ[OWN_WORLD] = "1"
        os.execvp(alone[0], [*alone, sys.executable, *sys.argv])

PERCH = sys.argv.pop(1)
ENV = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}
if "ASAN_OPTIONS" in os.environ:
    ENV["ASAN_OPTIONS"] = os.environ["ASAN_OPTIONS"]


def perch(*arguments, program=PERCH, **more):
    more.setdefault("stdout", subprocess.PIPE)
    more.setdefault("stdin", subprocess.DEVNULL)
    more.setdefault("env", ENV)
    return subprocess.run([program, *arguments], stderr=subprocess.PIPE, timeout=60, **more)


def strict(text):
    """JSON as its standard has it: without NaN and Infinity."""
    def refuse(word):
        raise ValueError(word)
    return json.loads(text, parse_constant=refuse)
