#!/usr/bin/env python3
"""What --json prints: as the schema says, and true. Usage: run_json.py PERCH"""
import copy, functools, json, os, pathlib, select, shutil, socket, subprocess, sys, tempfile, time, unittest

from program import ENV, PERCH, perch, strict

import jsonschema  # Debian: python3-jsonschema

ROOT = pathlib.Path(__file__).resolve().parent.parent
SCHEMA = json.loads((ROOT / "docs/perch.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
TABLES = SCHEMA["then"]["allOf"][-1]["properties"]["table"]["enum"]
FIXTURE = ("--procfs", str(ROOT / "tests/fixtures/proc_server"), "--sysfs", str(ROOT / "tests/fixtures/sys_server"))
PATIENCE_S = 60


@functools.lru_cache(maxsize=None)
def target(table, pid):
    """The arguments that name a process, for tables that are about one."""
    refused = b"is about one process" in perch("--json", "-n1", "-d0.2", "--table", table).stderr
    return ("--pid", str(pid)) if refused else ()


def row_schema(table):
    return SCHEMA["$defs"][table + "_row"]


def made_up(table):
    """A sample with one row of which nothing is known."""
    row = {name: None for name in row_schema(table)["properties"]}
    row["absent"] = {name: "not_read" for name in row if name not in ("absent", "held_by")}
    if "held_by" in row:
        row["held_by"] = [{"pid": 1, "start_ns": 0, "name": "init", "fd": 3}]
    return {"time": 1, "sample": 1, "interval_ns": None, "host": "h", "table": table, "missing": None, "rows": [row]}


class Schema(unittest.TestCase):
    def check(self, *arguments):
        done = perch("--json", "-n1", "-d0.2", *arguments)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        sample = strict(done.stdout.decode("utf-8"))
        error = next(VALIDATOR.iter_errors(sample), None)
        self.assertIsNone(error, error and (list(error.absolute_path), error.message))
        rows = sample["processes"] if "processes" in sample else sample["rows"]
        order = row_schema(sample.get("table", "process"))["required"]
        for row in rows:
            self.assertEqual(list(row), order)
            self.assertEqual({name for name in row if row[name] is None}, set(row["absent"]))
        return rows

    def test_it_is_a_schema(self):
        jsonschema.Draft202012Validator.check_schema(SCHEMA)
        self.assertEqual({name for name in SCHEMA["$defs"] if name.endswith("_row")},
                         {name + "_row" for name in [*TABLES, "process"]})

    def test_every_sample_of_this_machine_is_as_it_says(self):
        with socket.socket() as server, socket.socket() as client:
            server.bind(("127.0.0.1", 0))
            server.listen()
            client.connect(server.getsockname())
            for table in TABLES:
                rows = self.check("--table", table, *target(table, os.getpid()))
                self.assertTrue(rows or table == "disks", table)  # there may be no disk
        self.assertTrue(self.check())

    def test_every_sample_of_a_recording_is_as_it_says(self):
        for table in TABLES:
            self.check(*FIXTURE, "--table", table, *target(table, 101))
        self.assertTrue(self.check(*FIXTURE))

    def refuse(self, sample, what):
        self.assertFalse(VALIDATOR.is_valid(sample), what)

    def test_a_member_that_is_missing_or_wrong_is_refused(self):
        for table in TABLES:
            sample = made_up(table)
            VALIDATOR.validate(sample)
            for name, about in row_schema(table)["properties"].items():
                for wrong in (..., [1], True):  # ... for missing
                    broken = copy.deepcopy(sample)
                    if wrong is ...:
                        del broken["rows"][0][name]
                    else:
                        broken["rows"][0][name] = wrong
                    self.refuse(broken, (table, name, wrong))
                if "string" in about.get("type", ()):
                    broken["rows"][0][name] = 1
                elif "integer" in about.get("type", ()):
                    broken["rows"][0][name] = 1.5
                else:
                    broken["rows"][0][name] = "1"
                self.refuse(broken, (table, name))
            broken = copy.deepcopy(sample)
            broken["rows"][0]["more"] = 1
            self.refuse(broken, (table, "more"))
            for name in sample:
                broken = copy.deepcopy(sample)
                del broken[name]
                self.refuse(broken, (table, name))
        self.refuse(sample | {"table": "nonsense"}, "no such table")

    def test_a_figure_of_the_machine_that_is_missing_or_wrong_is_refused(self):
        sample = strict(perch("--json", "-n1", "-d0.2", *FIXTURE).stdout)
        VALIDATOR.validate(sample)

        def each(part, path):
            for name in list(part) if isinstance(part, dict) else range(min(len(part), 1)):
                if isinstance(part, dict) and "absent" not in path:
                    value = part.pop(name)
                    self.refuse(sample, [*path, name])
                    part[name] = [1]  # nothing is a list of numbers
                    self.refuse(sample, [*path, name])
                    part[name] = value
                if isinstance(part[name], (dict, list)):
                    each(part[name], [*path, name])
        each(sample, [])


class History(unittest.TestCase):
    def test_its_figures_come_to_what_the_samples_said(self):
        rows = self.check()
        self.assertEqual([row["graph"] for row in rows[:5]], ["CPU"] * 5)

    def test_so_do_those_of_a_process(self):
        child = subprocess.Popen([sys.executable, "-c", "while True: pass"])
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        rows = self.check("-p", str(child.pid))
        self.assertEqual([(row["graph"], row["line"]) for row in rows],
                         [("CPU", "used"), ("memory", "resident"), ("I/O", "read"), ("I/O", "write"),
                          ("network", "rx"), ("network", "tx")])
        self.assertGreater(rows[0]["max"], 0.1)
        self.assertGreater(rows[1]["min"], 1 << 20)

    def check(self, *arguments):
        done = perch("--json", "-n4", "-d0.2", "--table", "history", *arguments)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        samples = [strict(line) for line in done.stdout.splitlines()]
        self.assertEqual(len(samples), 4)
        for sample in samples:
            VALIDATOR.validate(sample)
        seen = 0
        for last in samples[-1]["rows"]:
            now = [(row["now"], sample["interval_ns"]) for sample in samples for row in sample["rows"]
                   if (row["graph"], row["line"]) == (last["graph"], last["line"]) and row["now"] is not None]
            every = sum(ns for _, ns in now)
            self.assertAlmostEqual(last["known"], every, delta=1e6 + every / 4)  # scans take a while
            if not now:
                self.assertEqual({last["absent"].get(name) for name in ("now", "mean", "min", "max")}, {"unsupported"})
                continue
            seen += 1
            self.assertEqual((last["min"], last["max"]), (min(v for v, _ in now), max(v for v, _ in now)))
            mean = sum(v * ns for v, ns in now) / every
            self.assertAlmostEqual(last["mean"], mean, delta=1e-5 + last["max"] / 1000 + (last["max"] - last["min"]) / 4
                                   + (last["unit"] == "bytes"))
        self.assertGreater(seen, 4)
        return samples[-1]["rows"]


def loop_device(test, size):
    """A loop device over a file in memory; its name. Skips the test when there is none to be had."""
    if os.geteuid() != 0 or not shutil.which("losetup") or not os.path.exists("/dev/loop-control"):
        test.skipTest("needs root, losetup and /dev/loop-control")
    image = tempfile.NamedTemporaryFile(dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
    test.addCleanup(image.close)
    image.truncate(size)
    done = subprocess.run(["losetup", "--find", "--show", image.name], capture_output=True)
    if done.returncode != 0:
        test.skipTest("loop devices are not allowed here: " + done.stderr.decode().strip())
    device = done.stdout.decode().strip()
    test.addCleanup(subprocess.run, ["losetup", "--detach", device])
    return os.path.basename(device)


WRITER = """
import mmap, os, sys
block = mmap.mmap(-1, 65536)
block.write(b"x" * 65536)
device = os.open(sys.argv[1], os.O_WRONLY | os.O_DIRECT)
print("ready", flush=True)
sys.stdin.readline()
for at in range(int(sys.argv[2])):
    os.pwrite(device, block, at * 65536)
print("done", flush=True)
sys.stdin.readline()
"""


class Disks(unittest.TestCase):
    BLOCKS = 128
    BYTES = BLOCKS * 65536

    def setUp(self):
        self.name = loop_device(self, 16 << 20)
        self.writer = subprocess.Popen([sys.executable, "-c", WRITER, "/dev/" + self.name, str(self.BLOCKS)],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self.addCleanup(self.end, self.writer)
        self.assertEqual(self.writer.stdout.readline(), b"ready\n")

    def end(self, child):
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe:
                pipe.close()

    def write(self):
        self.writer.stdin.write(b"\n")
        self.assertEqual(self.writer.stdout.readline(), b"done\n")

    def watch(self, is_end, find, *arguments):
        """The row `find` finds in every sample, from before the writing to one that is_end(first row, row)."""
        child = subprocess.Popen([PERCH, "--json", "-d0.2", *arguments], stdout=subprocess.PIPE, env=ENV, bufsize=0)
        self.addCleanup(self.end, child)
        seen = []
        deadline = time.monotonic() + PATIENCE_S
        while len(seen) < 2 or not is_end(seen[0][1], seen[-1][1]):
            self.assertLess(time.monotonic(), deadline, seen)
            sample = strict(child.stdout.readline())
            row, = [row for row in sample["rows"] if find(row)]
            seen.append((sample["interval_ns"] / 1e9, row))
            if len(seen) == 1:
                self.write()
        return seen

    def diskstats(self):
        with open("/proc/diskstats") as file:
            fields, = [line.split() for line in file if line.split()[2] == self.name]
        return int(fields[5]) * 512, int(fields[9]) * 512

    def test_rates_come_to_what_was_written(self):
        seen = self.watch(lambda first, row: row["written"] - first["written"] >= self.BYTES,
                          lambda row: row["name"] == self.name, "--table", "disks")
        first, last = seen[0][1], seen[-1][1]
        self.assertEqual(last["written"] - first["written"], self.BYTES)
        for total, rate in (("written", "write_rate"), ("read", "read_rate")):
            self.assertAlmostEqual(sum(interval * row[rate] for interval, row in seen[1:]),
                                   last[total] - first[total], delta=2)
        self.assertEqual((last["read"], last["written"]), self.diskstats())
        written = [row for _, row in seen[1:] if row["write_rate"] > 0]
        for row in written:
            self.assertEqual(row["kind"], "loop")
            self.assertGreater(row["write_op_rate"], 0)
            self.assertGreaterEqual(row["write_latency"], 0)
            self.assertTrue(0 <= row["utilisation"] <= 1)

    def test_the_process_that_writes_is_known(self):
        seen = self.watch(lambda first, row: row["io_write"] - first["io_write"] >= self.BYTES,
                          lambda row: row["pid"] == self.writer.pid, "--table", "io")
        first, last = seen[0][1], seen[-1][1]
        self.assertEqual(last["io_write"] - first["io_write"], self.BYTES)
        self.assertEqual(last["io_read"], first["io_read"])
        total = first["io_write"]
        for interval, row in seen[1:]:
            self.assertAlmostEqual(row["io_write_rate"] * interval, row["io_write"] - total,
                                   delta=0.5 * self.BYTES)
            self.assertEqual(row["io_write_rate"] > 0, row["io_write"] > total)
            self.assertEqual(row["io_rate"], row["io_write_rate"] + row["io_read_rate"])
            total = row["io_write"]


CHILD = """
import os, sys
with open(sys.argv[1], "wb") as file:
    file.write(bytes(int(sys.argv[2])))
    os.fsync(file.fileno())
print("done", flush=True)
sys.stdin.readline()
"""


class FinishedChildren(unittest.TestCase):
    BYTES = 32 << 20

    def rows(self, child):
        return {row["pid"]: row for row in strict(child.stdout.readline())["rows"]}

    def start(self, *command):
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENV, bufsize=0)
        self.addCleanup(Disks.end, self, child)
        return child

    def test_what_a_child_wrote_is_not_the_shells_rate_when_the_child_ends(self):
        file = tempfile.NamedTemporaryFile(dir="/var/tmp")
        self.addCleanup(file.close)
        shell = self.start("/bin/sh", "-c", '"$@"; echo over; read line', "sh",
                           sys.executable, "-c", CHILD, file.name, str(self.BYTES))
        self.assertEqual(shell.stdout.readline(), b"done\n")
        with open(f"/proc/{shell.pid}/task/{shell.pid}/children", encoding="ascii") as children:
            writer = int(children.read())
        with open(f"/proc/{writer}/io", encoding="ascii") as counters:
            written = dict(line.split(": ") for line in counters)["write_bytes"]
        if int(written) < self.BYTES:
            self.skipTest("the file system of /var/tmp does not count what is written")
        watch = self.start(PERCH, "--json", "-d0.2", "--table", "io")
        before = self.rows(watch)
        self.assertGreaterEqual(before[writer]["io_write"], self.BYTES)
        shell.stdin.write(b"\n")
        deadline = time.monotonic() + PATIENCE_S
        while True:
            self.assertLess(time.monotonic(), deadline)
            row = self.rows(watch).get(shell.pid)
            if row is None:
                continue  # it has not done anything yet
            self.assertLess(row["io_write_rate"], self.BYTES / 10)
            if row["io_write"] >= self.BYTES:
                break


if __name__ == "__main__":
    unittest.main()
