# SPDX-License-Identifier: Apache-2.0
"""procvirtd: started, watched and stopped. A sanitizer's report of any of its processes fails the test."""
import contextlib
import glob
import os
import re
import shlex
import signal
import subprocess
import tempfile

import control
from processes import patient, read_line, until

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.abspath(os.environ.get("PROCVIRT_BUILD", HERE + "/../../build"))
DAEMON, HOOK, CTL = (f"{BUILD}/{name}" for name in ("procvirtd", "procvirt-hook", "procvirtctl"))
OLD_KERNEL = BUILD + "/tests/old_kernel"
# What our programs are started by: PROCVIRT_WRAP="…/tests/old_kernel". It has to exec them.
WRAP = shlex.split(os.environ.get("PROCVIRT_WRAP", ""))


def sanitizers():
    """What the programs were built with: "", "address,undefined", "thread"."""
    with open(BUILD + "/CMakeCache.txt") as cache:
        match = re.search(r"^PROCVIRT_SANITIZE:\w+=(.*)$", cache.read(), re.M)
    return match[1] if match else ""


def built_with(option):
    """An option of the build that is ON or OFF."""
    with open(BUILD + "/CMakeCache.txt") as cache:
        return re.search(rf"^{option}:\w+=ON$", cache.read(), re.M) is not None


def sanitizer_env(log, leaks=True, faults=False):
    """
    Reports go to files, which have to be absent at the end, and end the program at once. A crash that a test has asked for
    (fs/container/fault.h) is none to report.

    GLib's slices are memory that changes threads under locks of GLib's own, which ThreadSanitizer does not see.
    """
    common = f"log_path={log}:halt_on_error=1" + ":handle_segv=0:handle_abort=0" * bool(faults)
    return {
        "ASAN_OPTIONS": f"{common}:detect_leaks={int(leaks)}",
        "UBSAN_OPTIONS": f"{common}:print_stacktrace=1",
        "TSAN_OPTIONS": f"{common}:second_deadlock_stack=1:suppressions={HERE}/../tsan.supp",
        "G_SLICE": "always-malloc",
    }


def states(pid):
    """Of a process's threads; none where it has gone."""
    found = set()
    with contextlib.suppress(OSError):
        for tid in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{tid}/stat") as file:
                found.add(file.read().rpartition(")")[2].split()[0])
    return found


def is_mounted(path):
    with open("/proc/self/mountinfo") as mounts:
        return any(line.split()[4] == path for line in mounts)


def shared(processes, scratch, *options):
    """For a fixture: one for many tests, gone at its end whatever they did."""
    daemon = Daemon(processes, scratch, *options)
    try:
        yield daemon.start()
        daemon.stop()
    finally:
        daemon.clean()
        processes.end_all()


class Daemon:
    def __init__(self, processes, scratch, *options, wrap=(), env=None, config="", leaks=True, mount=None, program=DAEMON):
        self.processes, self.options, self.wrap = processes, options, wrap
        self.program = program
        self.dir = tempfile.mkdtemp(prefix="daemon-", dir=scratch)
        os.chmod(self.dir, 0o755)
        self.mount, self.socket = mount or self.dir + "/mount", self.dir + "/control"
        self.config, self.sanitizer_log = self.dir + "/procvirtd.conf", self.dir + "/sanitizer"
        with open(self.config, "w") as file:
            file.write(config)
        self.env = {**os.environ, **sanitizer_env(self.sanitizer_log, leaks, env and "PROCVIRT_FAULTS" in env), **(env or {})}
        self.process = self.pid = None
        self.inherits = ()  # further descriptors

    def argv(self, *options):
        common = ["--config", self.config, "--socket", self.socket]
        return [*self.wrap, *WRAP, self.program, *options, *common, *self.options, self.mount]

    def start(self):
        with open(self.dir + "/stderr", "a") as stderr:
            self.process = self.processes.start(*self.argv("--foreground"), env=self.env, stderr=stderr, pass_fds=self.inherits)
        try:
            said = read_line(self.process, 60)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.log()}") from None
        assert said == f"procvirtd: serving {self.mount}\n"
        self.pid = self.first_child() if self.wrap else self.process.pid
        return self

    def first_child(self):
        """strace and unshare, which may be around it, do not hand signals on."""
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as children:
            return int(children.read().split()[0])

    def run(self, *options, timeout=60):
        """Runs one that is expected to end by itself."""
        return self.processes.run(*self.argv(*options), env=self.env, timeout=timeout)

    def log(self):
        with open(self.dir + "/stderr") as file:
            return file.read()

    def reports(self):
        """What sanitizers said."""
        text = ""
        for name in glob.glob(self.sanitizer_log + "*"):
            with open(name, errors="replace") as file:
                text += file.read()
        return text

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def check(self):
        assert self.alive(), f"procvirtd ended with {self.process.returncode}\n{self.log()}{self.reports()}"
        assert not self.reports(), self.reports()

    def stop(self):
        """As systemd stops it. It unmounts and exits 0."""
        self.check()
        os.kill(self.pid, signal.SIGTERM)
        status = self.process.wait(patient(60))
        assert not self.reports(), self.reports()
        assert status == 0, f"procvirtd ended with {status}\n{self.log()}"
        assert not is_mounted(self.mount), "it is still mounted"

    def relatives(self):
        """Keepers and workers: each has the mount point for its last argument, whoever is its parent."""
        keepers, workers = [], []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline") as file:
                words = file.read().split("\0")[:-1]
                if words and os.path.basename(words[0]) == "procvirtd" and words[-1] == self.mount:
                    (workers if "--worker" in words else keepers).append(int(pid))
        return keepers, workers

    def workers(self):
        return self.relatives()[1]

    def family(self):
        """The keeper first."""
        keepers, workers = self.relatives()
        return keepers + workers

    def freeze(self):
        """Stops all of them, the keeper first: it would replace a worker that stands still."""
        frozen = []

        def stop_more():
            for pid in self.family():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGSTOP)
                until(lambda: states(pid) <= {"T", "Z"}, "until its last thread has stopped it goes on answering")
                frozen.append(pid)
            return set(self.family()) <= set(frozen)

        until(stop_more, "all stand still")
        return frozen

    def thaw(self):
        for pid in reversed(self.family()):
            os.kill(pid, signal.SIGCONT)

    def kill(self):
        """All at once, as by the end of the machine's memory: the mount stays, dead."""
        frozen = self.freeze()
        for pid in frozen:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self.process:
            self.processes.end(self.process, signal.SIGKILL)
        # A process has no command line any more before its files are closed.
        until(lambda: not self.family() and all(states(pid) <= {"Z", "X"} for pid in frozen), "all have ended")

    def clean(self):
        """Whatever happened: no process, no mount."""
        if self.alive() or self.family():
            self.kill()
        if is_mounted(self.mount):
            subprocess.run(["umount", "--lazy", self.mount], check=True)
            until(lambda: not is_mounted(self.mount), "the mount is gone")

    def call(self, **request):
        return control.call(self.socket, **request)

    def register(self, name, pid, **options):
        """The container's pinned tree."""
        request = {"op": "register", "id": name, "pid": pid}
        answer = self.call(**request, **({"options": options} if options else {}))
        assert answer["ok"], answer
        assert answer["path"] == self.path("containers", name)
        return answer["path"]

    def path(self, *parts):
        return "/".join([self.mount, *parts])
