# SPDX-License-Identifier: Apache-2.0
"""
What the hook may meet. Each time the container starts and reads the host's figures, and one line says why; or
it is refused with --strict. Nothing of the host is mounted or read.
"""
import contextlib
import json
import os
import signal
import socket
import subprocess
import tempfile
import threading

import pytest

import control
from daemon import HOOK, WRAP
from figures import meminfo
from processes import until

MIB = 1 << 20
LIMIT = 262144
SECRET = "thesecretofthehost"
SCRIPT = "cat /proc/meminfo; echo ==; grep fuse.procvirt /proc/self/mountinfo; true"

# In the container's mount namespace before its root is changed: it is in the host's directories yet.
INSIDE = r"""pid=$(sed 's/.*"pid": *\([0-9]*\).*/\1/'); inside() { nsenter --mount --target "$pid" "$@"; }; """


def shell(script):
    return {"path": "/bin/sh", "args": ["sh", "-ec", script], "env": ["PATH=/usr/sbin:/usr/bin"]}


def mounts():
    """The host's, but for what others have in temporary directories meanwhile."""
    with open("/proc/self/mountinfo") as file:
        points = [line.split()[4] for line in file]
    return sorted(point for point in points if not point.startswith(("/tmp/", "/var/tmp/")))


@pytest.fixture
def container(bundles):
    """container("name", socket, options, before="…", after="…"): hooks of ours around it; .log is what it says."""
    def make(name, socket_path, options=(), before=None, after=None, **more):
        log = tempfile.mkdtemp(prefix=f"said-{name}-", dir=bundles.scratch) + "/log"
        wrap = ("/bin/sh", "-c", f'exec "$@" 2>>{log}', "sh")
        made = bundles.make(name, ["sh", "-c", SCRIPT], memory=256 * MIB,
                            hook=["--socket", socket_path, *options], wrap=wrap, **more)
        stage = []
        made.change(lambda config: stage.extend(config["hooks"]["createRuntime"]))
        around = [shell(script.replace("DIR", made.dir)) if script else None for script in (before, after)]
        whole = [each for each in (around[0], *stage, around[1]) if each]
        made.change(lambda config: config["hooks"].update(createRuntime=whole))
        made.log = log
        return made

    return make


def said(made):
    with open(made.log) as file:
        return file.read()


def run(made):
    """Its MemTotal, and where something of ours lies in it."""
    result = made.run()
    assert result.returncode == 0, result
    text, laid = result.stdout.split("==\n")
    return meminfo(text)["MemTotal"], [line.split()[4] for line in laid.splitlines()]


def starts_as_without(made, *why):
    """It runs with the host's figures, nothing of ours in it, and one line that says why."""
    total, laid = run(made)
    with open("/proc/meminfo") as file:
        assert total == meminfo(file.read())["MemTotal"] > LIMIT
    assert laid == []
    assert_one_line(said(made), *why)


def assert_one_line(text, *why):
    """It gives one of these reasons."""
    assert text.count("\n") == 1 and text.endswith("\n") and any(reason in text for reason in why), text
    assert SECRET not in text


def is_refused(made, *why):
    result = made.run()
    assert result.returncode != 0 and "MemTotal" not in result.stdout, result
    assert_one_line(said(made), *why)
    assert f"container {made.id}: " in said(made)


def check_both(container, why, *args, options=(), **more):
    before = mounts()
    starts_as_without(container("soft", *args, options=options, **more), why)
    is_refused(container("strict", *args, options=(*options, "--strict"), **more), why)
    assert mounts() == before


CONFIGS = {
    "empty": ": >config.json",
    "cut off": "head -c 100 config.json >cut; mv cut config.json",
    "an array": "echo '[]' >config.json",
    "no root": "echo '{\"hostname\": \"x\"}' >config.json",
    "root is a number": "echo '{\"root\": 1}' >config.json",
    "path is a number": "echo '{\"root\": {\"path\": 1}}' >config.json",
    "path is empty": "echo '{\"root\": {\"path\": \"\"}}' >config.json",
    "annotations are a list": "echo '{\"root\": {\"path\": \"rootfs\"}, \"annotations\": []}' >config.json",
    "twice": "cat config.json config.json >two; mv two config.json",
    "too deep": "head -c 100000 /dev/zero | tr '\\0' '[' >config.json",
    "zeros": "head -c 4096 /dev/zero >config.json",
    "too long": "truncate --size=17M config.json",
    "missing": "rm config.json",
    "a directory": "rm config.json; mkdir config.json",
    "a FIFO": "rm config.json; mkfifo config.json",
    "a link that leads nowhere": "ln -sf nowhere config.json",
    "a link to itself": "rm config.json; ln -s config.json config.json",
    "a link to a text": f"echo {SECRET} >text; ln -sf text config.json",
}


# Where the file itself is at fault its path is told.
WORDED = set(CONFIGS) - {"too long", "missing", "a directory", "a link that leads nowhere", "a link to itself"}


