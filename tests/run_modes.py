#!/usr/bin/env python3
"""Run the real program without a screen: what it prints, how it ends, what it says. Usage: run_modes.py PERCH"""
import json, os, pty, resource, shutil, signal, socket, subprocess, sys, tempfile, time, unittest

from program import ENV, PERCH, perch, strict


class Tables(unittest.TestCase):
    def rows(self, table, *arguments):
        done = perch("--json", "-n1", "-d0.2", "--table", table, *arguments)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        sample = strict(done.stdout.decode("utf-8"))
        self.assertEqual(sample["table"], table)
        return sample["rows"]

    def test_a_port_is_found_with_its_process_and_a_connection_with_both(self):
        with socket.socket() as server, socket.socket() as client:
            server.bind(("127.0.0.1", 0))
            server.listen(7)
            port = server.getsockname()[1]
            client.connect(("127.0.0.1", port))
            client.sendall(b"x" * 1000)
            row, = [row for row in self.rows("listening", "-f", str(port)) if row["port"] == port]
            self.assertEqual((row["pid"], row["waiting"]), (os.getpid(), 1))
            if row["backlog"] is None: # without netlink
                self.assertEqual((row["absent"]["backlog"], row["absent"]["fill"]), ("unsupported",) * 2)
            else:
                self.assertEqual(row["backlog"], 7)
            self.assertIn({"pid": os.getpid(), "fd": server.fileno()},
                          [{"pid": one["pid"], "fd": one["fd"]} for one in row["held_by"]])
            row, = [row for row in self.rows("connections", "-p", str(os.getpid()))
                    if row["remote"] == f"127.0.0.1:{port}"]
            self.assertEqual((row["protocol"], row["state"], row["pid"]), ("tcp", "ESTABLISHED", os.getpid()))
            self.assertIn(row["tx"], (None, 1000))

    def test_the_ends_of_unix_sockets_are_told(self):
        name = f"\0perch-test-{os.getpid()}"
        ends = socket.socketpair()
        with ends[0], ends[1], socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
            server.bind(name)
            server.listen()
            client.connect(name)
            with server.accept()[0] as accepted:
                rows = {row["fd"]: row for row in self.rows("connections", "-p", str(os.getpid()))}
                if rows[client.fileno()]["remote"] is None:
                    self.skipTest("without netlink nobody tells the other end")
                self.assertEqual(rows[client.fileno()]["remote"], name.replace("\0", "@"))
                for fd in (accepted.fileno(), ends[0].fileno(), ends[1].fileno()):
                    self.assertEqual(rows[fd]["remote"].split("/")[0], str(os.getpid()))
                    self.assertEqual(rows[fd]["remote"].split("/")[1], rows[fd]["name"])

    def test_a_table_has_the_columns_and_the_order_asked_for(self):
        done = perch("--batch", "-n1", "-d0.2", "--table", "mounts", "-c", "target,size", "-s", "target:desc")
        self.assertEqual(done.returncode, 0)
        lines = done.stdout.decode().splitlines()
        self.assertEqual(lines[1].split(), ["MOUNTED", "ON", "SIZE"])
        done = perch("--batch", "-n1", "-d0.2", "--table", "files", "-p", str(os.getpid()), "-c", "FD,file")
        self.assertIn(["FD", "FILE"], [line.split() for line in done.stdout.decode().splitlines()])
        targets = [row["target"] for row in self.rows("mounts", "-s", "target:desc")]
        self.assertEqual(targets, sorted(targets, key=str.lower, reverse=True))

    def test_why_a_section_has_no_rows_is_said(self):
        with subprocess.Popen(["sleep", "60"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as child:
            for more, why in (((), "it has none"), (("-f", "no such socket"), "nothing matches")):
                done = perch("--batch", "-n1", "-d0.2", "--table", "sockets", "-p", str(child.pid), *more)
                self.assertIn(f"Process {child.pid}: {why}", done.stdout.decode().splitlines())
            child.kill()

    @unittest.skipIf(os.geteuid() != 0, "only root can be somebody else")
    def test_somebody_elses_home_is_no_matter_unless_it_is_asked_for(self):
        with tempfile.TemporaryDirectory() as home: # of mode 0700
            for more, lines in (((), 0), (("--config", home), 1)):
                env = {**ENV, "HOME": home, "XDG_CONFIG_HOME": home}
                done = subprocess.run([PERCH, "--batch", "-n1", "-d0.2", *more], user=65534, env=env,
                                      capture_output=True)
                self.assertEqual(done.returncode, 0)
                self.assertEqual(len(done.stderr.splitlines()), lines, done.stderr)

    def test_a_name_with_escapes_is_shown_safe(self):
        with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as server:
            server.bind(os.path.join(folder.encode(), b"a\x1b]0;\xff\x9b"))
            server.listen()
            done = perch("--batch", "-n1", "-d0.2", "--table", "listening", "-f", folder)
            self.assertIn(folder.encode(), done.stdout)
            self.assertNotIn(b"\x1b", done.stdout)
            done.stdout.decode("utf-8")

    def test_options_that_do_not_go_with_a_table_are_refused(self):
        for arguments in (("--table", "disks"), ("-b", "--table", "disc"), ("-b", "--table", "disks", "--tree"),
                          ("-b", "--table", "disks", "-c", "pid"), ("-b", "--table", "disks", "-s", "cpu"),
                          ("-j", "--table", "disks", "-u", "0"), ("-j", "--table", "listening", "-p", "1,2"),
                          ("-j", "--table", "disks", "-p", "1"), ("-b", "--table", "interfaces", "-p", "1"),
                          ("--table", "disks", "--stop", "-p", "1")):
            done = perch(*arguments)
            self.assertEqual((done.returncode, done.stdout), (2, b""), arguments)
            self.assertTrue(done.stderr.startswith(b"perch: option"), done.stderr)

    def test_a_process_that_does_not_exist_is_told_whatever_was_asked_about_it(self):
        ended = subprocess.Popen(["true"])
        ended.wait()
        for what in (("--table", "overview"), ("--table", "connections"), ("--table", "listening"), ()):
            for mode in ("-b", "-j"):
                done = perch(mode, "-n1", "-d0.2", *what, "-p", str(ended.pid))
                self.assertEqual((done.returncode, done.stdout, done.stderr.decode()),
                                 (1, b"", f"perch: there is no process {ended.pid}\n"))
        other = subprocess.Popen(["true"])
        other.wait()
        done = perch("-b", "-n1", "-d0.2", "-p", f"{ended.pid},{other.pid}")
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (1, b"", b"perch: there is none of these processes\n"))
        done = perch("-j", "-n1", "-d0.2", "-p", f"{ended.pid},{os.getpid()}")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual([row["pid"] for row in strict(done.stdout)["processes"]], [os.getpid()])

    def test_it_ends_with_the_last_process_it_is_about(self):
        for what in ((), ("--table", "connections")):
            child = subprocess.Popen(["sleep", "1000"])
            watch = subprocess.Popen([PERCH, "-j", "-d0.1", *what, "-p", str(child.pid)],
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENV)
            self.addCleanup(watch.kill)
            self.assertTrue(watch.stdout.readline())
            child.kill()
            child.wait()
            _, error = watch.communicate(timeout=60)
            self.assertEqual((watch.returncode, error.decode()), (1, f"perch: process {child.pid} has exited\n"))

    def test_all_tables_are_told_with_what_they_are_called_on_the_screen(self):
        done = perch("--table", "help")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        text = done.stdout.decode("ascii")
        for word in ("mounts        File systems", "interfaces    Interfaces", "history       History"):
            self.assertIn("\n" + word, text)
        self.assertLessEqual(max(map(len, text.split("\n"))), 80)
        titled = perch("-j", "-n1", "-d0.2", "--table", "File systems")
        self.assertEqual(strict(titled.stdout)["table"], "mounts")

    def test_a_directory_that_was_named_is_there(self):
        for option, words in (("--sysfs", b"cannot read devices from the directory of --sysfs"),
                              ("--procfs", b"cannot read processes from the directory of --procfs")):
            done = perch("-b", "-n1", "-d0.2", option, "/nonexistent")
            self.assertEqual((done.returncode, done.stdout), (1, b""))
            self.assertIn(words, done.stderr)

    @unittest.skipUnless(os.geteuid() == 0, "needs processes of two users")
    def test_what_may_not_be_known_of_a_process_is_missing_and_not_nothing(self):
        with tempfile.TemporaryDirectory() as folder, socket.socket() as held:
            os.chmod(folder, 0o755)
            program = os.path.join(folder, "perch")
            shutil.copy(PERCH, program)
            held.bind(("127.0.0.1", 0))
            for table in ("files", "sockets", "connections", "maps", "environment"):
                done = perch("-j", "-n1", "-d0.2", "--table", table, "-p", str(os.getpid()), program=program,
                             user=65534, group=65534, extra_groups=[])
                sample = strict(done.stdout.decode())
                self.assertEqual((table, sample["missing"], sample["rows"]),
                                 (table, "not permitted: perch needs more rights, as with sudo", []))
            done = perch("-b", "-n1", "-d0.2", "--table", "sockets", "-p", str(os.getpid()), program=program,
                         user=65534, group=65534, extra_groups=[])
            self.assertIn(f"Process {os.getpid()}: not permitted", done.stdout.decode())


class Modes(unittest.TestCase):
    def setUp(self):
        self.child = subprocess.Popen(["sleep", "1000"])
        self.pid = str(self.child.pid)

    def tearDown(self):
        self.child.kill()
        self.child.wait()

    # What is dear to read comes only when it is named.
    DEAR = {"pss", "uss", "swap_pss", "cgroup", "cgroup_limit", "cgroup_usage", "cgroup_fill"}

    def test_json_is_one_strict_object_a_line_with_every_column_that_costs_little(self):
        done = perch("--json", "-n2", "-d0.2", "-p", self.pid)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        lines = done.stdout.decode("utf-8").splitlines()
        self.assertEqual(len(lines), 2)
        columns = [line.split()[0] for line in perch("--help-columns").stdout.decode().split("\n\n")[1].splitlines()
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
            self.assertEqual(list(process), [name for name in columns if name not in self.DEAR] + ["absent"])
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


def state(pid):
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rsplit(")", 1)[1].split()[0]


class Acting(unittest.TestCase):
    """Every process acted on was made here, and is named by its pid or by a number nobody else has."""

    token = 10**9 + os.getpid() % 10**6 * 1000

    @classmethod
    def setUpClass(cls):
        done = perch("--stop", "-p", str(os.getpid()), "--dry-run")
        if done.returncode == 2 and b"built without actions" in done.stderr:
            raise unittest.SkipTest("built without actions")

    def setUp(self):
        Acting.token += 1
        self.word = str(Acting.token)  # "sleep" takes several numbers; this one tells ours from others
        self.children = []
        self.folder = tempfile.TemporaryDirectory()
        os.chmod(self.folder.name, 0o755)

    def tearDown(self):  # before cleanups
        for child in self.children:
            if child.poll() is None:
                child.kill()
            child.wait()
            if child.stdout:
                child.stdout.close()
        self.folder.cleanup()

    def start(self, *command, **more):
        child = subprocess.Popen(command or ["sleep", "1000", self.word], **more)
        self.children.append(child)
        return child

    def start_ready(self, *command):
        """A child that says when it is as it should be."""
        child = self.start(*command, stdout=subprocess.PIPE, bufsize=0)
        child.stdout.readline()
        return child

    def start_deaf(self):
        return self.start_ready("sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.1; done", self.word)

    def start_named(self, name):
        path = os.path.join(os.fsencode(self.folder.name), name)
        os.symlink(shutil.which("sleep"), path)
        return self.start(path, "1000", self.word)

    def settings(self, text):
        with open(os.path.join(self.folder.name, "settings"), "w") as file:
            file.write(text)
        return "--config", self.folder.name

    def act(self, *arguments, status=0, **more):
        done = perch(*arguments, **more)
        self.assertEqual(done.returncode, status, (done.stdout, done.stderr))
        if more.get("stdout") is None:
            done.stdout = done.stdout.decode("utf-8")
        done.stderr = done.stderr.decode("utf-8")
        return done

    def ask(self, answer, *arguments, status):
        """Run it at a terminal that is given an answer; None hangs up, a number is a signal sent."""
        ours, theirs = pty.openpty()
        child = subprocess.Popen([PERCH, *arguments], stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                 env=ENV, bufsize=0)
        os.close(theirs)
        said = b""
        while not said.endswith((b"[y/N] ", b"to do it: ")):
            byte = child.stderr.read(1)
            self.assertTrue(byte, said)
            said += byte
        if isinstance(answer, bytes):
            os.write(ours, answer)
        elif answer is None:
            os.close(ours)
        else:
            child.send_signal(answer)
        out, err = child.communicate(timeout=30)
        if answer is not None:
            os.close(ours)
        self.assertEqual(child.returncode, status, (out, said, err))
        return (said + err).decode()

    def test_a_signal_reaches_all_that_match_and_each_is_told(self):
        ours = [self.start(), self.start()]
        other = self.start("sleep", "1000")
        done = self.act("--signal", "TERM", "--filter", self.word, "--yes")
        for child in ours:
            self.assertEqual(child.wait(10), -signal.SIGTERM)
            self.assertIn(f"sent SIGTERM to {child.pid} sleep\n", done.stdout)
        self.assertIsNone(other.poll())
        self.assertIn("2 processes", done.stdout.splitlines()[-1])

    def test_signals_are_sent_by_any_name_or_number(self):
        for name, number in (("usr1", signal.SIGUSR1), ("SIGHUP", signal.SIGHUP), ("9", signal.SIGKILL),
                             ("RTMIN+3", signal.SIGRTMIN + 3)):
            child = self.start()
            self.act("--signal", name, "-p", str(child.pid), "--yes")
            self.assertEqual(child.wait(10), -number)

    def test_a_dry_run_changes_nothing(self):
        child = self.start()
        done = self.act("--nice", "7", "--filter", self.word, "--dry-run")
        self.assertIn("would set the nice value of 1 process to 7; nothing was done\n", done.stdout)
        self.assertIn(f"sleep 1000 {self.word}\n", done.stdout)
        self.assertEqual(os.getpriority(os.PRIO_PROCESS, child.pid), 0)
        self.act("--terminate", "0.1", "--filter", self.word, "--dry-run")
        time.sleep(0.3)
        self.assertIsNone(child.poll())

    def test_without_a_terminal_to_ask_at_it_does_nothing(self):
        child = self.start()
        done = self.act("--signal", "KILL", "-p", str(child.pid), status=2)
        self.assertEqual(done.stdout, "")
        self.assertIn("--yes", done.stderr)
        self.assertIn("--dry-run", done.stderr)
        self.assertIsNone(child.poll())

    def test_nobody_matching_is_a_failure(self):
        for more in (("--yes",), ("--dry-run",)):
            done = self.act("--signal", "TERM", "--filter", self.word, *more, status=1)
            self.assertIn("no process matches", done.stderr)

    def test_a_filter_reaches_neither_perch_nor_the_shell_that_started_it(self):
        child = self.start()
        script = f'"$0" --signal KILL --filter {self.word} --yes; echo $?'
        done = subprocess.run(["sh", "-c", script, PERCH], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENV,
                              timeout=60)
        self.assertEqual(done.returncode, 0)
        self.assertTrue(done.stdout.endswith(b"\n0\n"), done)
        self.assertEqual(done.stderr.count(b"left out: "), 2)
        self.assertIn(b"perch itself", done.stderr)
        self.assertIn(b" sh: ", done.stderr)
        self.assertEqual(child.wait(10), -signal.SIGKILL)

    def test_who_runs_perch_is_refused_even_when_named(self):
        me = str(os.getpid())
        done = self.act("--signal", "CONT", "-p", me, "--yes", status=1)
        self.assertIn("refused: " + me, done.stderr)
        self.assertIn("--protected", done.stderr)
        done = self.act("--signal", "CONT", "-p", me, "--yes", "--protected")
        self.assertIn("sent SIGCONT to " + me, done.stdout)

    def test_what_the_settings_protect_is_refused_and_makes_it_some(self):
        config = self.settings("protected = guard\n")
        guard = self.start_named(b"guard")
        done = self.act("--nice", "3", "--filter", self.word, "--yes", *config, status=1)
        self.assertIn(f"refused: {guard.pid} guard", done.stderr)
        child = self.start()
        self.act("--nice", "3", "--filter", self.word, "--yes", *config, status=3)
        self.assertEqual([os.getpriority(os.PRIO_PROCESS, c.pid) for c in (guard, child)], [0, 3])
        self.act("--nice", "4", "--filter", self.word, "--yes", "--protected", *config)
        self.assertEqual([os.getpriority(os.PRIO_PROCESS, c.pid) for c in (guard, child)], [4, 4])

    def test_an_answer_is_waited_for_and_obeyed(self):
        arguments = ("--nice", "5", "--filter", self.word)
        child = self.start()
        for answer, status in ((b"n\n", 1), (b"\n", 1), (b"yep\n", 1), (b"\x04", 1), (None, 1),
                               (signal.SIGINT, 128 + signal.SIGINT), (signal.SIGTERM, 128 + signal.SIGTERM)):
            said = self.ask(answer, *arguments, status=status)
            self.assertIn("nothing was done", said)
            self.assertEqual(os.getpriority(os.PRIO_PROCESS, child.pid), 0)
        said = self.ask(b"y\n", *arguments, status=0)
        self.assertIn("Set the nice value of 1 process to 5? [y/N] ", said)
        self.assertEqual(os.getpriority(os.PRIO_PROCESS, child.pid), 5)

    def test_what_is_protected_takes_a_whole_yes(self):
        config = self.settings("protected = guard\n")
        guard = self.start_named(b"guard")
        arguments = ("--nice", "5", "-p", str(guard.pid), "--protected", *config)
        self.ask(b"y\n", *arguments, status=1)
        self.assertEqual(os.getpriority(os.PRIO_PROCESS, guard.pid), 0)
        self.ask(b"yes\n", *arguments, status=0)
        self.assertEqual(os.getpriority(os.PRIO_PROCESS, guard.pid), 5)

    def test_a_target_that_went_before_the_answer_is_not_mistaken(self):
        child = self.start()
        ours, theirs = pty.openpty()
        run = subprocess.Popen([PERCH, "--signal", "KILL", "-p", str(child.pid)], stdin=theirs, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=ENV, bufsize=0)
        os.close(theirs)
        said = b""
        while not said.endswith(b"[y/N] "):
            said += run.stderr.read(1)
        child.kill()
        child.wait()
        os.write(ours, b"y\n")
        out, _ = run.communicate(timeout=30)
        os.close(ours)
        self.assertEqual(run.returncode, 1)
        self.assertIn(b" is gone", out)

    def test_values_are_set_as_others_read_them(self):
        child = self.start()
        pid = child.pid
        own = ("-p", str(pid), "--yes")
        self.act("--nice", "5", *own)
        self.assertEqual(os.getpriority(os.PRIO_PROCESS, pid), 5)
        self.act("--nice-by", "+2", *own)
        self.assertEqual(os.getpriority(os.PRIO_PROCESS, pid), 7)
        self.act("--oom-score-adj", "321", *own)
        with open(f"/proc/{pid}/oom_score_adj") as file:
            self.assertEqual(file.read(), "321\n")
        self.act("--scheduling", "batch:reset-on-fork", *own)
        self.assertEqual(os.sched_getscheduler(pid), os.SCHED_BATCH | os.SCHED_RESET_ON_FORK)
        cpus = sorted(os.sched_getaffinity(pid))
        self.act("--affinity", str(cpus[-1]), *own)
        self.assertEqual(os.sched_getaffinity(pid), {cpus[-1]})
        self.act("--affinity", ",".join(map(str, cpus)), *own)
        self.assertEqual(sorted(os.sched_getaffinity(pid)), cpus)
        if shutil.which("ionice"):
            for word, read in (("be:6", b"best-effort: prio 6"), ("idle", b"idle")):
                self.act("--io-priority", word, *own)
                done = subprocess.run(["ionice", "-p", str(pid)], stdout=subprocess.PIPE, check=True)
                self.assertEqual(done.stdout.strip(), read)
        self.act("--stop", *own)
        self.assertEqual(state(pid), "T")
        self.act("--continue", *own)
        self.assertIn(state(pid), "RS")  # not stopped any more
        done = self.act("--continue", *own)
        self.assertIn("already", done.stdout)

    def test_threads_and_descendants_are_reached_when_asked_for(self):
        child = self.start_ready(sys.executable, "-c", "import threading, time\n"
                                 "threading.Thread(target=time.sleep, args=[1000], daemon=True).start()\n"
                                 "print('ready', flush=True); time.sleep(1000)")
        first, second = sorted(int(tid) for tid in os.listdir(f"/proc/{child.pid}/task"))
        self.act("--nice", "3", "-p", str(second), "--yes", status=1)  # a thread, and they were not asked for
        self.act("--nice", "3", "-p", str(second), "--threads", "--yes")
        self.assertEqual([os.getpriority(os.PRIO_PROCESS, tid) for tid in (first, second)], [0, 3])
        self.act("--nice", "4", "-p", str(first), "--yes")
        self.assertEqual([os.getpriority(os.PRIO_PROCESS, tid) for tid in (first, second)], [4, 4])

        parent = self.start_ready("sh", "-c", f"sleep 1000 {self.word} & echo $!; echo; trap 'kill $!' TERM; wait")
        self.act("--nice", "5", "-p", str(parent.pid), "--yes", "--descendants")
        with open(f"/proc/{parent.pid}/task/{parent.pid}/children") as file:
            below = int(file.read())
        self.assertEqual([os.getpriority(os.PRIO_PROCESS, pid) for pid in (parent.pid, below)], [5, 5])
        self.act("--terminate", "5", "-p", str(parent.pid), "--yes", "--descendants")

    def test_a_termination_ends_with_kill_for_the_deaf(self):
        deaf = self.start_deaf()
        child = self.start()
        begin = time.monotonic()
        done = self.act("--terminate", "0.5", "-p", f"{deaf.pid},{child.pid}", "--yes")
        self.assertGreater(time.monotonic() - begin, 0.4)
        self.assertEqual(deaf.wait(10), -signal.SIGKILL)
        self.assertEqual(child.wait(10), -signal.SIGTERM)
        line, = (line for line in done.stdout.splitlines() if line.startswith(f"{deaf.pid} sh ended"))
        self.assertIn("SIGKILL", line)

    def test_a_termination_says_at_once_that_it_waits(self):
        deaf = self.start_deaf()
        run = subprocess.Popen([PERCH, "--terminate", "60", "-p", str(deaf.pid), "--yes"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENV)
        self.assertIn(b"PID", run.stdout.readline())
        self.assertIn(str(deaf.pid).encode(), run.stdout.readline())
        self.assertEqual(run.stdout.readline(), f"sent SIGTERM to {deaf.pid} sh, waiting for it to end\n".encode())
        run.send_signal(signal.SIGINT)
        run.communicate(timeout=30)

    def test_a_pid_that_is_not_there_was_not_done(self):
        child = self.start()
        gone = subprocess.Popen(["true"])
        gone.wait()
        both, alone = f"{gone.pid},{child.pid}", str(gone.pid)
        for pids, more, status in ((both, "--dry-run", 3), (alone, "--dry-run", 1), (both, "--yes", 3), (alone, "--yes", 1)):
            done = self.act("--nice", "3", "-p", pids, more, status=status)
            self.assertIn(f"{gone.pid}: no such process\n", done.stderr)
        self.assertEqual(os.getpriority(os.PRIO_PROCESS, child.pid), 3)

    def test_who_is_stopped_sees_a_signal_later(self):
        child = self.start()
        child.send_signal(signal.SIGSTOP)
        while state(child.pid) != "T":
            time.sleep(0.01)
        done = self.act("--signal", "TERM", "-p", str(child.pid), "--yes")
        self.assertIn("it is stopped and will see it when it is continued", done.stdout)
        done = self.act("--signal", "KILL", "-p", str(child.pid), "--yes")
        self.assertNotIn("it is stopped", done.stdout)

    def test_cpus_that_are_not_there_are_told(self):
        child = self.start()
        for _ in range(2):  # the second time nothing changes
            done = self.act("--affinity", "0-900", "-p", str(child.pid), "--yes")
            self.assertIn("(asked for 0-900; the others are not online or not allowed to it)", done.stdout)

    def test_an_interrupted_termination_waits_no_longer_and_kills_nobody(self):
        deaf = self.start_deaf()
        run = subprocess.Popen([PERCH, "--terminate", "60", "-p", str(deaf.pid), "--yes"], bufsize=0,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENV)
        run.stdout.readline()
        time.sleep(0.3)
        run.send_signal(signal.SIGINT)
        _, err = run.communicate(timeout=30)
        self.assertEqual(run.returncode, 128 + signal.SIGINT)
        self.assertIn(b"interrupted: 1 of 1 have not ended yet", err)
        time.sleep(0.3)
        self.assertIsNone(deaf.poll())

    def test_zombies_are_left_out_unless_named(self):
        name = "z" + self.word
        path = os.path.join(self.folder.name, name)
        os.symlink(shutil.which("true"), path)
        child = self.start(path)
        while state(child.pid) != "Z":
            time.sleep(0.01)
        done = self.act("--signal", "TERM", "--filter", name, "--yes", status=1)
        self.assertIn(f"left out: {child.pid} {name}: has exited already", done.stderr)
        done = self.act("--signal", "TERM", "-p", str(child.pid), "--yes", status=1)
        self.assertIn("has exited already", done.stdout)

    def make_cgroup(self):
        """A cgroup (v2) of our own with two children in it."""
        with open("/proc/self/mountinfo") as file:
            roots = [line.split()[4] for line in file if line.split(" - ")[1].startswith("cgroup2 ")]
        if not roots:
            self.skipTest("no cgroup v2 hierarchy here")
        group = os.path.join(roots[0], "perch-test-" + self.word)
        try:
            os.mkdir(group)
        except OSError:
            self.skipTest("no cgroup may be made here")
        self.addCleanup(self.remove_cgroup, group)
        children = [self.start(), self.start()]
        for child in children:
            with open(os.path.join(group, "cgroup.procs"), "w") as file:
                file.write(str(child.pid))
        return group, children

    def remove_cgroup(self, group):
        for _ in range(500):  # the kernel lets go of those that ended a little later
            try:
                os.rmdir(group)
                return
            except OSError:
                time.sleep(0.01)
        self.fail("the cgroup cannot be removed")

    def is_frozen(self, group):
        with open(os.path.join(group, "cgroup.events")) as file:
            return "frozen 1\n" in file.read()

    def test_a_cgroup_is_frozen_thawed_and_killed_with_all_in_it(self):
        group, children = self.make_cgroup()
        own = ("-p", str(children[0].pid), "--yes")
        done = self.act("--freeze", *own)
        listed = done.stdout.split(f"{os.path.basename(group)}: 2 processes\n")[1].splitlines()
        self.assertEqual([int(line.split()[0]) for line in listed[:2]], sorted(child.pid for child in children))
        self.assertIn("sleep", listed[1])
        self.assertTrue(self.is_frozen(group))
        self.act("--thaw", *own)
        self.assertFalse(self.is_frozen(group))
        if os.path.exists(os.path.join(group, "cgroup.kill")):
            self.act("--kill-cgroup", *own)
            self.assertEqual([child.wait(10) for child in children], [-signal.SIGKILL] * 2)

    def test_a_cgroup_with_perch_in_it_is_let_be(self):
        group, children = self.make_cgroup()
        for action in ("--freeze", "--kill-cgroup"):
            script = 'echo $$ > "$1/cgroup.procs"; "$0" "$2" -p "$3" --yes'
            done = subprocess.run(["sh", "-c", script, PERCH, group, action, str(children[0].pid)], env=ENV, timeout=60,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self.assertEqual(done.returncode, 1, done)
            self.assertIn(b"perch itself is in the cgroup", done.stdout)
            self.assertFalse(self.is_frozen(group))
            self.assertEqual([child.poll() for child in children], [None, None])

    @unittest.skipUnless(os.geteuid() == 0, "needs processes of two users")
    def test_what_belongs_to_others_is_refused_with_the_owner(self):
        program = os.path.join(self.folder.name, "perch")
        shutil.copy(PERCH, program)
        root = self.start()
        arguments = ("--signal", "TERM", "--filter", self.word, "--yes")
        done = self.act(*arguments, program=program, user=65534, group=65534, status=1)
        self.assertIn(f"permission denied: {root.pid} sleep belongs to root", done.stdout)
        mine = self.start(user=65534, group=65534)
        done = self.act(*arguments, program=program, user=65534, group=65534, status=3)
        self.assertIsNone(root.poll())
        self.assertEqual(mine.wait(10), -signal.SIGTERM)

    def test_output_that_nobody_takes_does_not_keep_it_from_acting(self):
        child = self.start()
        read, write = os.pipe()
        os.close(read)
        done = perch("--nice", "2", "-p", str(child.pid), "--yes", stdout=write)
        os.close(write)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(os.getpriority(os.PRIO_PROCESS, child.pid), 2)
        with open("/dev/full", "wb") as full:
            done = perch("--nice", "3", "-p", str(child.pid), "--yes", stdout=full)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"no space left", done.stderr)
        self.assertEqual(os.getpriority(os.PRIO_PROCESS, child.pid), 3)

    def test_without_a_list_that_can_be_seen_it_does_not_even_ask(self):
        child = self.start()
        ours, theirs = pty.openpty()
        read, write = os.pipe()
        os.close(read)
        done = subprocess.run([PERCH, "--stop", "-p", str(child.pid)], stdin=theirs, stdout=write,
                              stderr=subprocess.PIPE, env=ENV, timeout=30)
        for fd in (ours, theirs, write):
            os.close(fd)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"nothing was done", done.stderr)
        self.assertNotIn(b"[y/N]", done.stderr)
        self.assertNotEqual(state(child.pid), "T")

    def test_names_of_targets_are_safe_in_lists_and_results(self):
        child = self.start_named(b"a\x1b]0;\xff\xc2\x9b")
        for locale in ("C.UTF-8", "C"):
            done = perch("--signal", "CONT", "-p", str(child.pid), "--yes", env={**ENV, "LC_ALL": locale})
            self.assertEqual(done.returncode, 0)
            for byte in (b"\x1b", b"\xff", b"\xc2\x9b"):
                self.assertNotIn(byte, done.stdout)
            done.stdout.decode("ascii" if locale == "C" else "utf-8")

    def test_the_action_log_has_a_line_for_each(self):
        child = self.start()
        log = os.path.join(self.folder.name, "log")
        for _ in range(2):
            self.act("--nice", "2", "-p", str(child.pid), "--yes", "--log-actions", log)
        with open(log) as file:
            lines = file.read().splitlines()
        self.assertEqual(len(lines), 2)
        for word in (f" pid={child.pid} ", 'name="sleep"', " action=nice ", 'new="2"', "result=done"):
            self.assertIn(word, lines[0])
        self.assertIn("result=unchanged", lines[1])
        done = self.act("--nice", "9", "-p", str(child.pid), "--yes", "--log-actions", self.folder.name, status=1)
        self.assertEqual(os.getpriority(os.PRIO_PROCESS, child.pid), 2)
        self.assertTrue(done.stderr)

    def test_lines_the_action_log_has_no_room_for_are_told(self):
        child = self.start()
        log = os.path.join(self.folder.name, "log")
        done = self.act("--nice", "2", "-p", str(child.pid), "--yes", "--log-actions", log, status=1,
                        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8, 8)))
        self.assertIn("log of actions", done.stderr)
        self.assertEqual(os.getpriority(os.PRIO_PROCESS, child.pid), 2)


unittest.main(verbosity=1)
