# SPDX-License-Identifier: Apache-2.0
"""Whose figures, where containers share namespaces: pods, --pid=host, nested engines. On pure version 2."""
import json

import pytest

from figures import meminfo

MIB = 1 << 20
PID_NAMESPACE = ("unshare", "--pid", "--fork", "--kill-child")
# A cgroup namespace with its root mounted, as an engine gives it to a container; then the command.
MOUNT = 'mount -t tmpfs none /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup && exec "$@"'
OWN_ROOT = ("unshare", "--cgroup", "--mount", "sh", "-c", MOUNT, "sh")


def total(agent, mount):
    return meminfo(agent.read(mount + "/proc/meminfo"))["MemTotal"]


def within(agent):
    """In the agent's pid namespace, as containers of a pod that share it."""
    return ("nsenter", "--target", str(agent.pid), "--pid")


@pytest.fixture
def pod(group, processes):
    """Its first process, which is the pid namespace's init."""
    group("pod", memory=400 * MIB)
    return processes.agent(group("pod/pause", memory=64 * MIB), wrap=PID_NAMESPACE)


def test_two_containers_in_one_pid_namespace(pod, mount, group, processes):
    """Each has a cgroup namespace, and nobody has registered them."""
    small = processes.agent(group("pod/small", memory=100 * MIB), wrap=(*within(pod), *OWN_ROOT))
    large = processes.agent(group("pod/large", memory=300 * MIB), wrap=(*within(pod), *OWN_ROOT))
    assert small("os.readlink('/proc/self/ns/pid')") == large("os.readlink('/proc/self/ns/pid')")
    for _ in range(3):
        assert total(small, mount) == 102400
        assert total(large, mount) == 307200
    assert total(pod, mount) == 65536


def test_two_registered_containers_in_one_pid_namespace(pod, daemon, group, processes):
    """Without cgroup namespaces only the registration can tell them from the pod's first process."""
    small = processes.agent(group("pod/small", memory=100 * MIB), wrap=within(pod))
    large = processes.agent(group("pod/large", memory=300 * MIB), wrap=within(pod))
    assert total(small, daemon.mount) == total(large, daemon.mount) == 65536, "the init's, as long as nobody knows them"
    paths = [daemon.register(name, agent.pid) for name, agent in (("small", small), ("large", large))]
    assert [pinned(path) for path in paths] == [102400, 307200]
    assert total(small, daemon.mount) == 102400
    assert total(large, daemon.mount) == 307200
    assert total(pod, daemon.mount) == 65536


def pinned(path):
    with open(path + "/proc/meminfo") as file:
        return meminfo(file.read())["MemTotal"]


@pytest.mark.parametrize("wrap", [(), ("unshare", "--cgroup"), OWN_ROOT], ids=["none", "unmounted", "mounted"])
@pytest.mark.parametrize("pids", [(), PID_NAMESPACE], ids=["host-pid", "own-pid"])
def test_with_and_without_a_cgroup_namespace(mount, group, processes, wrap, pids):
    group("outer", memory=300 * MIB)
    agent = processes.agent(group("outer/inner", memory=100 * MIB), wrap=(*pids, *wrap))
    assert total(agent, mount) == 102400


def test_a_user_namespace_that_nobody_told_of(mount, group, processes):
    """As root in one, with its own cgroup and pid namespaces."""
    wrap = ("unshare", "--user", "--map-root-user", "--pid", "--fork", "--cgroup")
    agent = processes.agent(group(memory=100 * MIB), wrap=wrap)
    assert agent("open('/proc/self/uid_map').read().split()[0]") == "0"
    assert total(agent, mount) == 102400


def test_below_a_registered_container_it_is_that_container(daemon, group, processes):
    """An engine in a container: its own containers have pid and cgroup namespaces, but nobody registered them."""
    group("outer", memory=300 * MIB)
    init = processes.agent(group("outer/init.scope"), wrap=PID_NAMESPACE)
    daemon.register("outer", init.pid)
    nested = processes.agent(group("outer/nested", memory=50 * MIB), wrap=(*within(init), *PID_NAMESPACE, *OWN_ROOT))
    assert total(init, daemon.mount) == total(nested, daemon.mount) == 307200
    daemon.register("nested", nested.pid)
    assert total(nested, daemon.mount) == 51200, "the longest registered path wins"
    assert total(init, daemon.mount) == 307200


def edited(container, change):
    """The bundle's config.json, changed."""
    with open(container.dir + "/config.json") as file:
        config = json.load(file)
    change(config)
    with open(container.dir + "/config.json", "w") as file:
        json.dump(config, file)
    return container


def host_pids(config):
    config["linux"]["namespaces"] = [entry for entry in config["linux"]["namespaces"] if entry["type"] != "pid"]


def cgroup_namespace(config):
    config["linux"]["namespaces"].append({"type": "cgroup"})
    config["mounts"].append({"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["ro"]})


def read_only(config):
    config["root"]["readonly"] = True


CHANGES = {"as it is": [], "host-pid": [host_pids], "cgroup-namespace": [cgroup_namespace],
           "both": [host_pids, cgroup_namespace], "read-only": [read_only, cgroup_namespace]}


@pytest.mark.parametrize("runtime", ["runc", "crun"])
@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
def test_a_runtimes_container(daemon, bundles, processes, runtime, changes):
    """What the hook laid."""
    log = bundles.scratch + "/hook-of-a-runtime"
    hook = ["--strict", "--socket", daemon.socket, "--log", log]
    made = bundles.make("shared", ["cat", "/proc/meminfo"], hook=hook, memory=256 * MIB)
    for change in changes:
        edited(made, change)
    said = processes.run(runtime, "--root", made.state, "run", "--bundle", made.dir, made.id)
    assert said.returncode == 0, (said, open(log).read())
    assert meminfo(said.stdout)["MemTotal"] == 262144