@pytest.mark.parametrize("how", CONFIGS)
def test_a_malformed_config(daemon, container, how):
    """runc has read a good one before."""
    why = ": config.json" if how in WORDED else "/config.json"
    check_both(container, why, daemon.socket, before=f"cd DIR; {CONFIGS[how]}")
    assert daemon.call(op="list")["containers"] == []


def test_a_container_that_is_left_alone_has_no_config_to_be_malformed(daemon, container):
    """Its annotation is in the state."""
    made = container("alone", daemon.socket, ("--strict",), before="cd DIR; echo nonsense >config.json",
                     annotations={"procvirt.dev/enable": "false"})
    total, laid = run(made)
    assert total > LIMIT and laid == [] and said(made) == ""


def test_a_rootfs_that_is_gone(daemon, container):
    check_both(container, "opening the container's root", daemon.socket,
               before="cd DIR; sed -i 's/\"rootfs\"/\"elsewhere\"/' config.json")


CRAFTED = {
    "a symbolic link": (f"echo {SECRET} >DIR/secret; touch -a -d @0 DIR/secret; ln -s DIR/secret crafted/meminfo",
                        "/proc/meminfo: /proc is no procfs there"),
    "a FIFO": ("mkfifo crafted/meminfo", "/proc/meminfo: /proc is no procfs there"),
    "a directory": ("mkdir crafted/meminfo", "/proc/meminfo: /proc is no procfs there"),
    "no entry at all": ("echo 1 >crafted/stat", "/proc/stat: /proc is no procfs there"),
}


@pytest.mark.parametrize("what", CRAFTED)
def test_a_crafted_proc(daemon, container, what):
    """Where the container's /proc should be is a directory that somebody filled."""
    script, why = CRAFTED[what]
    put = f"cd DIR; mkdir crafted; {script}; {INSIDE} inside mount --bind DIR/crafted DIR/rootfs/proc"
    made = container("crafted", daemon.socket, before=put, after=f"{INSIDE} inside umount DIR/rootfs/proc")
    before = mounts()
    total, laid = run(made)
    assert total > LIMIT and "/sys/devices/system/cpu" in laid, "the rest is laid"
    assert not [path for path in laid if path.startswith("/proc/")]
    assert_one_line(said(made), why)
    is_refused(container("crafted-strict", daemon.socket, ("--strict",), before=put), why)
    assert mounts() == before
    if os.path.exists(made.dir + "/secret"):
        assert os.stat(made.dir + "/secret").st_atime == 0, "nobody read it"
    until(lambda: daemon.call(op="list")["containers"] == [], "both are forgotten")


@pytest.mark.parametrize("make", ["mkfifo over", "echo text >over"], ids=["a FIFO", "a file"])
def test_something_over_a_file_of_proc(daemon, container, make):
    put = f"cd DIR; {make}; {INSIDE} inside mount --bind DIR/over DIR/rootfs/proc/meminfo"
    why = "/proc/meminfo: something else is mounted over it"
    made = container("over", daemon.socket, before=put, after=f"{INSIDE} inside umount DIR/rootfs/proc/meminfo")
    total, laid = run(made)
    assert total > LIMIT and "/proc/meminfo" not in laid and "/proc/stat" in laid, "the rest is laid"
    assert_one_line(said(made), why)
    is_refused(container("over-strict", daemon.socket, ("--strict",), before=put), why)


@contextlib.contextmanager
def small_disk(path, filled):
    """One page, of which so many bytes are taken."""
    os.mkdir(path)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "none", path], check=True)
    try:
        with open(path + "/log", "w") as file:
            file.write("x" * (filled - 1) + "\n")
        yield path + "/log"
    finally:
        subprocess.run(["umount", path], check=True)
        os.rmdir(path)


@pytest.mark.parametrize("filled", [4096, 4090], ids=["full", "almost full"])
def test_a_full_disk(container, scratch, filled):
    """Its log cannot be written: what was to be said and that are one line."""
    with small_disk(f"{scratch}/full-{filled}", filled) as log:
        check_both(container, "nobody listens at", scratch + "/no-daemon", options=("--log", log))
        made = container("again", scratch + "/no-daemon", options=("--log", log))
        made.run()
        assert f"(not in {log}: No space left on device)" in said(made)


def test_a_log_that_nobody_reads(container, scratch):
    """A FIFO."""
    log = scratch + "/log-fifo"
    os.mkfifo(log)
    check_both(container, f"(not in {log}: ", scratch + "/no-daemon", options=("--log", log))


def test_a_full_disk_matters_only_where_there_is_something_to_say(daemon, container, scratch):
    with small_disk(f"{scratch}/full-unused", 4096) as log:
        made = container("unused", daemon.socket, ("--strict", "--log", log))
        assert run(made)[0] == LIMIT
        assert said(made) == ""


