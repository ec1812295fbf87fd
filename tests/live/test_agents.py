# SPDX-License-Identifier: Apache-2.0
"""Agents that read every file there is: node_exporter, collectd, atop, sysstat's collectors, hwloc and htop.

In a container of 256 MiB and half of one CPU.
"""
import json
import os
import re
import shutil
import xml.etree.ElementTree

import pytest

from bundle import Bundles
from daemon import HERE
from figures import meminfo
from processes import PYTHON, Processes

AGENTS = os.environ.get("PROCVIRT_AGENTS")
MIB = 1 << 20
CPU = min(os.sched_getaffinity(0))
pytestmark = pytest.mark.skipif(not AGENTS, reason="PROCVIRT_AGENTS: where node_exporter and atop are (tests/run unpacks them)")


def say(bundles, name, **more):
    made = bundles.make(name, [PYTHON, "-B", "/bundle/agents_inside.py"], memory=256 * MIB, quota=50000, cpus=str(CPU), **more)
    shutil.copy(HERE + "/agents_inside.py", made.work)
    shutil.copytree(AGENTS, made.work + "/agents")
    result = made.run()
    assert result.returncode == 0, result
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def said(session_daemon, scratch, tree, probe):
    bundles = Bundles(scratch, tree, Processes(probe))
    try:
        yield say(bundles, "agents", hook=["--strict", "--socket", session_daemon.socket])
    finally:
        bundles.remove()


class Metrics:
    """What a scrape says: {"name{labels}": number}."""

    def __init__(self, text):
        lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
        self.of = {name: float(number) for name, _, number in lines}

    def __getitem__(self, name):
        return self.of[name]

    def labels(self, name, label):
        """{value of that label} among the metrics of a name."""
        found = (re.search(rf'[{{,]{label}="([^"]*)"', key) for key in self.of if key.startswith(name + "{"))
        return {match[1] for match in found if match}

    def sum(self, name, **labels):
        return sum(number for key, number in self.of.items() if key.startswith(name + "{")
                   and all(f'{label}="{value}"' in key for label, value in labels.items()))


@pytest.fixture(params=("first", "second"))
def metrics(said, request):
    return Metrics(said["node_exporter"][request.param])


def own(said, when, file, word):
    return int(re.search(rf"^{word} (\d+)", said[when][file], re.M)[1])


def succeeded(metrics):
    return metrics.labels("node_scrape_collector_success", "collector") - {
        re.search('"(.*)"', name)[1] for name, number in metrics.of.items()
        if name.startswith("node_scrape_collector_success{") and number != 1}


def test_collectors_succeed(said, metrics):
    """Each whose files are ours; two of them where this kernel has their files."""
    wanted = {"cpu", "cpufreq", "diskstats", "loadavg", "meminfo", "stat", "vmstat"}
    wanted |= {"interrupts", "buddyinfo", "zoneinfo", "slabinfo"}
    wanted |= {name for name, file in (("schedstat", "schedstat"), ("pressure", "pressure/cpu")) if os.path.exists("/proc/" + file)}
    assert wanted - succeeded(metrics) == set(), said["node_exporter"]["log"]


def test_memory(said, metrics):
    assert metrics["node_memory_MemTotal_bytes"] == 256 * MIB
    assert metrics["node_memory_MemFree_bytes"] <= metrics["node_memory_MemAvailable_bytes"] <= 256 * MIB
    host = meminfo(open("/proc/meminfo").read())
    assert metrics["node_memory_MemTotal_bytes"] != host["MemTotal"] * 1024
    ours = meminfo(said["after"]["meminfo"])
    assert {f"node_memory_{re.sub('[()]', '_', name).rstrip('_')}" for name in ours} <= {
        re.sub("_bytes$", "", name) for name in metrics.of}, "every line is one of its metrics"


def test_cpus(said, metrics):
    """One line, whose counters lie between what the container read before and after."""
    assert metrics.labels("node_cpu_seconds_total", "cpu") == {str(CPU)}
    used = metrics.sum("node_cpu_seconds_total", mode="user") + metrics.sum("node_cpu_seconds_total", mode="system")

    def of(when):
        words = re.search(rf"^cpu{CPU} (.*)", said[when]["stat"], re.M)[1].split()
        return (int(words[0]) + int(words[2])) / 100

    assert of("before") <= used + 0.02 and used <= of("after") + 0.02
    assert metrics.sum("node_cpu_seconds_total", mode="iowait") == 0
    assert metrics["node_boot_time_seconds"] == own(said, "after", "stat", "btime")
    assert own(said, "before", "stat", "processes") <= metrics["node_forks_total"] <= own(said, "after", "stat", "processes")


def test_counters_grow(said):
    first, second = (Metrics(said["node_exporter"][when]) for when in ("first", "second"))
    counters = [name for name in first.of if re.match(r"node_(cpu_seconds|disk|schedstat|vmstat_pg|forks|pressure)", name)
                and not re.search(r"_now|_info|_time_weighted", name)]
    assert counters
    for name in counters:
        assert first[name] <= second[name], name
    assert second.sum("node_cpu_seconds_total", mode="user") > first.sum("node_cpu_seconds_total", mode="user")


