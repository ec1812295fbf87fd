# SPDX-License-Identifier: Apache-2.0
"""Real containers made by runc, with the hook: the files lie over the container's own."""
import json
import os
import tempfile

import pytest

from daemon import HOOK, WRAP
from figures import meminfo
from processes import PYTHON, until

MIB = 1 << 20
READ = ("cat", "/proc/meminfo")
LAID = ("/proc/meminfo", "/proc/stat", "/proc/cpuinfo", "/proc/uptime", "/proc/loadavg", "/proc/swaps")


def total(result):
    assert result.returncode == 0, result
    return meminfo(result.stdout)["MemTotal"]


@pytest.fixture
def host_total():
    with open("/proc/meminfo") as file:
        return meminfo(file.read())["MemTotal"]


@pytest.fixture
def container(daemon, bundles):
    """container("name", args, "--strict", memory=…) makes one with the hook; .log is the hook's."""
    def make(name, args, *options, socket=None, **more):
        log = tempfile.mkdtemp(prefix=f"hook-{name}-", dir=bundles.scratch) + "/log"
        hook = ["--socket", socket or daemon.socket, "--log", log, *options]
        made = bundles.make(name, args, hook=hook, **{"memory": 256 * MIB, **more})
        made.log = log
        return made

    return make


def logged(container):
    if not os.path.exists(container.log):
        return ""
    with open(container.log) as file:
        return file.read()


def test_without_the_hook_it_reads_the_hosts(bundles, host_total):
    """So the tests below can fail."""
    assert total(bundles.make("plain", READ, memory=256 * MIB).run()) == host_total


STAGES = [("createRuntime",), ("prestart",), ("prestart", "createRuntime")]


@pytest.mark.parametrize("stages", STAGES, ids="+".join)
def test_with_the_hook_it_reads_its_own(container, stages):
    """Both stages fire in old runtimes' configurations: the second finds all done."""
    made = container("stages", ["sh", "-c", "cat /proc/meminfo; grep -c ' /proc/meminfo ' /proc/self/mountinfo >&2"],
                     "--strict", stages=stages)
    result = made.run()
    assert total(result) == 262144
    assert result.stderr.strip() == "1", "one mount, not two"
    assert logged(made) == ""


@pytest.mark.parametrize("how", ["read_only", "user_namespace"])
def test_roots_of_other_kinds(container, how):
    assert total(container(how.replace("_", "-"), READ, "--strict", **{how: True}).run()) == 262144


def test_read_only_root_in_a_user_namespace(container):
    assert total(container("both", READ, "--strict", read_only=True, user_namespace=True).run()) == 262144


def test_every_file_is_laid_and_locked_down(container):
    script = "for f in %s /sys/devices/system/cpu; do grep \" $f \" /proc/self/mountinfo; done" % " ".join(LAID)
    result = container("laid", ["sh", "-c", script], "--strict").run()
    lines = result.stdout.splitlines()
    assert len(lines) == len(LAID) + 1, result
    for line in lines:
        options, kind = line.split()[5].split(","), line.split(" - ")[1]
        assert kind.startswith("fuse"), line
        assert {"nosuid", "nodev", "noexec"} <= set(options), line


VIEWS = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
import figures
views = figures.cpu_views(lambda path: open(path).read(), os.listdir, "")
print(json.dumps({name: sorted(view) for name, view in views.items()}))
"""


def views(container, name, **more):
    """All CPU files as the container sees them; figures.py is handed in by the bundle's work directory."""
    made = container(name, [PYTHON, "-B", "-c", VIEWS, "/bundle"], "--strict", **more)
    with open(os.path.dirname(__file__) + "/figures.py") as source, open(made.work + "/figures.py", "w") as target:
        target.write(source.read())
    result = made.run()
    assert result.returncode == 0, result
    return {tuple(view) for view in json.loads(result.stdout).values()}


def test_cpus_by_quota_and_annotation(container):
    cpus = sorted(os.sched_getaffinity(0))
    if len(cpus) < 2:
        pytest.skip("this host has one CPU")
    assert views(container, "quota", quota=50000) == {(cpus[0],)}
    assert views(container, "cpuset", cpus=str(cpus[1])) == {(cpus[1],)}
    annotations = {"procvirt.dev/cpu-count": "cpuset"}
    assert views(container, "counted", quota=50000, annotations=annotations) == {tuple(cpus)}
    annotations = {"procvirt.dev/renumber-cpus": "true"}
    assert views(container, "renumbered", cpus=str(cpus[1]), annotations=annotations) == {(0,)}


