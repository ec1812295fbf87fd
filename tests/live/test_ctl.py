# SPDX-License-Identifier: Apache-2.0
"""procvirtctl: containers that run already are brought in, repaired, and let go."""
import json
import re

import pytest

from bundle import Bundles
from daemon import CTL, WRAP
from figures import meminfo
from processes import until

MIB = 1 << 20
READ = ("cat", "/proc/meminfo")
CONTAINER = ("unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc")


def total(text):
    return meminfo(text)["MemTotal"]


@pytest.fixture
def host_total():
    with open("/proc/meminfo") as file:
        return total(file.read())


def start(bundles, name, **more):
    """A runc container in which nothing happens."""
    made = bundles.make(name, ["sleep", "infinity"], **{"memory": 256 * MIB, **more})
    made.start()
    until(lambda: made.exec("true").returncode == 0, "it runs")
    return made


@pytest.fixture
def running(bundles):
    """running("name") is one without the hook."""
    return lambda name, **more: start(bundles, name, **more)


def first_child(agent):
    """The agent's number here: with a /proc of its own it is 1 to itself."""
    with open(f"/proc/{agent.process.pid}/task/{agent.process.pid}/children") as children:
        return int(children.read().split()[0])


class Island:
    """A pid namespace with a /proc of its own: all containers that are to be seen there are the test's."""

    def __init__(self, processes):
        self.processes, self.agent = processes, processes.agent(wrap=CONTAINER)
        self.enter = ("nsenter", "--target", first_child(self.agent), "--mount", "--pid")

    def start(self, *command, **options):
        return self.processes.start(*self.enter, *command, **options)

    def run(self, *command, **options):
        return self.processes.run(*self.enter, *command, **options)

    def ctl(self, daemon, *args):
        return self.run(*WRAP, CTL, "--socket", daemon.socket, *args)


@pytest.fixture
def island(processes):
    return Island(processes)


@pytest.fixture
def island_bundles(island, scratch, tree):
    bundles = Bundles(scratch, tree, island)
    yield bundles
    bundles.remove()


@pytest.fixture
def island_daemon(make_daemon, island):
    """island_daemon() starts one there; island_daemon(dead) the next one in its place."""
    def start_in(place=None):
        options = ("--socket", place.socket) if place else ()
        made = make_daemon(*options, wrap=tuple(map(str, island.enter)), mount=place and place.mount)
        made.socket = place.socket if place else made.socket
        return made.start()

    return start_in


def done(result, *words):
    assert result.returncode == 0, result
    assert all(word in result.stdout for word in words), result
    return result.stdout


def failed(result, *words, status=1):
    """With its status, and one line that says why."""
    assert result.returncode == status and result.stderr.count("\n") == 1, result
    assert all(word in result.stderr for word in words), result


def inside(container):
    result = container.exec(*READ)
    assert result.returncode == 0, result
    return total(result.stdout)


def mounts(pid):
    with open(f"/proc/{pid}/mountinfo") as table:
        return table.read()


def test_attach_and_detach(daemon, running, ctl, host_total):
    container = running("attached")
    pid, before = container.pid(), mounts(container.pid())
    assert inside(container) == host_total, "so the test can fail"
    done(ctl(daemon, "attach", pid), container.id.split("-")[-1], "files laid, 0 were there")
    assert inside(container) == 262144
    done(ctl(daemon, "attach", pid), " 0 files laid")
    assert inside(container) == 262144
    done(ctl(daemon, "detach", pid), "files taken away")
    assert inside(container) == host_total
    assert mounts(pid) == before, "no mount is left, and none of its own has gone"
    assert daemon.call(op="list")["containers"] == []
    failed(ctl(daemon, "detach", pid), "nothing of ours")


def test_detach_by_id(daemon, running, ctl, host_total):
    container = running("by-id")
    done(ctl(daemon, "attach", container.pid(), "--id", "some-id"), "some-id")
    failed(ctl(daemon, "detach", "some"), '"some"')
    done(ctl(daemon, "detach", "some-id"))
    assert inside(container) == host_total


def test_what_the_hook_laid_is_taken_away(daemon, bundles, ctl, host_total):
    container = bundles.make("hooked", ["sleep", "infinity"], hook=["--socket", daemon.socket, "--strict"],
                             memory=256 * MIB)
    container.start()
    until(lambda: container.exec("true").returncode == 0, "it runs")
    assert inside(container) == 262144
    assert done(ctl(daemon, "attach", container.pid())).startswith(container.id + ","), "it keeps its id"
    done(ctl(daemon, "detach", container.id))
    assert inside(container) == host_total and "fuse.procvirt" not in mounts(container.pid())


