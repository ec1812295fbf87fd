# SPDX-License-Identifier: Apache-2.0
"""Containers in user namespaces that the daemon knows nothing of: userns-remap, and what a container makes itself."""
import pytest

from cgroups import Cgroup
from daemon import CTL, WRAP
from figures import Stat, meminfo
from processes import until

MIB = 1 << 20


def total(text):
    return meminfo(text)["MemTotal"]


@pytest.fixture
def container(daemon, bundles):
    """container("name") runs in a user namespace of runc's making; with hook=None without our files."""
    def start(name, **more):
        more = {"hook": ["--socket", daemon.socket, "--strict"], "memory": 256 * MIB, **more}
        made = bundles.make(name, ["sleep", "infinity"], user_namespace=True, **more)
        made.start()
        until(lambda: made.exec("true").returncode == 0, "it runs")
        return made

    return start


def inside(container, *command):
    result = container.exec(*command)
    assert result.returncode == 0, result
    return result.stdout


def uid_of(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("Uid:"))


def test_laid_files_of_a_remapped_container(container):
    made = container("remapped")
    assert uid_of(made.pid()) == 100000, "so it is one"
    assert total(inside(made, "cat", "/proc/meminfo")) == 262144
    assert Stat(inside(made, "cat", "/proc/stat")).numbers()
    assert "online" in inside(made, "ls", "/sys/devices/system/cpu")
    as_user = made.runc("exec", "--user", "1000:1000", made.id, "cat", "/proc/meminfo")
    assert as_user.returncode == 0 and total(as_user.stdout) == 262144
    nested = ("unshare", "--user", "--pid", "--fork")
    assert total(inside(made, *nested, "cat", "/proc/meminfo")) == 262144, "one that it makes itself"


def test_by_caller_from_a_remapped_container(daemon, container, processes, tree):
    """By the whole mount, as users of LXCFS do it: here in our mount namespace, with the container's users and pids."""
    made = container("by-caller", hook=None)
    enter = ("nsenter", "--target", made.pid(), "--user", "--pid", "--cgroup", "--wd=/")
    cgroup = Cgroup(tree, made.cgroup)
    read = ("cat", daemon.path("proc/meminfo"))
    assert total(processes.output(*enter, *read, cgroup=cgroup)) == 262144
    as_user = ("setpriv", "--reuid=1000", "--clear-groups")
    assert total(processes.output(*enter, *as_user, *read, cgroup=cgroup)) == 262144
    assert total(processes.output(*enter, "unshare", "--user", *read, cgroup=cgroup)) == 262144
    hidden = processes.run(*enter, "ls", daemon.path("containers"), cgroup=cgroup)
    assert hidden.returncode != 0 and "Permission denied" in hidden.stderr


def test_attach_to_a_remapped_container(daemon, container, processes):
    made = container("attached", hook=None)
    before = total(inside(made, "cat", "/proc/meminfo"))
    ctl = (*WRAP, CTL, "--socket", daemon.socket)
    processes.output(*ctl, "attach", made.pid(), "--id", "remapped")
    assert total(inside(made, "cat", "/proc/meminfo")) == 262144 != before
    processes.output(*ctl, "detach", "remapped")
    assert total(inside(made, "cat", "/proc/meminfo")) == before