def test_disabled_by_annotation(container, host_total):
    made = container("disabled", READ, "--strict", annotations={"procvirt.dev/enable": "false"})
    assert total(made.run()) == host_total
    assert logged(made) == ""


BAD = [("procvirt.dev/cpu-count", "many"), ("procvirt.dev/wings", "true"), ("procvirt.dev/enable", "perhaps")]


@pytest.mark.parametrize("name, value", BAD)
def test_a_bad_annotation_is_named_and_the_container_starts(container, name, value):
    made = container("annotated", READ, annotations={name: value})
    assert made.run().returncode == 0
    assert name in logged(made)
    assert logged(made).count("\n") == 1


def test_a_bad_annotation_stops_it_when_strict(container):
    made = container("strict", READ, "--strict", annotations={"procvirt.dev/cpu-count": "many"})
    result = made.run()
    assert result.returncode != 0 and "MemTotal" not in result.stdout


def test_no_daemon(container, scratch, host_total):
    """The container starts and reads the host's figures; a line in the log says so."""
    made = container("alone", READ, socket=scratch + "/no-daemon")
    assert total(made.run()) == host_total
    assert scratch + "/no-daemon" in logged(made) and logged(made).count("\n") == 1


def test_no_daemon_when_strict(container, scratch):
    result = container("alone-strict", READ, "--strict", socket=scratch + "/no-daemon").run()
    assert result.returncode != 0 and "MemTotal" not in result.stdout


def test_a_daemon_that_died(container, make_daemon, host_total):
    """Its socket is there, nobody listens."""
    dead = make_daemon().start()
    dead.kill()
    made = container("dead", READ, socket=dead.socket)
    assert total(made.run()) == host_total
    assert logged(made).count("\n") == 1


def test_registered_while_it_lives(daemon, container):
    made = container("lives", ["sleep", "infinity"], "--strict")
    made.start()
    until(lambda: made.exec("true").returncode == 0, "it runs")
    listed = daemon.call(op="list")["containers"]
    assert [entry["id"] for entry in listed] == [made.id]
    assert total(made.exec(*READ)) == 262144, "an exec'd process sees the container"
    with open(daemon.path("containers", made.id, "proc/meminfo")) as file:
        assert meminfo(file.read())["MemTotal"] == 262144
    made.runc("kill", made.id, "KILL")
    until(lambda: daemon.call(op="list")["containers"] == [], "it is forgotten")


def test_a_changed_limit_in_a_running_container(container):
    made = container("changes", ["sleep", "infinity"], "--strict")
    made.start()
    until(lambda: made.exec("true").returncode == 0, "it runs")
    for size in (128, 300):
        made.processes.output("runc", "--root", made.state, "update", "--memory", size * MIB, made.id)
        assert total(made.exec(*READ)) == size * 1024


def test_a_dead_daemon_leaves_a_clear_error_and_a_new_container_is_right(container, make_daemon):
    """The running container's files answer with an errno, not with an empty text."""
    first = make_daemon().start()
    made = container("survivor", ["sleep", "infinity"], "--strict", socket=first.socket)
    made.start()
    until(lambda: made.exec("true").returncode == 0, "it runs")
    first.kill()
    result = made.exec(*READ)
    assert result.returncode != 0 and result.stdout == "" and "not connected" in result.stderr
    second = make_daemon("--socket", first.socket, mount=first.mount)
    second.socket = first.socket
    second.start()
    assert total(container("next", READ, "--strict", socket=first.socket).run()) == 262144


def test_the_hook_alone(processes, daemon, bundles):
    """What it says of states that cannot be right."""
    def hook(state, *options):
        return processes.run(*WRAP, HOOK, "--socket", daemon.socket, *options, input=state)

    bundle = bundles.make("unused", ["true"]).dir
    assert processes.run(HOOK, "--version").returncode == 0
    assert processes.run(HOOK, "--wings").returncode == 2
    for state in ("", "{", "[]", '{"ociVersion":"1.0.2"}'):
        assert hook(state).returncode == 0 and hook(state).stderr.count("\n") == 1
        assert hook(state, "--strict").returncode == 1
    state = {"ociVersion": "1.0.2", "id": "x", "status": "created", "pid": 1, "bundle": bundle}
    assert "createRuntime" in hook(json.dumps(state), "--strict").stderr, "a stage at which it cannot work"
