# SPDX-License-Identifier: Apache-2.0
"""Memory nodes, huge pages and /proc/vmstat: what a container has of them."""
import mmap
import os
import re
import signal

import pytest

from attacks import served
from figures import cpulist, meminfo, vmstat
from processes import read_line

MIB = 1 << 20
PAGE_KB = mmap.PAGESIZE // 1024
NODES = "/sys/devices/system/node"
HUGE = "/sys/kernel/mm/hugepages"


@pytest.fixture(autouse=True)
def has_nodes():
    if not os.path.exists(NODES + "/online"):
        pytest.skip("this kernel knows of no memory nodes")


def touch(process):
    """Lets one of probe's processes take its memory."""
    os.write(process.stdin.fileno(), b"\n")
    assert read_line(process) == "touched\n"


def counted(cgroup):
    """memory.stat's counters, with the descendants'."""
    v1 = cgroup.tree.version("memory") == 1
    with open(cgroup.dir("memory") + "/memory.stat") as file:
        pairs = dict(line.split() for line in file)
    return {key.removeprefix("total_"): int(value) for key, value in pairs.items() if not v1 or key.startswith("total_")}


def names_of(agent, mount):
    return sorted(name for name in agent(f"os.listdir('{mount}{NODES}')") if re.fullmatch(r"node\d+", name))


def of_nodes(agent, mount, name, parse):
    return [parse(agent.read(f"{mount}{NODES}/{node}/{name}")) for node in names_of(agent, mount)]


def node_meminfo(text):
    return meminfo(re.sub(r"^Node \d+ ", "", text, flags=re.M))


def summed(parts):
    return {key: sum(part[key] for part in parts) for key in parts[0]}


def test_nodes_are_the_hosts_without_a_cpuset(mount, group, processes):
    agent = processes.agent(group(memory=100 * MIB))
    with open(NODES + "/online") as file:
        online = file.read()
    assert agent.read(f"{mount}{NODES}/online") == agent.read(f"{mount}{NODES}/possible") == online
    assert names_of(agent, mount) == [f"node{node}" for node in sorted(cpulist(online), key=str)]
    for node in names_of(agent, mount):
        with open(f"{NODES}/{node}/distance") as file:
            assert agent.read(f"{mount}{NODES}/{node}/distance") == file.read()


@pytest.fixture
def nodes():
    """Those of the host that have memory; the machine of the tests has two."""
    with open(NODES + "/has_memory") as file:
        return sorted(cpulist(file.read()))


def test_nodes_are_those_of_the_cpuset(mount, group, processes, nodes):
    *others, node = nodes
    cgroup = group(memory=100 * MIB)
    agent = processes.agent(cgroup)
    cgroup.set("cpuset", {1: "cpuset.mems", 2: "cpuset.mems"}, node)
    assert agent.read(f"{mount}{NODES}/online") == agent.read(f"{mount}{NODES}/has_memory") == f"{node}\n"
    assert names_of(agent, mount) == [f"node{node}"]
    cpus = "/sys/devices/system/cpu"
    for cpu in cpulist(agent.read(f"{mount}{cpus}/online")):
        links = [name for name in agent(f"os.listdir('{mount}{cpus}/cpu{cpu}')") if name.startswith("node")]
        assert links == [f"node{node}"], "a CPU of another node belongs to the only one"
        assert agent(f"os.path.realpath('{mount}{cpus}/cpu{cpu}/node{node}')") == f"{mount}{NODES}/node{node}"
    assert agent.read(f"{mount}{NODES}/node{node}/distance") == "10\n"
    assert of_nodes(agent, mount, "meminfo", node_meminfo)[0]["MemTotal"] == 102400
    assert of_nodes(agent, mount, "cpulist", cpulist) == [os.sched_getaffinity(0)], "also those of the other node"
    for other in others:
        with pytest.raises(OSError):
            agent(f"os.stat('{mount}{NODES}/node{other}')")


def test_memory_lies_where_it_is(mount, group, processes, nodes):
    """Taken while only the last node was allowed."""
    cgroup = group(memory=200 * MIB)
    cgroup.set("cpuset", {1: "cpuset.mems", 2: "cpuset.mems"}, nodes[-1])
    agent, hand = processes.agent(cgroup), processes.hand("touch", 40, cgroup=cgroup)
    touch(hand)
    cgroup.set("cpuset", {1: "cpuset.mems", 2: "cpuset.mems"}, ",".join(map(str, nodes)))
    *others, last = of_nodes(agent, mount, "meminfo", node_meminfo)
    assert last["AnonPages"] >= 40960 and all(other["AnonPages"] < 40960 for other in others)
    assert summed([*others, last])["MemTotal"] == 204800


