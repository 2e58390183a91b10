#!/usr/bin/env python3
"""Run the real program without a screen: what it prints, how it ends, what it says. Usage: run_modes.py PERCH"""
import json, os, signal, subprocess, sys, tempfile, time, unittest

PERCH = sys.argv.pop(1)
ENV = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}
if "ASAN_OPTIONS" in os.environ:
    ENV["ASAN_OPTIONS"] = os.environ["ASAN_OPTIONS"]


def perch(*arguments, **more):
    more.setdefault("stdout", subprocess.PIPE)
    more.setdefault("env", ENV)
    return subprocess.run([PERCH, *arguments], stderr=subprocess.PIPE, timeout=60, stdin=subprocess.DEVNULL, **more)


def strict(text):
    def refuse(word):
        raise ValueError(word)
    return json.loads(text, parse_constant=refuse)


class Modes(unittest.TestCase):
    def setUp(self):
        self.child = subprocess.Popen(["sleep", "1000"])
        self.pid = str(self.child.pid)

    def tearDown(self):
        self.child.kill()
        self.child.wait()

    def test_json_is_one_strict_object_a_line_with_every_column(self):
        done = perch("--json", "-n2", "-d0.2", "-p", self.pid)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        lines = done.stdout.decode("utf-8").splitlines()
        self.assertEqual(len(lines), 2)
        columns = [line.split()[0] for line in perch("--help-columns").stdout.decode().split("\n\n", 1)[1].splitlines()
                   if line[0] != " "]
        for number, line in enumerate(lines, 1):
            sample = strict(line)
            self.assertEqual(sample["sample"], number)
            self.assertGreater(sample["interval_ns"], 10**8)
            for name in ("cpu", "memory", "swap", "psi", "load", "uptime_ns", "tasks", "context_switches_per_s",
                         "forks_per_s", "hidden"):
                self.assertIn(name, sample["system"])
            fractions = [sample["system"]["cpu"]["all"][k] for k in
                         ("user", "nice", "system", "irq", "softirq", "steal", "guest", "iowait", "idle")]
            self.assertAlmostEqual(sum(fractions), 1.0, places=3)
            process, = sample["processes"]
            self.assertEqual(list(process), columns + ["absent"])
            self.assertEqual(process["pid"], self.child.pid)
            self.assertEqual(process["comm"], "sleep")
            self.assertEqual(process["command"], "sleep 1000")
            self.assertEqual(process["cpu"], 0)  # a rate, in the first sample already
            self.assertEqual({k for k, v in process.items() if v is None}, set(process["absent"]))

    def test_hostile_names_stay_one_valid_line(self):
        with tempfile.TemporaryDirectory() as folder:
            name = b'a"\\\x1b]0;\n\xff\xc2\x9b'
            path = os.path.join(os.fsencode(folder), name)
            os.symlink("/bin/sleep", path)
            child = subprocess.Popen([path, "1000"])
            try:
                for mode in ("--json", "--batch"):
                    done = perch(mode, "-n1", "-d0.1", "-p", str(child.pid), "-c", "pid,comm,command")
                    self.assertEqual(done.returncode, 0)
                    for byte in (b"\x1b", b"\xff", b"\xc2\x9b"):
                        self.assertNotIn(byte, done.stdout)
                    text = done.stdout.decode("utf-8")
                    if mode == "--json":
                        self.assertEqual(text.count("\n"), 1)
                        self.assertTrue(strict(text)["processes"][0]["comm"].startswith('a"\\'))
            finally:
                child.kill()
                child.wait()

    def test_tables_have_a_title_line_and_whole_commands(self):
        done = perch("-b", "-n2", "-d0.1", "-p", self.pid, "-c", "pid,cpu,command")
        samples = done.stdout.decode().split("\n\n")
        self.assertEqual(len(samples), 2)
        for sample in samples:
            lines = sample.rstrip("\n").split("\n")
            self.assertEqual(lines[-2].split(), ["PID", "CPU%", "Command"])
            self.assertEqual(lines[-1].split(), [self.pid, "0.0", "sleep", "1000"])
            self.assertEqual(lines[-1], lines[-1].rstrip())

    def test_the_c_locale_gets_ascii_only(self):
        done = perch("-b", "-n1", "-d0.1", "-c", "pid,exe,command", env={**ENV, "LC_ALL": "C"})
        done.stdout.decode("ascii")

    def test_filter_sort_and_columns_apply(self):
        other = subprocess.Popen(["sleep", "1001"])
        try:
            pids = self.pid + "," + str(other.pid)
            for direction in ("asc", "desc"):
                done = perch("-j", "-n1", "-d0.1", "-p", pids, "-s", "pid:" + direction, "-c", "pid,nice")
                seen = [p["pid"] for p in strict(done.stdout)["processes"]]
                self.assertEqual(seen, sorted(seen, reverse=direction == "desc"))
                self.assertEqual(len(seen), 2)
            done = perch("-j", "-n1", "-d0.1", "-p", pids, "-f", "sleep 1001", "-c", "pid")
            self.assertEqual(strict(done.stdout)["processes"], [{"pid": other.pid, "absent": {}}])
        finally:
            other.kill()
            other.wait()

    def test_a_closed_pipe_ends_it_quietly(self):
        child = subprocess.Popen([PERCH, "-b", "-d0.1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENV)
        child.stdout.readline()
        child.stdout.close()
        self.assertEqual(child.wait(30), 0)
        self.assertEqual(child.stderr.read(), b"")
        child.stderr.close()

    def test_a_full_disk_is_told_and_fails(self):
        for mode in (("-b", "-n1", "-d0.1"), ("-j", "-n1", "-d0.1"), ("--help",), ("--help-keys",), ("--version",)):
            with open("/dev/full", "wb") as full:
                done = perch(*mode, stdout=full)
            self.assertEqual(done.returncode, 1)
            self.assertIn(b"no space left", done.stderr)

    def test_signals_end_it_at_once(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            # Unbuffered: communicate() does not see what readline() took in beyond its line.
            child = subprocess.Popen([PERCH, "-b", "-d60"], bufsize=0, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENV)
            child.stdout.readline()
            begin = time.monotonic()
            child.send_signal(number)
            out, err = child.communicate(timeout=30)
            self.assertEqual(child.returncode, 128 + number)
            self.assertEqual(err, b"")
            self.assertTrue(out.endswith(b"\n"))
            self.assertLess(time.monotonic() - begin, 3)

    def test_without_terminal_and_mode_it_says_what_to_do(self):
        done = perch()
        self.assertEqual((done.returncode, done.stdout), (2, b""))
        self.assertIn(b"--batch", done.stderr)
        self.assertIn(b"--json", done.stderr)

    def test_usage_errors_are_one_sentence_and_status_2(self):
        for arguments in (("--delay", "0"), ("--nonsense",), ("-n",), ("-u", "no such user"), ("-b", "-j")):
            done = perch(*arguments)
            self.assertEqual((done.returncode, done.stdout), (2, b""))
            self.assertEqual(done.stderr.count(b"\n"), 1)
            self.assertTrue(done.stderr.startswith(b"perch: "))

    def test_a_closed_output_and_no_arguments_at_all_are_survived(self):
        done = subprocess.run(["sh", "-c", 'exec "$0" -b >&-', PERCH], stderr=subprocess.PIPE, env=ENV, timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"standard output is closed", done.stderr)

    def test_what_is_no_proc_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            done = perch("-b", "-n1", "--procfs", folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"--procfs", done.stderr)

    def test_configuration_complaints_go_to_stderr_and_are_not_fatal(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "settings"), "w") as file:
                file.write("columns = pid command\nnonsense = 1\n")
            done = perch("-b", "-n1", "-d0.1", "-p", self.pid, "--config", folder)
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"/settings:2: ", done.stderr)
        self.assertEqual(done.stdout.decode().rstrip("\n").split("\n")[-2].split(), ["PID", "Command"])


unittest.main(verbosity=1)