def test_options(daemon, running, ctl):
    """They hold until others are wished for; an attach without any changes nothing."""
    def listed():
        (entry,) = json.loads(done(ctl(daemon, "list", "--json")))
        return entry["cpu-count"], entry["renumber-cpus"]

    container = running("options", quota=50000)
    done(ctl(daemon, "attach", container.pid(), "--cpu-count=cpuset", "--renumber-cpus"))
    assert listed() == ("cpuset", True)
    done(ctl(daemon, "attach", container.pid()))
    assert listed() == ("cpuset", True)
    done(ctl(daemon, "attach", container.pid(), "--cpu-count", "shares"))
    assert listed() == ("shares", True)


def test_list(daemon, group, processes, ctl):
    agent = processes.agent(group("shown"))
    daemon.register("shown", agent.pid, **{"renumber-cpus": True})
    head, row = done(ctl(daemon, "list")).splitlines()
    assert head.split() == ["ID", "PID", "UID", "CPU-COUNT", "RENUMBER", "CGROUP"]
    assert row.split()[:5] == ["shown", str(agent.pid), "0", "quota", "yes"]
    assert row.split()[5].endswith("/shown")
    (entry,) = json.loads(done(ctl(daemon, "list", "--json")))
    assert entry["id"] == "shown" and entry["pid"] == agent.pid and entry["uid"] == 0
    assert entry["cgroup"] == row.split()[5]


def test_a_long_list_comes_in_parts(daemon, group, processes, ctl):
    """A message holds no more than 64 KiB."""
    agent = processes.agent(group("x" * 200))
    names = [f"{number:0>250}" for number in range(150)]
    for name in names:
        daemon.register(name, agent.pid)
    assert "next" in daemon.call(op="list")
    assert [entry["id"] for entry in json.loads(done(ctl(daemon, "list", "--json")))] == names


def test_repair_after_a_crash(island, island_daemon, island_bundles, host_total):
    """Of one that was attached before by another name, and of one that nobody knew."""
    first = island_daemon()
    known = start(island_bundles, "known")
    unknown = start(island_bundles, "unknown", memory=128 * MIB)
    pids = {container: container.pid() for container in (known, unknown)}
    done(island.ctl(first, "attach", pids[known], "--id", "a-name"))
    assert inside(known) == 262144 and inside(unknown) == host_total
    first.kill()
    assert known.exec(*READ).returncode != 0, "the mounts are dead"
    second = island_daemon(first)
    assert known.exec(*READ).returncode != 0, "and stay so until they are repaired"
    lines = done(island.ctl(second, "attach", "--all"), "2 containers found")
    for container, size in ((known, 262144), (unknown, 131072)):
        line = rf"^{container.cgroup.split('/')[-1]}, process {pids[container]}: [1-9]\d* files laid, 0 were there$"
        assert re.search(line, lines, re.M), lines
        assert inside(container) == size
        assert container.exec("grep", "-c", " /proc/meminfo ", "/proc/self/mountinfo").stdout == "1\n", "none below"
    done(island.ctl(second, "detach", "known"))
    assert inside(known) == host_total and inside(unknown) == 131072


def test_all_with_one_that_fails(island, island_daemon, island_bundles, group, processes):
    """The others are attached all the same."""
    daemon = island_daemon()
    enter = tuple(map(str, island.enter))
    hopeless = processes.agent(group("hopeless"), wrap=(*enter, *CONTAINER))
    hopeless.do("output('mount', '--bind', '/etc/hostname', '/proc/meminfo')")
    twin = processes.agent(group("good", memory=64 * MIB), wrap=(*enter, *CONTAINER))
    container = start(island_bundles, "good")
    result = island.ctl(daemon, "attach", "--all")
    assert result.returncode == 1 and "3 containers found" in result.stdout, result
    failed(result, "hopeless", "/proc/meminfo: something else is mounted over it")
    assert inside(container) == 262144
    assert total(twin.read("/proc/meminfo")) == 65536
    names = [entry["id"] for entry in json.loads(done(island.ctl(daemon, "list", "--json")))]
    assert len(names) == 2, "the hopeless one did not stay"
    assert all(re.fullmatch(r"good(-\d+)?", name) for name in names), "each has an id of its own"
    again = island.ctl(daemon, "attach", "--all").stdout
    assert all(re.search(rf"^{re.escape(name)}, .*: 0 files laid", again, re.M) for name in names), again


def test_detach_without_a_daemon(make_daemon, running, ctl, host_total):
    daemon = make_daemon().start()
    container = running("orphan")
    before = mounts(container.pid())
    done(ctl(daemon, "attach", container.pid()))
    daemon.kill()
    failed(ctl(daemon, "attach", container.pid()), "does not run")
    failed(ctl(daemon, "detach", "orphan"), "does not run")
    done(ctl(daemon, "detach", container.pid()))
    assert inside(container) == host_total and mounts(container.pid()) == before


