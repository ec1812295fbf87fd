# SPDX-License-Identifier: Apache-2.0
"""Whose figures: the four steps, in real namespaces."""
import errno

import pytest

from cgroups import Cgroup
from figures import Stat, meminfo, uptime
from processes import patient

MIB = 1 << 20
PID_NAMESPACE = ("unshare", "--pid", "--fork", "--kill-child")
TIME_NAMESPACE = (*PID_NAMESPACE, "--mount-proc", "--time", "--boottime", "1000000")


def total(text):
    return meminfo(text)["MemTotal"]


def child(agent, cgroup, file, probe):
    """What a child of the agent's reads that has gone into a cgroup."""
    return agent(f"output({probe!r}, 'enter', *{cgroup.dirs()!r}, '--', 'cat', {file!r})")


@pytest.fixture
def seat(tree, group):
    """Where processes of a cgroup that has children are: in version 2 no cgroup has both, so init is in init.scope."""
    return lambda path: group(path + "/init.scope" if tree.version("memory") == 2 else path)


def test_own_cgroup(mount, group, seat, processes, probe):
    inner = group("outer/inner", memory=50 * MIB)
    group("outer", memory=300 * MIB)
    agent = processes.agent(seat("outer"))
    assert total(agent.read(mount + "/proc/meminfo")) == 307200
    assert total(child(agent, inner, mount + "/proc/meminfo", probe)) == 51200


def test_registered_boundary(daemon, group, seat, processes, probe):
    group("outer", memory=300 * MIB)
    inner = group("outer/inner", memory=50 * MIB)
    agent, file = processes.agent(seat("outer")), daemon.mount + "/proc/meminfo"
    daemon.register("outer", agent.pid)
    assert total(child(agent, inner, file, probe)) == 307200, "the registered cgroup, not the nested one"
    innermost = group("outer/inner/innermost", memory=20 * MIB)
    nested = processes.agent(seat("outer/inner"))
    daemon.register("inner", nested.pid)
    assert total(child(agent, innermost, file, probe)) == 51200, "the longest registered path wins"
    daemon.call(op="forget", id="inner")
    daemon.call(op="forget", id="outer")
    assert total(child(agent, innermost, file, probe)) == 20480


def test_init_of_the_pid_namespace(mount, group, seat, processes, probe):
    group("outer", memory=300 * MIB)
    inner = group("outer/inner", memory=50 * MIB)
    agent = processes.agent(seat("outer"), wrap=PID_NAMESPACE)
    assert agent("os.getpid()") == 1
    assert total(agent.read(mount + "/proc/meminfo")) == 307200
    assert total(child(agent, inner, mount + "/proc/meminfo", probe)) == 307200, "its init's cgroup, not its own"


def test_init_scope_is_not_the_container(mount, group, processes, probe):
    """systemd in a container puts itself into init.scope, and others beside it."""
    group("outer", memory=300 * MIB)
    scope = group("outer/init.scope", memory=10 * MIB * 10)
    service = group("outer/system.slice", memory=50 * MIB)
    agent = processes.agent(scope, wrap=PID_NAMESPACE)
    assert total(agent.read(mount + "/proc/meminfo")) == 307200
    assert total(child(agent, service, mount + "/proc/meminfo", probe)) == 307200


def test_nested_pid_namespaces(mount, group, seat, processes, probe):
    group("outer", memory=300 * MIB)
    inner = group("outer/inner", memory=50 * MIB)
    agent = processes.agent(seat("outer"), wrap=PID_NAMESPACE)
    nested = f"output({probe!r}, 'enter', *{inner.dirs()!r}, '--', *{PID_NAMESPACE!r}, 'cat', '{mount}/proc/meminfo')"
    assert total(agent(nested)) == 51200, "a container in a container has an init of its own"


def cgroup_mounts(tree):
    """A shell line that mounts the cgroups again, so that the namespace's root is at the top."""
    line = "mount -t tmpfs none /sys/fs/cgroup"
    for hierarchy in tree.hierarchies:
        if "memory" in hierarchy.controllers or hierarchy.version == 2:
            kind = "cgroup2 none" if hierarchy.version == 2 else "cgroup -o memory none"
            path = hierarchy.path
            line += f" && mkdir -p {path} && mount -t {kind} {path}"
    return line