def test_disks_are_those_of_diskstats(said, metrics):
    names = {line.split()[2] for line in said["after"]["diskstats"].splitlines()}
    assert metrics.labels("node_disk_reads_completed_total", "device") <= names
    assert {line.split()[2] for line in open("/proc/diskstats")} != names


def test_schedstat(said, metrics):
    if "schedstat" in said["after"]:
        assert metrics.labels("node_schedstat_running_seconds_total", "cpu") == {str(CPU)}


def test_interrupts(metrics):
    """The architecture's kinds alone, and none of them has happened."""
    kinds = metrics.labels("node_interrupts_total", "type")
    assert "LOC" in kinds and not any(kind.isdigit() for kind in kinds)
    assert metrics.sum("node_interrupts_total") == 0


def test_zones(metrics):
    """All that is managed is the container's, and free blocks are what is free at that moment."""
    assert metrics.sum("node_zoneinfo_managed_pages") * os.sysconf("SC_PAGE_SIZE") == 256 * MIB
    free = sum(metrics.sum("node_buddyinfo_blocks", size=order) * 2 ** order for order in range(11))
    assert 0 < free * os.sysconf("SC_PAGE_SIZE") <= 256 * MIB


def test_vmstat(said, metrics):
    """What it keeps of /proc/vmstat: page faults and I/O."""
    if "pgfault" not in said["before"].get("vmstat", ""):
        return
    for word in ("pgfault", "pgmajfault"):
        assert own(said, "before", "vmstat", word) <= metrics[f"node_vmstat_{word}"] <= own(said, "after", "vmstat", word)


def test_atop(said):
    assert (said["atop"]["status"], said["atop"]["err"]) == (0, "")
    lines = [line.split() for line in said["atop"]["out"].splitlines()]
    memory = next(line for line in lines if line[0] == "MEM")
    assert int(memory[6]) * int(memory[7]) == 256 * MIB, "page size and pages"
    assert {line[7] for line in lines if line[0] == "cpu"} == {str(CPU)}


def test_sar(said):
    assert (said["sar"]["status"], said["sar"]["err"]) == (0, "")
    assert "(1 CPU)" in said["sar"]["out"]
    row = re.search(r"kbmemfree.*\n\S+(?: [AP]M)? +(\d+) +(\d+) +(\d+)", said["sar"]["out"])
    assert int(row[1]) <= 262144 and int(row[3]) <= 262144


def test_pidstat(said):
    assert (said["pidstat"]["status"], said["pidstat"]["err"]) == (0, "")
    assert "(1 CPU)" in said["pidstat"]["out"]


def test_open_files(said, metrics):
    """Nobody counts them for a cgroup."""
    with open("/proc/sys/fs/file-nr") as file:
        most = int(file.read().split()[2])
    assert (metrics["node_filefd_allocated"], metrics["node_filefd_maximum"]) == (0, most)
    rows = [line.split() for line in said["sar -v"]["out"].splitlines() if line.startswith("Average:")]
    assert said["sar -v"]["status"] == 0 and rows == [["Average:", "0", "0", "0", "0"]]


@pytest.fixture
def collected(said):
    assert "[error]" not in said["collectd"]["log"]
    return said["collectd"]["said"]


def test_collectd(said, collected):
    def of(prefix):
        return {name.removeprefix(prefix): number for name, number in collected.items() if name.startswith(prefix)}

    assert of("memory/"), said["collectd"]["log"]
    assert sum(of("memory/").values()) == 256 * MIB
    assert {name.split("/")[0] for name in of("cpu-")} == {str(CPU)}
    assert of("irq/") and set(of("irq/").values()) == {0}
    assert of("contextswitch/") == {"contextswitch": 0}
    assert of("vmem/")["vmpage_number-free_pages"] * os.sysconf("SC_PAGE_SIZE") <= 256 * MIB
    assert {name.split("/")[0] for name in of("disk-")} <= {line.split()[2] for line in said["after"]["diskstats"].splitlines()}


def test_lstopo(said):
    assert (said["lstopo"]["status"], said["lstopo"]["err"]) == (0, "")
    objects = list(xml.etree.ElementTree.fromstring(said["lstopo"]["out"]).iter("object"))
    assert [thing.get("os_index") for thing in objects if thing.get("type") == "PU"] == [str(CPU)]
    assert sum(int(thing.get("local_memory")) for thing in objects if thing.get("type") == "NUMANode") == 256 * MIB


def test_lsirq(said):
    assert (said["lsirq"]["status"], said["lsirq"]["err"]) == (0, "")
    rows = json.loads(said["lsirq"]["out"])["interrupts"]
    assert "LOC" in {row["irq"] for row in rows} and {row["total"] for row in rows} == {0}


def test_htop(said):
    """A meter for each CPU up to the last visible one: it takes their count for their numbers."""
    text = re.sub(r"\x1b(\[[0-9;?]*[A-Za-z]|[()].|[=>])|[\x0e\x0f\0]", "", said["htop"]["out"])
    assert said["htop"]["status"] == 0, said["htop"]
    assert re.search(r"Mem\[[^]]*/256M\]", text), text
    assert len(re.findall(r"%\]", text)) == 1, text