def test_nodes_have_the_containers_memory(mount, group, processes):
    cgroup = group(memory=100 * MIB)
    agent, hand = processes.agent(cgroup), processes.hand("touch", 40, cgroup=cgroup)
    touch(hand)
    memory = summed(of_nodes(agent, mount, "meminfo", node_meminfo))
    assert memory["MemTotal"] == 102400
    assert memory["MemUsed"] == memory["MemTotal"] - memory["MemFree"]
    assert 40960 <= memory["AnonPages"] <= memory["MemUsed"] <= 102400
    pages = summed(of_nodes(agent, mount, "vmstat", vmstat))
    assert pages["nr_anon_pages"] * PAGE_KB == pytest.approx(memory["AnonPages"], rel=0.05)
    assert all(text.split()[1::2] == ["0"] * 6 for text in of_nodes(agent, mount, "numastat", str))


def test_nodes_have_the_visible_cpus(mount, group, processes):
    cpus = sorted(os.sched_getaffinity(0))
    agent = processes.agent(group(quota=50000))
    assert set().union(*of_nodes(agent, mount, "cpulist", cpulist)) == {cpus[0]}
    maps = of_nodes(agent, mount, "cpumap", lambda text: int(text.replace(",", ""), 16))
    assert sum(maps) == 1 << cpus[0]


def test_vmstat_is_meminfo_in_pages(mount, group, processes):
    """One after the other, until both are of a moment at which nothing changed."""
    cgroup = group(memory=100 * MIB)
    agent, hand = processes.agent(cgroup), processes.hand("touch", 40, cgroup=cgroup)
    touch(hand)
    for _ in range(100):
        before, pages, memory = (agent.read(f"{mount}/proc/{name}") for name in ("meminfo", "vmstat", "meminfo"))
        if before == memory:
            break
    pages, memory = vmstat(pages), meminfo(memory)
    for name, field in {"nr_free_pages": "MemFree", "nr_anon_pages": "AnonPages", "nr_dirty": "Dirty",
                        "nr_inactive_anon": "Inactive(anon)", "nr_active_file": "Active(file)"}.items():
        assert pages[name] * PAGE_KB == memory[field], name
    assert pages["nr_anon_pages"] * PAGE_KB >= 40960


def test_vmstat_counts_what_happened_in_the_container(mount, group, processes):
    cgroup = group(memory=100 * MIB)
    agent, hand = processes.agent(cgroup), processes.hand("touch", 20, cgroup=cgroup)
    low, before = counted(cgroup), vmstat(agent.read(mount + "/proc/vmstat"))
    touch(hand)
    after, high = vmstat(agent.read(mount + "/proc/vmstat")), counted(cgroup)
    for name in set(high) & set(after):
        if name.startswith(("pg", "workingset_", "thp_")) and name not in ("pgpgin", "pgpgout"):
            assert low[name] <= before[name] <= after[name] <= high[name], name
    assert after["pgfault"] > before["pgfault"]
    with open("/proc/vmstat") as file:
        host = file.read()
    assert list(after) == list(vmstat(host)), "the host's lines in their order"
    assert after["pgalloc_normal"] == after["numa_hit"] == 0 and after["pgfault"] < vmstat(host)["pgfault"]


@pytest.mark.v1
def test_no_counter_goes_back(make_daemon, group, processes):
    """Neither when a nested cgroup goes, nor with the worker. (In v2 a cgroup with processes has none nested in it.)"""
    daemon = make_daemon().start()
    path = daemon.mount + "/proc/vmstat"
    agent = processes.agent(group("box", memory=200 * MIB))
    inner = group("box/inner")
    touch(processes.hand("touch", 20, cgroup=inner))
    texts = [agent.read(path)]
    inner.remove()
    texts.append(agent.read(path))
    os.kill(worker := served(daemon.pid), signal.SIGKILL)
    served(daemon.pid, but=(worker,))
    texts.append(agent.read(path))
    for before, after in zip(map(vmstat, texts), map(vmstat, texts[1:])):
        assert {name for name in after if not name.startswith("nr_") and after[name] < before[name]} == set()
    assert vmstat(texts[0])["pgfault"] > 0


def test_nothing_of_it_can_be_changed(mount, group, processes):
    agent = processes.agent(group(memory=100 * MIB))
    for size in agent(f"os.listdir('{mount}{HUGE}')"):
        for name in ("nr_hugepages", "nr_overcommit_hugepages"):
            with pytest.raises(OSError):
                agent(f"open('{mount}{HUGE}/{size}/{name}', 'w').write('1')")


def test_huge_pages_are_the_containers(mount, group, processes):
    if not os.path.isdir(HUGE):
        pytest.skip("this kernel has no huge pages")
    agent = processes.agent(group(memory=100 * MIB))
    assert sorted(agent(f"os.listdir('{mount}{HUGE}')")) == sorted(os.listdir(HUGE))
    for size in os.listdir(HUGE):
        names = set(os.listdir(f"{HUGE}/{size}")) - {"demote", "demote_size"}
        assert set(agent(f"os.listdir('{mount}{HUGE}/{size}')")) == names
        for name in names:
            assert agent.read(f"{mount}{HUGE}/{size}/{name}") == "0\n", "it uses none, and has no limit that says otherwise"