def nested_from_within(top):
    """As an engine in a container does it: the container leaves its own cgroup, which then hands its controllers on."""
    return (f"mkdir {top}/init.scope {top}/inner && echo 0 >{top}/init.scope/cgroup.procs"
            f" && echo +memory >{top}/cgroup.subtree_control && echo {50 * MIB} >{top}/inner/memory.max")


def test_root_of_the_cgroup_namespace(mount, tree, group, processes, probe):
    """No pid namespace of its own, as with --pid=host; the cgroup mount tells where the container ends."""
    outer, top = group("outer", memory=300 * MIB), tree.of("memory").path
    if tree.version("memory") == 1:
        inner, nest = group("outer/inner", memory=50 * MIB), "true"
    else:
        inner, nest = Cgroup(tree, outer.name + "/inner"), nested_from_within(top)
    script = f"{cgroup_mounts(tree)} && {nest} && exec {probe} enter {top}/inner -- cat {mount}/proc/meminfo"
    command = ("unshare", "--cgroup", "--mount", "sh", "-c", script)
    assert total(processes.output(*command, cgroup=outer)) == 307200
    plain = ("sh", "-c", f"exec cat {mount}/proc/meminfo")
    assert total(processes.output(*plain, cgroup=inner)) == 51200, "without the namespace it would be the nested one"


@pytest.mark.v1
def test_a_thread_in_another_cgroup(mount, tree, group, processes):
    here, there = group("here", memory=100 * MIB), group("there", memory=300 * MIB)
    agent = processes.agent(here)
    agent.do("globals().update(thread=Thread())")
    tid = agent("thread.id")
    assert tid != agent.pid
    if tree.version("memory") != 1:
        pytest.skip("version 2 moves threads only within one memory cgroup")
    there.add_thread(tid, [name for h in tree.hierarchies if h.version == 1 for name in h.controllers])
    assert total(agent(f"thread.call(text, '{mount}/proc/meminfo')")) == 307200, "the thread's own cgroup"
    assert total(agent.read(mount + "/proc/meminfo")) == 102400


def test_time_namespace_uptime_is_the_kernels(mount, group, processes):
    """The container shares our mount namespace's FUSE mount but its clock is a million seconds ahead."""
    unshared = processes.start(*TIME_NAMESPACE, "/usr/bin/python3", "-B", "-c", TIME_SCRIPT, mount, cgroup=group())
    out, _ = unshared.communicate(timeout=patient(60))
    assert unshared.returncode == 0
    before, served, after, btime, btime_served = out.decode().split("|")
    before, served, after = (uptime(text)[0] for text in (before, served, after))
    assert before > 1000000 * 100
    assert before <= served <= after
    assert Stat(btime).line["btime"] == pytest.approx(Stat(btime_served).line["btime"], abs=1)


TIME_SCRIPT = """
import sys
files = "/proc/uptime", sys.argv[1] + "/proc/uptime", "/proc/uptime", "/proc/stat", sys.argv[1] + "/proc/stat"
print("|".join(open(file).read() for file in files), end="")
"""


@pytest.mark.parametrize("unknown", ["error", "host"])
def test_a_caller_from_outside_the_daemons_pid_namespace(make_daemon, group, processes, unknown):
    """It has no pid there (0). The daemon answers with an error, or the host's figures where it was told so."""
    options = () if unknown == "error" else ("--unknown=host",)
    daemon = make_daemon(*options, wrap=(*PID_NAMESPACE, "--mount-proc")).start()
    meminfo = f"/proc/{daemon.pid}/root{daemon.mount}/proc/meminfo"  # its /proc, and so its mounts, are its own
    agent = processes.agent(group(memory=100 * MIB))
    if unknown == "error":
        with pytest.raises(OSError) as error:
            agent.read(meminfo)
        assert error.value.errno == errno.ESRCH
    else:
        with open("/proc/meminfo") as file:
            assert total(agent.read(meminfo)) == total(file.read())
    daemon.stop()