def test_nothing_else_is_taken_away(daemon, running, processes, ctl):
    """What somebody bound over our file stays, and so does our tree where somebody bound it elsewhere."""
    container = running("bound")
    pid = container.pid()
    done(ctl(daemon, "attach", pid, "--id", "bound"))
    enter = ("nsenter", "--target", pid, "--mount", "--pid")
    processes.output(*enter, "mount", "--bind", "/etc/hostname", "/proc/uptime")
    failed(ctl(daemon, "detach", "bound"), "/proc/uptime: something else is mounted over it")
    assert mounts(pid).count(" /proc/uptime ") == 2 and " /proc/meminfo " not in mounts(pid)
    assert [entry["id"] for entry in daemon.call(op="list")["containers"]] == ["bound"], "it can be tried again"
    processes.output(*enter, "umount", "/proc/uptime")
    done(ctl(daemon, "detach", "bound"), "1 files taken away")


def test_beneath_what_is_read_only(daemon, bundles, ctl):
    """Engines bind /proc/sys over itself, with what the hook has laid there."""
    def open_files():
        return int(container.exec("cat", "/proc/sys/fs/file-nr").stdout.split()[0])

    container = bundles.make("read-only", ["sleep", "infinity"], hook=["--socket", daemon.socket, "--strict"])
    container.change(lambda config: config["linux"].update(readonlyPaths=["/proc/sys"]))
    container.start()
    until(lambda: container.exec("true").returncode == 0, "it runs")
    for command, shows in (("attach", 0), ("detach", 1), ("attach", 0), ("detach", 1)):
        done(ctl(daemon, command, container.pid()))
        assert min(open_files(), 1) == shows
    assert container.exec("sh", "-c", "cd /proc/sys/fs; cat aio-max-nr > aio-max-nr").returncode != 0, "still read-only"


HIDDEN = "/proc/stat", "/sys/dev/block"


def count_mounts(pid):
    """On the hidden ones."""
    return [mounts(pid).count(f" {path} ") for path in HIDDEN]


def test_what_an_engine_hides_stays_hidden(daemon, bundles, ctl, host_total):
    """Through the hook, detach, attach and detach: nothing is laid there, and what hides it is never touched."""
    container = bundles.make("masked", ["sleep", "infinity"], hook=["--socket", daemon.socket, "--strict"], memory=256 * MIB)
    container.change(lambda config: config["linux"].update(maskedPaths=list(HIDDEN)))
    container.start()
    until(lambda: container.exec("true").returncode == 0, "it runs")
    pid = container.pid()
    for command, size in (("detach", host_total), ("attach", 262144), ("detach", host_total)):
        assert inside(container) != size and count_mounts(pid) == [1, 1]
        done(ctl(daemon, command, pid))
        assert inside(container) == size and count_mounts(pid) == [1, 1]
        assert container.exec("cat", "/proc/stat").stdout == container.exec("ls", "/sys/dev/block").stdout == ""
    assert "fuse.procvirt" not in mounts(pid)


def test_the_host_is_no_container(daemon, group, processes, ctl):
    agent = processes.agent(group())
    failed(ctl(daemon, "attach", agent.pid), "is no container")
    assert daemon.call(op="list")["containers"] == [], "it does not stay registered"


WRONG = [
    (), ("dance",), ("--wings",), ("attach",), ("attach", "1", "2"), ("attach", "1", "--all"), ("attach", "x"),
    ("attach", "-1"), ("attach", "0"), ("attach", "--all", "--id", "x"), ("attach", "1", "--cpu-count=many"),
    ("detach",), ("detach", "a", "b"), ("list", "x"),
]


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_wrong_use(daemon, ctl, arguments):
    failed(ctl(daemon, *arguments), "--help", status=2)


def test_version_and_help(processes):
    assert processes.output(CTL, "--version").startswith("procvirtctl ")
    assert all(name in processes.output(CTL, "--help") for name in ("attach", "detach", "list", "status", "upgrade"))
    assert "--cpu-count" in processes.output(CTL, "attach", "--help")


def test_a_process_that_is_not_there(daemon, ctl, processes):
    gone = processes.start("true")
    gone.wait()
    failed(ctl(daemon, "attach", gone.pid), str(gone.pid))
    failed(ctl(daemon, "detach", gone.pid), str(gone.pid))


def test_the_cgroup_tree_in_a_shape(daemon, running, ctl):
    """Asked for, it is laid; it stays through a repair that does not say so, and goes with the rest."""
    made = running("shape")
    name, pid = "/sys/fs/cgroup/memory.max", str(made.pid())
    assert made.exec("cat", name).returncode != 0
    for options in (["--cgroup-shape=v2"], []):
        assert ctl(daemon, "attach", *options, pid).returncode == 0
        assert made.exec("cat", name).stdout.strip() == str(256 * MIB)
    assert [c["cgroup-shape"] for c in json.loads(ctl(daemon, "list", "--json").stdout)] == ["v2"]
    assert ctl(daemon, "detach", pid).returncode == 0
    assert made.exec("cat", name).returncode != 0
    assert ctl(daemon, "attach", "--cgroup-shape=3", pid).returncode == 2
