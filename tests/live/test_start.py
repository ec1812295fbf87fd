# SPDX-License-Identifier: Apache-2.0
"""The daemon's beginning and end: options, configuration, errors, signals, what a crash leaves."""
import contextlib
import errno
import glob
import os
import signal
import socket
import struct

import pytest

from daemon import DAEMON, is_mounted
from figures import meminfo
from processes import until

MIB = 1 << 20
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


def refused(result, status, *words):
    """One clear line on standard error, and the status."""
    assert result.returncode == status, result
    assert result.stderr.startswith("procvirtd: ") and result.stderr.count("\n") == 1, result.stderr
    assert all(word in result.stderr for word in words), result.stderr
    assert result.stdout == ""


@contextlib.contextmanager
def in_the_background(daemon):
    """Started without --foreground: it returns when the files are there. Who listens on the socket is its pid."""
    result = daemon.run()
    assert result.returncode == 0, result
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
        client.connect(daemon.socket)
        pid, _, _ = struct.unpack("3i", client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    try:
        yield pid
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        until(lambda: not os.path.exists(f"/proc/{pid}"), "it ended")


def test_version_and_help(processes):
    version = processes.run(DAEMON, "--version")
    assert version.returncode == 0 and version.stdout.startswith("procvirtd ")
    help_ = processes.run(DAEMON, "--help")
    assert help_.returncode == 0
    for option in "foreground fd-store log-level config socket cgroup unknown cpu-count renumber-cpus version".split():
        assert "--" + option in help_.stdout


@pytest.mark.parametrize("arguments, words", [
    (["--wings"], ["wings"]),
    (["--unknown=perhaps"], ["unknown", "perhaps"]),
    (["--cpu-count=many"], ["cpu-count", "many"]),
    (["--log-level=loud"], ["log-level", "loud"]),
    (["one-mount-point-too-many"], ["mount point"]),
])
def test_wrong_use(make_daemon, arguments, words):
    refused(make_daemon().run("--foreground", *arguments), 2, *words)


def test_no_mount_point(processes):
    refused(processes.run(DAEMON, "--foreground"), 2, "mount point")


@pytest.mark.parametrize("config, words", [
    ("[procvirtd]\nwings=true\n", ["wings"]),
    ("[procvirtd]\nunknown=perhaps\n", ["unknown", "perhaps"]),
    ("[procvirtd]\nrenumber-cpus=perhaps\n", ["renumber-cpus", "perhaps"]),
    ("[someone]\nunknown=host\n", ["someone"]),
    ("no key file", []),
])
def test_bad_configuration(make_daemon, config, words):
    daemon = make_daemon(config=config)
    refused(daemon.run("--foreground"), 1, daemon.config, *words)


def test_a_configuration_that_was_named_must_be_there(make_daemon):
    daemon = make_daemon()
    os.unlink(daemon.config)
    refused(daemon.run("--foreground"), 1, daemon.config)


def test_the_configuration_is_used_and_options_win(make_daemon, group, processes):
    cpus = sorted(os.sched_getaffinity(0))
    agent = processes.agent(group(quota=50000, cpus=cpus[-1]))
    config = "[procvirtd]\nrenumber-cpus=true\ncpu-count=cpuset\nlog-level=debug\nunknown=host\n"
    daemon = make_daemon(config=config).start()
    assert agent.read(daemon.mount + "/sys/devices/system/cpu/online") == "0\n"
    other = make_daemon("--renumber-cpus=false", config=config).start()
    assert agent.read(other.mount + "/sys/devices/system/cpu/online") == f"{cpus[-1]}\n"


def test_not_root(make_daemon, processes, scratch):
    daemon = make_daemon()
    os.mkdir(daemon.mount, 0o777)
    copy = scratch + "/procvirtd-for-nobody"
    with open(DAEMON, "rb") as source, open(copy, "wb") as target:
        target.write(source.read())
    os.chmod(copy, 0o755)
    command = [copy, "--foreground", "--config", daemon.config, "--socket", daemon.socket, daemon.mount]
    refused(processes.run(*NOBODY, *command), 1, "root")


def test_no_fuse_device(make_daemon):
    daemon = make_daemon(wrap=("unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /dev && exec "$@"', "sh"))
    refused(daemon.run("--foreground"), 1, "/dev/fuse")


def test_a_mount_point_whose_parent_is_missing(make_daemon, scratch):
    daemon = make_daemon(mount=scratch + "/missing/mount")
    refused(daemon.run("--foreground"), 1, daemon.mount)
    assert not os.path.exists(scratch + "/missing")


def test_a_mount_point_that_is_a_file(make_daemon, scratch):
    daemon = make_daemon(mount=scratch + "/a-file")
    with open(daemon.mount, "w"):
        pass
    refused(daemon.run("--foreground"), 1, daemon.mount)


def test_the_mount_point_is_made(make_daemon):
    daemon = make_daemon()
    assert not os.path.exists(daemon.mount)
    daemon.start()
    assert is_mounted(daemon.mount)
    daemon.stop()


def test_a_second_daemon_is_refused(make_daemon, group, processes):
    first = make_daemon().start()
    refused(make_daemon(mount=first.mount).run("--foreground"), 1, first.mount)
    agent = processes.agent(group(memory=100 * MIB))
    assert meminfo(agent.read(first.mount + "/proc/meminfo"))["MemTotal"] == 102400, "the first is undisturbed"
    assert first.call(op="list")["ok"]


def test_a_second_daemon_on_the_same_socket_is_refused(make_daemon):
    first = make_daemon().start()
    second = make_daemon("--socket", first.socket)
    refused(second.run("--foreground"), 1, first.socket)
    assert not is_mounted(second.mount), "it leaves nothing behind"
    assert first.call(op="list")["ok"]


def test_a_dead_mount_and_a_dead_socket_are_cleaned(make_daemon, group, processes):
    first = make_daemon().start()
    first.kill()
    with pytest.raises(OSError) as error:
        os.listdir(first.mount)
    assert error.value.errno == errno.ENOTCONN
    assert os.path.exists(first.socket)
    second = make_daemon("--socket", first.socket, mount=first.mount)
    second.socket = first.socket
    second.start()
    agent = processes.agent(group(memory=100 * MIB))
    assert meminfo(agent.read(first.mount + "/proc/meminfo"))["MemTotal"] == 102400
    assert second.call(op="list")["ok"]
    second.stop()
    assert not is_mounted(first.mount), "neither its own nor the dead one"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_unmounts(make_daemon, group, processes, number):
    """Also while files are open and somebody stands in the mount."""
    daemon = make_daemon().start()
    agent = processes.agent(group(memory=100 * MIB))
    agent(f"globals().update(fd=open_file('{daemon.mount}/proc/meminfo'))")
    agent.do(f"os.chdir('{daemon.mount}/proc')")
    os.kill(daemon.pid, number)
    assert daemon.process.wait(30) == 0, daemon.log()
    assert not is_mounted(daemon.mount)
    assert not os.path.exists(daemon.socket)
    with pytest.raises(OSError) as error:
        agent("whole(fd)")
    assert error.value.errno in (errno.ENOTCONN, errno.ECONNABORTED, errno.EIO)
    agent.do("os.chdir('/')")


def test_unmounted_from_outside(make_daemon, processes):
    """Somebody else unmounts: nothing is left to serve, so it ends in good order."""
    daemon = make_daemon().start()
    processes.output("umount", daemon.mount)
    assert daemon.process.wait(30) == 0, daemon.log()


def test_it_says_when_it_is_ready(make_daemon, scratch):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.bind(scratch + "/notify")
        supervisor.settimeout(30)
        daemon = make_daemon(env={"NOTIFY_SOCKET": scratch + "/notify"}).start()
        assert "READY=1" in supervisor.recv(4096).decode().splitlines()
        assert os.path.exists(daemon.mount + "/proc/meminfo")
        daemon.stop()
        assert "STOPPING=1" in supervisor.recv(4096).decode().splitlines()
    os.unlink(scratch + "/notify")


@pytest.fixture
def own_cgroup(tree):
    """A name below ours. The daemon makes it in more hierarchies than the tests use: at the end it is gone in each."""
    name = tree.make("own").name + "/daemon"
    yield name
    while name != "/":
        for path in glob.glob(f"/sys/fs/cgroup{name}") + glob.glob(f"/sys/fs/cgroup/*{name}"):
            with contextlib.suppress(OSError):  # the top of ours has others below it
                os.rmdir(path)
        name = os.path.dirname(name)


def test_a_cgroup_of_its_own(make_daemon, own_cgroup):
    """Keeper and workers are in it, in each hierarchy but v1's cpuset, where a new cgroup has no CPUs."""
    daemon = make_daemon("--cgroup", own_cgroup).start()
    assert len(daemon.family()) >= 2
    for pid in daemon.family():
        with open(f"/proc/{pid}/cgroup") as file:
            paths = dict(line.rstrip().split(":", 2)[1:] for line in file)
        own = {names for names, path in paths.items() if path == own_cgroup}
        assert own and (own == {""} or {"memory", "pids"} <= own), paths
    daemon.stop()


def test_a_cgroup_that_cannot_be_entered(make_daemon):
    """It says so and serves."""
    daemon = make_daemon("--cgroup", "/cgroup.procs/x").start()
    assert "cgroup.procs/x" in daemon.log() and os.path.exists(daemon.mount + "/proc/meminfo")


def test_in_the_background(make_daemon, group, processes):
    daemon = make_daemon()
    with in_the_background(daemon) as pid:
        agent = processes.agent(group(memory=100 * MIB))
        assert meminfo(agent.read(daemon.mount + "/proc/meminfo"))["MemTotal"] == 102400
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        assert int(fields[3]) == pid and int(fields[4]) == 0, "a session of its own, without a terminal"
    until(lambda: not is_mounted(daemon.mount), "it is unmounted")


def test_in_the_background_errors_are_told_too(make_daemon, scratch):
    refused(make_daemon(mount=scratch + "/missing/mount").run(), 1, "missing")


def test_descriptors_do_not_grow(make_daemon, group, processes):
    """Callers from fifty cgroups that are gone again leave nothing open for ever."""
    daemon = make_daemon().start()

    def descriptors():
        return len(os.listdir(f"/proc/{daemon.pid}/fd"))

    agent = processes.agent(group("aside"))
    assert agent.read(daemon.mount + "/proc/meminfo")
    before = descriptors()
    for i in range(50):
        cgroup = group(f"c{i}", memory=100 * MIB)
        cgroup.add(agent.pid)
        for file in ("meminfo", "stat", "swaps", "loadavg"):
            assert agent.read(f"{daemon.mount}/proc/{file}")
        group("aside").add(agent.pid)
        cgroup.remove()
    seen = []

    def closed():
        seen.append(descriptors())
        return seen[-1] <= before + 10

    until(closed, (before, seen), 60)
