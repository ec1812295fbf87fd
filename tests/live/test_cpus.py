# SPDX-License-Identifier: Apache-2.0
"""Which CPUs a container sees: every file says the same."""
import errno
import os

import pytest

from cgroups import write
from figures import cpu_views, cpulist

PERIOD = 100000
SYSTEM = "/sys/devices/system/cpu"


def online():
    with open(SYSTEM + "/online") as file:
        return sorted(cpulist(file.read()))


def needs_two():
    if len(online()) < 2:
        pytest.skip("this host has one CPU")
    return online()


def agent_views(agent, mount):
    return cpu_views(agent.read, lambda path: agent(f"os.listdir({path!r})"), mount)


def agreed(views):
    """The set that all show."""
    first = views["online"]
    assert all(view == first for view in views.values()), views
    return sorted(first)


@pytest.mark.parametrize("quota, count", [(50000, 1), (100000, 1), (100001, 2), (150000, 2), (199000, 2), (1000, 1)])
def test_quota(mount, group, processes, quota, count):
    cpus = needs_two()
    cgroup = group()
    agent = processes.agent(cgroup)  # before the limit: at a hundredth of a CPU it would take long to start
    cgroup.limit(quota=quota, period=PERIOD)
    assert agreed(agent_views(agent, mount)) == cpus[:count]


def test_no_quota_shows_the_hosts(mount, group, processes):
    assert agreed(agent_views(processes.agent(group(quota=-1)), mount)) == online()


@pytest.mark.parametrize("which", [0, 1])
def test_cpuset_keeps_the_physical_numbers(mount, group, processes, which):
    cpu = needs_two()[which]
    agent = processes.agent(group(cpus=cpu))
    assert agreed(agent_views(agent, mount)) == [cpu]
    assert agent("sorted(os.sched_getaffinity(0))") == [cpu]


def test_the_tighter_of_quota_and_cpuset(mount, group, processes):
    cpus = needs_two()
    group("parent", quota=50000)
    agent = processes.agent(group("parent/child", cpus=f"{cpus[0]},{cpus[1]}"))
    assert agreed(agent_views(agent, mount)) == cpus[:1], "the parent's quota counts"


def test_a_changed_quota_is_seen_everywhere(mount, group, processes):
    cpus = needs_two()
    cgroup = group(quota=50000)
    agent = processes.agent(cgroup)
    for quota, count in ((50000, 1), (200000, 2), (100000, 1), (-1, len(cpus))):
        cgroup.limit(quota=quota)
        assert agreed(agent_views(agent, mount)) == cpus[:count]


def test_a_hidden_cpu_is_not_there(mount, group, processes):
    """One container's look-up, remembered by the kernel, must not become another's answer; neither way."""
    cpus = needs_two()
    narrow, wide = processes.agent(group("narrow", quota=50000)), processes.agent(group("wide"))
    path = f"{mount}{SYSTEM}/cpu{cpus[1]}"
    for name in (path, path + "/topology", path + "/topology/core_id"):
        for _ in range(2):
            wide(f"os.stat({name!r}).st_mode")
            with pytest.raises(OSError) as error:
                narrow(f"os.stat({name!r}).st_mode")
            assert error.value.errno == errno.ENOENT
        wide(f"os.stat({name!r}).st_mode")
    with pytest.raises(OSError) as error:
        narrow(f"text('{path}/topology/core_id')")
    assert error.value.errno == errno.ENOENT


def test_topology_and_caches_are_of_visible_cpus_only(mount, group, processes):
    cpus = needs_two()
    agent = processes.agent(group(quota=50000))
    one = f"{mount}{SYSTEM}/cpu{cpus[0]}"
    for name in agent(f"os.listdir('{one}/topology')"):
        if name.endswith("_list"):
            assert cpulist(agent.read(f"{one}/topology/{name}")) == {cpus[0]}, name
    caches = [name for name in agent(f"os.listdir('{one}/cache')") if name.startswith("index")]
    assert len(caches) == len([n for n in os.listdir(f"{SYSTEM}/cpu{cpus[0]}/cache") if n.startswith("index")])
    for name in caches:
        assert cpulist(agent.read(f"{one}/cache/{name}/shared_cpu_list")) == {cpus[0]}


def test_cpuinfo_counts_what_is_visible(mount, group, processes):
    needs_two()
    text = processes.agent(group(quota=50000)).read(mount + "/proc/cpuinfo")
    fields = dict(tuple(part.strip() for part in line.split(":", 1)) for line in text.splitlines() if ":" in line)
    for name in {"siblings", "cpu cores"} & set(fields):
        assert fields[name] == "1", name


def test_nothing_is_offline(mount, group, processes):
    """A machine of its own has no CPUs but those that it has."""
    cpus = needs_two()
    agent = processes.agent(group(quota=50000))
    assert cpulist(agent.read(f"{mount}{SYSTEM}/offline")).isdisjoint(cpus)
    assert cpulist(agent.read(f"{mount}{SYSTEM}/isolated")).isdisjoint(cpus[1:])


def test_renumbered_by_the_daemons_option(make_daemon, group, processes):
    cpus = needs_two()
    daemon = make_daemon("--renumber-cpus").start()
    agent = processes.agent(group(cpus=cpus[1]))
    assert agreed(agent_views(agent, daemon.mount)) == [0]
    with pytest.raises(OSError) as error:
        agent(f"os.stat('{daemon.mount}{SYSTEM}/cpu{cpus[1]}').st_mode")
    assert error.value.errno == errno.ENOENT


def test_counted_by_the_daemons_option(make_daemon, group, processes):
    cpus = needs_two()
    agent = processes.agent(group(quota=50000))
    daemon = make_daemon("--cpu-count=cpuset").start()
    assert agreed(agent_views(agent, daemon.mount)) == cpus


def test_counted_by_shares(make_daemon, tree, group, processes):
    cpus = needs_two()
    cgroup = group()
    agent = processes.agent(cgroup)
    daemon = make_daemon("--cpu-count=shares").start()
    # OCI runtimes turn 1024 shares into a weight of 39, 2048 into 79.
    for shares, weight, count in ((1024, 39, 1), (2048, 79, 2), (512, 20, 1)):
        if tree.version("cpu") == 1:
            write(cgroup.dir("cpu") + "/cpu.shares", shares)
        else:
            write(cgroup.dir("cpu") + "/cpu.weight", weight)
        assert agreed(agent_views(agent, daemon.mount)) == cpus[:count]


def test_options_of_one_container(daemon, group, processes):
    cpus = needs_two()[:2]
    agent = processes.agent(group("one", quota=50000, cpus=f"{cpus[0]},{cpus[1]}"))
    other = processes.agent(group("other", cpus=cpus[1]))
    pinned = daemon.register("wide", agent.pid, **{"cpu-count": "cpuset"})
    renumbered = daemon.register("renumbered", other.pid, **{"renumber-cpus": True})
    assert agreed(agent_views(agent, daemon.mount)) == cpus
    assert agreed(agent_views(agent, pinned)) == cpus, "pinned and by caller"
    assert agreed(agent_views(other, daemon.mount)) == [0]
    assert agreed(agent_views(agent, renumbered)) == [0], "pinned: whoever reads"
