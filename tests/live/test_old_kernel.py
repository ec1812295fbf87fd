# SPDX-License-Identifier: Apache-2.0
"""
Linux 5.4, the oldest that we promise. `tests/run live-old` runs the whole suite under old_kernel; here is
shown that it refuses what it should, that the fallbacks are what then runs, and that they are as strict.
"""
import json
import os
import re

import pytest

from daemon import OLD_KERNEL, sanitizers
from figures import meminfo
from processes import PYTHON

MIB = 1 << 20
PID_NAMESPACE = ("unshare", "--pid", "--fork", "--kill-child")
# Leaks cannot be looked for under ptrace.
STRACE = ("strace", "--follow-forks", "--string-limit=200")
NO_PTRACE = pytest.mark.skipif("thread" in sanitizers(), reason="ThreadSanitizer is slow under ptrace")

# Of calls that came after 5.4, and of later additions to older ones: what an old kernel answers. The arguments are such
# that a new kernel answers otherwise.
CALLS = """
import ctypes, errno, fcntl, json, os
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    ctypes.set_errno(0)
    libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments))
    return errno.errorcode.get(ctypes.get_errno(), "none")
def ioctl(fd, request):
    return call(16, fd, request, 1)
own, pidfd = os.open("/proc/self/ns/pid", os.O_RDONLY), os.pidfd_open(os.getpid())
print(json.dumps({
    "clone3": call(435, 0, 0), "openat2": call(437, -100, 0, 0, 24), "pidfd_getfd": call(438, -1, -1, 0),
    "faccessat2": call(439, -1, 0, 0, 0), "close_range": call(436, 3, 2, 0), "mount_setattr": call(442, -1, 0, 0, 0, 0),
    "epoll_pwait2": call(441, -1, 0, 0, 0, 0, 0), "statmount": call(457, 0, 0, 0, 1),
    "pidfd_open": call(434, os.getpid(), 0), "PIDFD_NONBLOCK": call(434, os.getpid(), os.O_NONBLOCK),
    "NS_GET_NSTYPE": ioctl(own, 0xb703), "NS_GET_TGID_FROM_PIDNS": ioctl(own, 0x8004b707),
    "PIDFD_GET_INFO": ioctl(pidfd, 0xc040ff0b),
    "GRND_NONBLOCK": call(318, 0, 0, 1), "GRND_INSECURE": call(318, 0, 0, 4),
    "memfd_create": call(319, 0, 1), "MFD_NOEXEC_SEAL": call(319, 0, 8),
    "open_tree": call(428, -1, 2, 0), "prctl": call(157, 3, 0), "PR_SET_VMA": call(157, 0x53564d41, 0, 0, 0, 0),
}))
"""
OLD = {
    **dict.fromkeys(("clone3", "openat2", "pidfd_getfd", "faccessat2", "close_range", "mount_setattr", "epoll_pwait2",
                     "statmount"), "ENOSYS"),
    "pidfd_open": "none", "PIDFD_NONBLOCK": "EINVAL",
    "NS_GET_NSTYPE": "none", "NS_GET_TGID_FROM_PIDNS": "ENOTTY", "PIDFD_GET_INFO": "ENOTTY",
    "GRND_NONBLOCK": "none", "GRND_INSECURE": "EINVAL", "memfd_create": "EFAULT", "MFD_NOEXEC_SEAL": "EINVAL",
    "open_tree": "EFAULT", "prctl": "none", "PR_SET_VMA": "EINVAL",
}


def errors(processes, *wrap):
    return json.loads(processes.output(*wrap, PYTHON, "-B", "-c", CALLS))


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers of older calls are those of x86-64")
def test_it_answers_as_an_old_kernel(processes):
    assert errors(processes, OLD_KERNEL) == OLD
    here = errors(processes)
    older = {name for name in OLD if here[name] == OLD[name]}
    assert {"pidfd_open", "NS_GET_NSTYPE", "GRND_NONBLOCK", "memfd_create", "open_tree", "prctl"} <= older
    assert here["openat2"] != "ENOSYS", "this kernel has it, so it is the filter that has not"


