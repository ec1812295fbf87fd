# SPDX-License-Identifier: Apache-2.0
"""/sys/fs/cgroup: the container as the root of the tree, in the host's shape and in the other one, and what cannot be reached."""
import errno
import os
import signal
import stat

import pytest

from attacks import status
from processes import until

MIB = 1 << 20
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
V1_FILES = {"memory/memory.limit_in_bytes": str(64 * MIB), "cpu/cpu.cfs_quota_us": "50000",
            "cpu,cpuacct/cpu.cfs_period_us": "100000", "cpuacct/../cpu/cpu.cfs_quota_us": "50000"}
V2_FILES = {"memory.max": str(64 * MIB), "cpu.max": "50000 100000"}
FILES = {"v1": V1_FILES, "v2": V2_FILES}
PROCESSES = {"v1": "memory/init.scope/cgroup.procs", "v2": "init.scope/cgroup.procs"}
SHAPES = ("v1", "v2")


def text(path):
    with open(path) as file:
        return file.read()


def shaped(daemon, shape, group, processes, wrap=()):
    """A registered container of that shape; its tree and its init, which is in a cgroup within: v2 wants it so."""
    group("box", memory=64 * MIB, quota=50000)
    group("box/in", memory=32 * MIB)
    agent = processes.agent(group("box/init.scope"), wrap)
    reply = daemon.call(op="register", id="shaped", pid=agent.pid, options={"cgroup-shape": shape})
    assert "/sys/fs/cgroup" in reply["files"]
    return reply["path"] + "/sys/fs/cgroup", agent


@pytest.mark.parametrize("shape", SHAPES)
def test_limits_in_either_shape(daemon, group, processes, shape):
    top, _ = shaped(daemon, shape, group, processes)
    for name, expected in FILES[shape].items():
        assert text(f"{top}/{name}").strip() == expected, name
    other = FILES["v2" if shape == "v1" else "v1"]
    assert not any(os.path.exists(f"{top}/{name}") for name in other)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_file_can_be_read(daemon, group, processes, shape):
    top, _ = shaped(daemon, shape, group, processes)
    seen = 0
    for path, directories, names in os.walk(top):
        assert all(stat.S_ISDIR(os.stat(f"{path}/{name}").st_mode) for name in directories)
        for name in names:
            if not os.path.islink(f"{path}/{name}"):
                text(f"{path}/{name}")
                seen += 1
    assert seen > 30


def test_the_hosts_own_files(daemon, group, processes, tree):
    """Without a shape of its own a container has the host's, and it is not laid."""
    cgroup = group("box", memory=64 * MIB)
    agent = processes.agent(cgroup)
    reply = daemon.call(op="register", id="plain", pid=agent.pid)
    assert "/sys/fs/cgroup" not in reply["files"]
    top = reply["path"] + "/sys/fs/cgroup"
    controller = "/memory" if tree.version("memory") == 1 else ""
    names = set(os.listdir(top + controller)) & set(os.listdir(cgroup.dir("memory")))
    constant = [name for name in names if "limit" in name or name in ("memory.max", "memory.high", "cgroup.type")]
    assert constant
    for name in constant:
        assert text(f"{top}{controller}/{name}") == text(f"{cgroup.dir('memory')}/{name}"), name


def test_modes_of_the_hosts_own_files(daemon, group, processes):
    """Nobody may more than in the kernel's own tree, and all may read what they may read there."""
    cgroup = group("box", memory=64 * MIB)
    agent = processes.agent(cgroup)
    top = daemon.register("plain", agent.pid) + "/sys/fs/cgroup"
    compared = 0
    for path, _, names in os.walk(top):
        for name in names:
            info = os.lstat(f"{path}/{name}")
            assert (info.st_uid, info.st_gid, info.st_nlink) == (0, 0, 1), name
            for host in filter(os.path.exists, (f"{directory}/{name}" for directory in cgroup.dirs())):
                own = stat.S_IMODE(os.stat(host).st_mode)
                assert not stat.S_IMODE(info.st_mode) & ~own and info.st_mode & 0o444 == own & 0o444, name
                compared += 1
    assert compared > 20


@pytest.mark.parametrize("shape", SHAPES)
def test_the_tightest_limit_is_at_the_root(daemon, group, processes, shape):
    group("slice", memory=48 * MIB)
    agent = processes.agent(group("slice/box", memory=96 * MIB))
    daemon.call(op="register", id="tight", pid=agent.pid, options={"cgroup-shape": shape})
    name = {"v1": "memory/memory.limit_in_bytes", "v2": "memory.max"}[shape]
    assert text(f"{daemon.mount}/containers/tight/sys/fs/cgroup/{name}").strip() == str(48 * MIB)