class Server:
    """At a control socket: answer(request) is called for each, and what it returns is sent; None hangs up."""

    def __init__(self, path, answer):
        self.path, self.answer, self.failures = path, answer, []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_CLOEXEC)
        self.socket.bind(path)
        self.socket.listen(8)
        self.thread = threading.Thread(target=self.serve)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.socket.close()
        os.unlink(self.path)
        assert not self.failures, self.failures

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                self.converse(self.socket.accept()[0])

    def converse(self, connection):
        try:
            answer = self.answer(json.loads(connection.recv(1 << 16)))
            if answer is not None:
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # who asked did not wait
                    connection.send(answer)
        except Exception as error:  # pylint: disable=broad-except
            self.failures.append(error)
        finally:
            connection.close()


ANSWERS = {
    "nothing": (None, "hung up"),
    "no JSON": (b"\xff\xfe nonsense", "the daemon's answer"),
    "no grant": (b'{"ok":true}', "the daemon's answer"),
    "a refusal": (b'{"ok":false,"errno":12,"error":"there is no room"}', "there is no room"),
    "files of the host": (b'{"ok":true,"id":"x","path":"/etc","files":["/passwd"]}', "neither in /proc nor in /sys"),
    "numbers": (b'{"ok":true,"id":"x","path":"/","files":[1]}', "is not a string"),
}


@pytest.mark.parametrize("what", ANSWERS)
def test_a_daemon_that_answers_oddly(container, scratch, what):
    answer, why = ANSWERS[what]
    with Server(f"{scratch}/odd", lambda request: answer) as server:
        check_both(container, why, server.path)


@contextlib.contextmanager
def thawed(daemon):
    """In the end, whatever happens."""
    try:
        yield
    finally:
        daemon.thaw()


def test_a_daemon_that_hangs(container, make_daemon):
    daemon = make_daemon().start()
    with thawed(daemon):
        daemon.freeze()
        check_both(container, "did not answer within", daemon.socket)


# What the hook says instead where this machine is so slow that it did not wait for what happens between().
SLOW = "did not answer within"


def between(daemon, act):
    """Has the daemon answer; then act() happens before the hook hears of it."""
    def answer(request):
        reply = control.call(daemon.socket, **request)
        assert reply["ok"], reply
        if request["op"] == "register":
            act()
        return json.dumps(reply).encode()

    return answer


def test_a_daemon_that_hangs_once_it_has_registered(container, make_daemon, scratch):
    """Its files are asked for in vain."""
    daemon = make_daemon().start()
    with thawed(daemon):
        with Server(f"{scratch}/hanging", between(daemon, daemon.freeze)) as server:
            starts_as_without(container("soft", server.path, ("--timeout", "2")), "gave up after 2 s", SLOW)
            daemon.thaw()
            is_refused(container("strict", server.path, ("--timeout", "2", "--strict")), "gave up after 2 s", SLOW)


@pytest.mark.parametrize("strict", [(), ("--strict",)], ids=["soft", "strict"])
def test_a_daemon_that_dies_once_it_has_registered(container, make_daemon, scratch, strict):
    daemon = make_daemon().start()
    registered = between(daemon, daemon.kill)

    def answer(request):
        return registered(request) if request["op"] == "register" else b'{"ok":true}'

    with Server(f"{scratch}/dying", answer) as server:
        made = container("dying", server.path, strict)
        (is_refused if strict else starts_as_without)(made, "Transport endpoint is not connected", SLOW)


@pytest.mark.parametrize("strict", [(), ("--strict",)], ids=["soft", "strict"])
@pytest.mark.parametrize("when", ["before it is registered", "once it is registered"])
def test_a_container_that_dies(daemon, bundles, processes, scratch, when, strict):
    """Under the hook's hands: by its own asking the daemon we know where it is."""
    made = bundles.make("dies", ["sleep", "infinity"])
    runtime = made.start()
    until(lambda: made.exec("true").returncode == 0, "it runs")
    pid = made.pid()

    def end():
        os.kill(pid, signal.SIGKILL)
        runtime.wait(30)
        until(lambda: not os.path.exists(f"/proc/{pid}"), "it is gone")

    def answer(request):
        if request["op"] == "register" and when.startswith("before"):
            end()
        reply = control.call(daemon.socket, **request)
        if request["op"] == "register" and when.startswith("once"):
            end()
        return json.dumps(reply).encode()

    state = {"ociVersion": "1.0.2", "id": made.id, "status": "created", "pid": pid, "bundle": made.dir, "root": "/"}
    before = mounts()
    with Server(f"{scratch}/watching", answer) as server:
        result = processes.run(*WRAP, HOOK, "--socket", server.path, *strict, input=json.dumps(state))
    assert result.returncode == bool(strict)
    assert result.stderr.startswith(f"procvirt-hook: container {made.id}: "), result
    assert_one_line(result.stderr, "No such process", "has ended", SLOW)
    assert mounts() == before
    until(lambda: daemon.call(op="list")["containers"] == [], "it is forgotten")