def test_it_becomes_its_command(processes):
    assert processes.run(OLD_KERNEL, "sh", "-c", "exit 7").returncode == 7
    assert processes.run(OLD_KERNEL, "/no/such/program").returncode == 127
    assert processes.run(OLD_KERNEL).returncode == 2


def traced(file, call):
    """How it was answered, each time: "0", "-1 ENOSYS"…"""
    with open(file) as trace:
        return re.findall(rf"\b{call}\(.* = (-1 E\w+|-?\d+)", trace.read())


@NO_PTRACE
def test_the_hook_falls_back(daemon, bundles):
    """Files that are found step by step lie as firmly as others: nosuid, nodev, noexec and of no peer group."""
    trace = bundles.scratch + "/old-hook-trace"
    wrap = ("/usr/bin/strace", *STRACE[1:], f"--output={trace}", "--trace=openat2,mount_setattr,move_mount", OLD_KERNEL)
    script = "cat /proc/meminfo; grep fuse.procvirt /proc/self/mountinfo >&2"
    hook = ["--socket", daemon.socket, "--strict"]
    made = bundles.make("old-hook", ["sh", "-c", script], hook=hook, memory=256 * MIB, wrap=wrap, leaks=False)
    result = made.run()
    assert result.returncode == 0 and meminfo(result.stdout)["MemTotal"] == 262144, result
    laid = [line.split() for line in result.stderr.splitlines()]
    assert len(laid) >= 7
    for line in laid:
        assert {"nosuid", "nodev", "noexec"} <= set(line[5].split(",")) and line[6] == "-", line
    assert len(traced(trace, "openat2")) >= len(laid) and set(traced(trace, "openat2")) == {"-1 ENOSYS"}
    assert set(traced(trace, "mount_setattr")) == {"-1 ENOSYS"}
    assert traced(trace, "move_mount") == ["0"] * len(laid)


@NO_PTRACE
def test_the_daemon_falls_back(make_daemon, scratch, group, processes):
    """Who is the init of a pid namespace it finds in /proc; the host's files step by step."""
    trace = scratch + "/old-daemon-trace"
    wrap = (*STRACE, f"--output={trace}", "--trace=openat2,mount_setattr,ioctl", OLD_KERNEL)
    daemon = make_daemon(wrap=wrap, leaks=False).start()
    group("outer", memory=300 * MIB)
    inner = group("outer/inner", memory=50 * MIB)
    agent = processes.agent(group("outer"), wrap=PID_NAMESPACE)
    script = f"output({processes.probe!r}, 'enter', *{inner.dirs()!r}, '--', 'cat', '{daemon.mount}/proc/meminfo')"
    assert meminfo(agent(script))["MemTotal"] == 307200, "its init's cgroup, not its own"
    for name in ("stat", "cpuinfo", "uptime", "loadavg", "swaps"):
        assert agent.read(daemon.path("proc", name))
    daemon.stop()
    assert set(traced(trace, "openat2")) == {"-1 ENOSYS"}
    assert set(traced(trace, "mount_setattr")) == {"-1 ENOSYS"}
    with open(trace) as file:
        asked = [line for line in file if "NS_GET_TGID_FROM_PIDNS" in line or "0xb7, 0x7" in line]
    assert asked and all("ENOTTY" in line for line in asked), asked


def test_the_mount_is_of_no_peer_group(make_daemon):
    """Also where / is shared, as on most hosts: what a container mounts on its file must not appear in our tree."""
    daemon = make_daemon(wrap=("unshare", "--mount", "--propagation=shared", "--fork")).start()
    with open(f"/proc/{daemon.pid}/mountinfo") as file:
        lines = {line.split()[4]: line.split() for line in file}
    assert any(field.startswith("shared:") for field in lines["/"]), "so that this test can fail"
    assert lines[daemon.mount][6] == "-", lines[daemon.mount]