@pytest.mark.parametrize("shape", SHAPES)
def test_cgroups_within(daemon, group, processes, shape):
    """They come and go, are listed and found, and their processes are their own."""
    top, _ = shaped(daemon, shape, group, processes)
    top += "/memory" if shape == "v1" else ""
    name = {"v1": "memory.limit_in_bytes", "v2": "memory.max"}[shape]
    inner = processes.agent(group("box/in"))
    assert text(f"{top}/in/{name}").strip() == str(32 * MIB)
    assert text(f"{top}/in/cgroup.procs").split() == [str(inner.pid)]
    assert str(inner.pid) not in text(f"{top}/cgroup.procs").split()
    assert not os.path.exists(f"{top}/later")
    later = group("box/later/deep", memory=16 * MIB)
    assert set(os.listdir(top)) >= {"in", "later"}
    assert text(f"{top}/later/deep/{name}").strip() == str(16 * MIB)
    with open(f"{top}/later/deep/{name}") as kept:
        later.remove()
        assert not os.path.exists(f"{top}/later/deep")
        with pytest.raises(OSError) as error:
            kept.read()
    assert error.value.errno in (errno.ENOENT, errno.ESRCH)


OWN_PIDS = ("unshare", "--pid", "--fork")


@pytest.mark.parametrize("shape", SHAPES)
def test_processes_as_their_reader_numbers_them(daemon, group, processes, shape):
    top, agent = shaped(daemon, shape, group, processes, wrap=OWN_PIDS)
    own = f"{daemon.mount}/sys/fs/cgroup/{PROCESSES[shape]}"
    seen = agent(f"text('{own}')").split()
    assert "1" in seen and str(agent.pid) not in seen, "in its own pid namespace it is the first process"
    assert str(agent.pid) in text(f"{top}/{PROCESSES[shape]}").split(), "on the host it has the host's number"
    with open(f"{top}/{PROCESSES[shape]}") as file:
        others = processes.output(*OWN_PIDS, "cat", stdin=file)
    assert set(others.split()) <= {"0"}, "another namespace sees nobody of it, whoever opened the file"


def test_a_user_reads_and_nobody_writes(daemon, group, processes):
    cgroup = group("box", memory=64 * MIB)
    shape = "/memory" if os.path.isdir(cgroup.dir("memory")) and cgroup.tree.version("memory") == 1 else ""
    name = "memory.limit_in_bytes" if shape else "memory.max"
    path = f"{daemon.mount}/sys/fs/cgroup{shape}"
    assert processes.output(*NOBODY, "cat", f"{path}/{name}", cgroup=cgroup) == f"{64 * MIB}\n"
    for command in (["sh", "-c", f"echo 1 > {path}/{name}"], ["mkdir", f"{path}/mine"], ["rm", f"{path}/{name}"],
                    ["sh", "-c", f"echo $$ > {path}/cgroup.procs"]):
        for who in ((), NOBODY):
            assert processes.run(*who, *command, cgroup=cgroup).returncode != 0, command
    assert text(f"{cgroup.dir('memory')}/{name}") == f"{64 * MIB}\n"


def test_by_caller_nobody_reaches_a_neighbour(daemon, group, processes):
    """What one container may open by name leads another one to its own, or nowhere."""
    memory = {1: "/memory", 2: ""}[group().tree.version("memory")]
    top = f"{daemon.mount}/sys/fs/cgroup{memory}"
    name = "memory.limit_in_bytes" if memory else "memory.max"
    group("one", memory=64 * MIB)
    group("other", memory=32 * MIB)
    group("one/secret", memory=16 * MIB)
    one, other = group("one/init.scope"), group("other/init.scope")
    mine, theirs = processes.agent(one), processes.agent(other)
    daemon.register("one", mine.pid)
    daemon.register("other", theirs.pid)
    assert mine(f"text('{top}/secret/{name}')").strip() == str(16 * MIB)
    assert theirs(f"text('{top}/{name}')").strip() == str(32 * MIB)
    assert theirs(f"os.path.exists('{top}/secret')") is False
    for escape in ("../..", "secret", "secret/..", "../one", "one", "other/../../one"):
        assert theirs(f"os.path.exists('{top}/{escape}/secret/{name}')") is False, escape
    # A directory that was handed over, as by SCM_RIGHTS: the same inode, asked by somebody else.
    held = mine(f"os.open('{top}/secret', os.O_PATH)")
    handed = f"/proc/{mine.pid}/fd/{held}/{name}"
    assert processes.output("cat", handed, cgroup=one).strip() == str(16 * MIB)
    result = processes.run("cat", handed, cgroup=other)
    assert result.returncode != 0 and not result.stdout


def test_cgroups_outlive_a_worker(make_daemon, group, processes):
    """The next worker finds a cgroup again by the number that the kernel holds."""
    daemon = make_daemon().start()
    top, _ = shaped(daemon, "v2", group, processes)
    directory = os.open(f"{top}/in", os.O_PATH)
    try:
        before = status(daemon)["worker"]
        os.kill(before, signal.SIGKILL)
        until(lambda: status(daemon)["worker"] != before, "another one serves")
        file = os.open("memory.max", os.O_RDONLY, dir_fd=directory)
        assert os.read(file, 100).strip() == str(32 * MIB).encode()
        os.close(file)
    finally:
        os.close(directory)


CGROUPS = {"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["nosuid", "noexec", "nodev", "ro"]}


LAID = [("v2", "memory.max", False), ("v1", "memory/memory.limit_in_bytes", True), (None, "memory.max", False)]


@pytest.mark.parametrize("shape, name, mounted", LAID, ids=("v2", "v1 over cgroups", "none"))
def test_laid_over_a_container(daemon, bundles, shape, name, mounted):
    """By annotation, over the container's own cgroups too; without one those stay, and show no limit at their root."""
    made = bundles.make(f"laid-{shape}", ["cat", f"/sys/fs/cgroup/{name}"], memory=64 * MIB,
                        hook=["--strict", "--socket", daemon.socket],
                        annotations={"procvirt.dev/cgroup-shape": shape} if shape else {})
    if mounted:
        made.change(lambda config: config["mounts"].append(CGROUPS))
    result = made.run()
    assert (result.returncode, result.stdout.strip()) == ((0, str(64 * MIB)) if shape else (1, "")), result


def host_tree(*options):
    """The host's own, as a volume."""
    return {"destination": "/sys/fs/cgroup", "type": "bind", "source": "/sys/fs/cgroup", "options": ["rbind", "rprivate", *options]}


OWN = "/sys/fs/cgroup/cgroup.procs", "/sys/fs/cgroup/memory/cgroup.procs"
SEEN = f"""
grep -q " /sys/fs/cgroup .* - fuse.procvirt " /proc/self/mountinfo && echo ours || echo the kernel\\'s
for file in {' '.join(OWN)}; do test ! -e $file || cat $file; done | wc -l
"""
PLACES = {
    "read-only": (host_tree("rro"), None, True),
    "writable": (host_tree(), None, False),
    "read-only, to be kept": (host_tree("rro"), "kernel", False),
    "its own": (CGROUPS, None, False),
}


@pytest.mark.parametrize("place", PLACES)
def test_laid_where_the_hosts_would_be_seen(daemon, bundles, place):
    """Unless it may write there, or the annotation says otherwise. What is laid knows the container's processes alone."""
    mount, shape, laid = PLACES[place]
    made = bundles.make("host", ["sh", "-c", SEEN], memory=64 * MIB, hook=["--strict", "--socket", daemon.socket],
                        annotations={"procvirt.dev/cgroup-shape": shape} if shape else {})
    made.change(lambda config: (config["mounts"].append(mount), config["linux"]["namespaces"].append({"type": "cgroup"})))
    result = made.run()
    assert result.returncode == 0, result
    who, processes = result.stdout.split("\n")[:2]
    assert who == ("ours" if laid else "the kernel's")
    if laid:
        assert 1 <= int(processes) <= 4, "those of this script"


# Where a program looks that has its path from the kernel.
BY_PATH = """
for line in $(cat /proc/self/cgroup); do
  case $line in
    *:memory:*) cat "/sys/fs/cgroup/memory${line#*:memory:}/memory.limit_in_bytes" ;;
    0::*) test ! -e /sys/fs/cgroup/memory.max || cat "/sys/fs/cgroup${line#0::}/memory.max" ;;
  esac
done
"""


def test_attached_where_the_hosts_are_seen(daemon, bundles, ctl):
    """
    procvirtctl decides as the hook does, and what it laid it takes away. The container has no cgroup namespace: the
    paths that it knows are those from the host's root.
    """
    made = bundles.make("late", ["sleep", "infinity"], memory=64 * MIB)
    made.change(lambda config: config["mounts"].append(host_tree("rro")))
    made.start()
    until(lambda: made.exec("true").returncode == 0, "it runs")

    def control(*words):
        result = ctl(daemon, *words)
        assert result.returncode == 0, result
        return made.exec("sh", "-c", SEEN).stdout.split("\n")[0]

    pid = str(made.pid())
    assert control("attach", "--cgroup-shape=kernel", pid) == "the kernel's"
    assert control("attach", "--cgroup-shape=host", pid) == "ours"
    assert control("attach", pid) == "ours"
    assert made.exec("sh", "-c", BY_PATH).stdout == f"{64 * MIB}\n"
    assert control("detach", pid) == "the kernel's"
