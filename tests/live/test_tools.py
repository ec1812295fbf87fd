# SPDX-License-Identifier: Apache-2.0
"""What people run in a container: procps, util-linux, sysstat, numactl, busybox, psutil. 256 MiB and half of one CPU.

One CPU by cpuset, too: nproc --all distrusts a count of 1 or 2 and asks sched_getaffinity(2) as well.
"""
import json
import os
import re
import shutil
import time

import pytest

from bundle import Bundles
from daemon import HERE
from disks import Disk
from figures import Stat, meminfo
from processes import PYTHON, Processes

MIB = 1 << 20
CPU = min(os.sched_getaffinity(0))
LIMITS = {"memory": 256 * MIB, "quota": 50000, "cpus": str(CPU)}
KIB = 262144


def clock():
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def disk_of(directory):
    try:
        return Disk(directory)
    except LookupError:
        return None


def say(bundles, name, **more):
    """What inside.py says in a container, and how long that can have lived."""
    disk = disk_of(bundles.scratch)
    made = bundles.make(name, [PYTHON, "-B", "/bundle/inside.py", *["/data"] * bool(disk)], **LIMITS, **more)
    if disk:
        os.mkdir(made.dir + "/data")
        disk.give(made, made.dir + "/data")
    shutil.copy(HERE + "/inside.py", made.work)
    before = clock()
    result = made.run()
    assert result.returncode == 0, result
    return json.loads(result.stdout), clock() - before


@pytest.fixture(scope="module")
def both(session_daemon, scratch, tree, probe):
    """With the hook, and without it: {"with": …, "without": …}, made once for all tests here."""
    bundles = Bundles(scratch, tree, Processes(probe))
    try:
        hook = ["--strict", "--socket", session_daemon.socket]
        said, lived = say(bundles, "tools", hook=hook)
        without, _ = say(bundles, "tools-without")
        yield {"with": said, "without": without, "lived": lived}
    finally:
        bundles.remove()


@pytest.fixture
def inside(both):
    return both["with"]


@pytest.fixture
def plain(both):
    """Without the hook every tool says what the host's says: else the tests here could not fail."""
    return both["without"]


def host_total():
    with open("/proc/meminfo") as file:
        return meminfo(file.read())["MemTotal"]


def memory_row(free):
    return [int(number) for number in free["out"].splitlines()[1].split()[1:]]


def test_every_tool_succeeds(inside):
    for name, result in inside.items():
        if name != "python":
            assert (result["status"], result["err"]) == (0, ""), name


def test_free(inside, plain):
    total, used, free, _, _, available = memory_row(inside["free"])
    assert total == KIB
    assert free <= available <= total and used <= total
    assert inside["free"]["out"].splitlines()[2].split()[1:] == ["0", "0", "0"]
    assert memory_row(plain["free"])[0] == host_total()


COUNTERS = ["nproc --all", "getconf onln", "getconf conf", "grep cpuinfo", "grep stat", "busybox nproc"]


@pytest.mark.parametrize("tool", COUNTERS)
def test_tools_that_count_cpus(inside, plain, tool):
    """All the same number: half a CPU is one."""
    assert inside[tool]["out"] == "1\n"
    assert plain[tool]["out"] == f"{os.cpu_count()}\n"


def test_lscpu(inside, plain):
    def said(result):
        def flat(fields):
            for field in fields:
                yield field["field"], field["data"]
                yield from flat(field.get("children", []))
        return dict(flat(json.loads(result["lscpu"]["out"])["lscpu"]))

    assert said(inside)["CPU(s):"] == "1"
    assert said(inside)["On-line CPU(s) list:"] == str(CPU)
    assert said(inside)["Core(s) per socket:"] == said(inside)["Thread(s) per core:"] == "1"
    assert said(plain)["CPU(s):"] == str(os.cpu_count())
    lines = [line for line in inside["lscpu --parse"]["out"].splitlines() if not line.startswith("#")]
    assert lines == [str(CPU)]


def test_top(inside, plain):
    text = inside["top"]["out"]
    assert re.search(rf"KiB Mem :\s+{KIB} total", text), text
    assert re.findall(r"^%Cpu(\d+)", text, re.M) in ([str(CPU)], [])
    assert "up 0 min" in text
    assert re.search(rf"KiB Mem :\s+{host_total()} total", plain["top"]["out"])


def test_uptime(inside, both):
    up = float(inside["clock"]["out"].split()[0])
    assert up <= both["lived"] + 0.01, "since its own start"
    assert " up 0 min" in inside["uptime"]["out"]
    assert float(both["without"]["clock"]["out"].split()[0]) > both["lived"]


def test_load(inside):
    """Seconds after its start a container has none, whatever the host's. getloadavg(3) asks sysinfo(2): not a file."""
    found = re.search(r"load average: ([\d.]+), ([\d.]+), ([\d.]+)", inside["uptime"]["out"])
    assert [float(number) for number in found.groups()] < [0.5, 0.1, 0.1]


def test_vmstat(inside, plain):
    lines = inside["vmstat"]["out"].splitlines()
    row = dict(zip(lines[1].split(), map(int, lines[2].split())))
    assert row["free"] <= KIB and row["swpd"] == 0 and row["buff"] == 0
    assert inside["vmstat -s"]["out"].split()[0] == str(KIB)
    assert plain["vmstat -s"]["out"].split()[0] == str(host_total())


def test_vmstat_since_the_start(inside, plain):
    """Its counters are the container's: fewer than the host's, and page faults are what it had by starting."""
    def counts(result):
        return {name: int(number) for number, name in re.findall(r"^ *(\d+) (?:K )?(.+)$", result["vmstat -s"]["out"], re.M)}

    ours, hosts = counts(inside), counts(plain)
    for name in ("paged in", "paged out", "pages swapped in", "pages swapped out"):
        assert ours[name] <= hosts[name]
    assert 0 < ours["active memory"] + ours["inactive memory"] <= KIB
    assert ours["interrupts"] == ours["CPU context switches"] == 0


def test_numactl(inside, plain):
    """Nodes with the container's memory and CPUs; the tools round to MiB, each node for itself."""
    def sizes(result, what):
        return [int(number) for number in re.findall(rf"^node \d+ {what}: (\d+) MB$", result["numactl"]["out"], re.M)]

    def cpus(result):
        return " ".join(re.findall(r"^node \d+ cpus:(.*)$", result["numactl"]["out"], re.M)).split()

    if not os.path.exists("/sys/devices/system/node/online"):
        pytest.skip("this kernel knows of no memory nodes")
    nodes = len(sizes(plain, "size"))
    assert KIB // 1024 - nodes < sum(sizes(inside, "size")) <= KIB // 1024 < sum(sizes(plain, "size"))
    assert sum(sizes(inside, "free")) <= sum(sizes(inside, "size"))
    assert cpus(inside) == [str(CPU)] and len(cpus(plain)) == os.cpu_count()
    total = re.search(r"^MemTotal .* ([\d.]+)$", inside["numastat -m"]["out"], re.M)
    assert float(total[1]) == pytest.approx(KIB / 1024, abs=0.1)
    assert set(re.findall(r"\d+", inside["numastat"]["out"].split("node", 1)[1].split("\n", 1)[1])) == {"0"}


def test_ps(inside):
    assert "ps" in inside["ps"]["out"].split()
    assert inside["ps"]["out"].splitlines()[1].split()[0] == "1"
    assert inside["busybox ps"]["out"]


def test_mpstat(inside, plain):
    def host(result):
        return json.loads(result["mpstat"]["out"])["sysstat"]["hosts"][0]

    def cpus(result):
        return [load["cpu"] for load in host(result)["statistics"][0]["cpu-load"]]

    assert host(inside)["number-of-cpus"] == 1
    assert cpus(inside) == ["all", str(CPU)]
    assert len(cpus(plain)) == 1 + os.cpu_count()


def test_mpstat_of_interrupts(inside, plain):
    def said(result, what):
        return json.loads(result["mpstat -I"]["out"])["sysstat"]["hosts"][0]["statistics"][0][what]

    assert [entry["cpu"] for entry in said(inside, "individual-interrupts")] == [str(CPU)]
    kinds = {entry["name"]: entry["value"] for entry in said(inside, "individual-interrupts")[0]["intr"]}
    assert "LOC" in kinds and not any(name.isdigit() for name in kinds) and set(kinds.values()) == {0.0}
    soft = said(inside, "soft-interrupts")[0]["intr"]
    assert {entry["value"] for entry in soft} == {0.0} and "TIMER" in {entry["name"] for entry in soft}
    assert [entry["intr"] for entry in said(inside, "sum-interrupts")] == [0.0]
    assert len(said(plain, "individual-interrupts")) == os.cpu_count()


def test_slabs(inside, plain):
    """The kernel's caches are no container's."""
    assert "dentry" in plain["slabtop"]["out"] and "dentry" not in inside["slabtop"]["out"]
    assert "dentry" in plain["vmstat -m"]["out"] and "dentry" not in inside["vmstat -m"]["out"]


def test_cgroups(inside, plain):
    """The same controllers in the same hierarchies, without the number of everyone's cgroups."""
    def rows(result):
        return [line.split() for line in result["cgroups"]["out"].splitlines()]

    assert [row[:2] + row[3:] for row in rows(inside)] == [row[:2] + row[3:] for row in rows(plain)]
    assert {row[2] for row in rows(inside)[1:]} == {"1"}
    assert {row[2] for row in rows(plain)[1:]} != {"1"}


@pytest.fixture
def disk(scratch):
    return disk_of(scratch) or pytest.skip(f"{scratch} is on no disk")


def test_tools_of_disks(inside, plain, disk):
    """All see those disks that the container has used, and what it has written there."""
    def of_iostat(result, tool):
        return result[tool]["out"] and json.loads(result[tool]["out"])["sysstat"]["hosts"][0]["statistics"][0]["disk"]

    counters = inside["python"]["disk_io_counters"]
    assert disk.name in counters
    assert {entry["disk_device"] for entry in of_iostat(inside, "iostat")} == set(counters)
    written = {entry["disk_device"]: entry["kB_wrtn"] for entry in of_iostat(inside, "iostat -p")}
    assert set(written) == set(counters)
    assert 2048 <= written[disk.name] <= counters[disk.name]["write_bytes"] / 1024
    rows = {line.split()[0]: line.split() for line in inside["vmstat -d"]["out"].splitlines()[2:]}
    assert set(rows) == set(counters) and 4096 <= int(rows[disk.name][7]) <= counters[disk.name]["write_bytes"] / 512
    assert inside["vmstat -D"]["out"].split()[:2] == [str(len(counters)), "disks"]
    assert set(re.findall(r"^Average: +(\S+) +[\d.]+", inside["sar -d"]["out"], re.M)) == set(counters)
    assert counters[disk.name]["write_bytes"] < plain["python"]["disk_io_counters"][disk.name]["write_bytes"]


def test_lsblk(inside, plain, disk):
    """And nothing by which to know whose disk it is."""
    def said(result):
        return {device["name"]: device for device in json.loads(result["lsblk"]["out"])["blockdevices"]}

    assert set(said(inside)) == set(inside["python"]["disk_io_counters"])
    device, host = said(inside)[disk.name], said(plain)[disk.name]
    for key in ("maj:min", "size", "ro", "rm", "type", "rota", "log-sec", "phy-sec", "sched", "rq-size"):
        assert device[key] == host[key], key
    assert not any(device.get(key) for key in ("serial", "model", "wwn", "vendor", "rev", "disk-seq"))


def test_busybox(inside):
    """What it reads from files; its free, uptime and the like ask sysinfo(2), which is not a file."""
    assert meminfo(inside["busybox cat"]["out"])["MemTotal"] == KIB
    used, free = re.match(r"Mem: (\d+)K used, (\d+)K free", inside["busybox top"]["out"]).groups()
    assert int(used) + int(free) == KIB


def test_psutil(inside, plain):
    said = inside["python"]
    memory = said["virtual_memory"]
    assert memory["total"] == KIB * 1024
    assert memory["available"] <= memory["total"] and memory["free"] <= memory["total"]
    assert said["swap_memory"]["total"] == 0
    assert said["cpu_count"] == said["cpu_times"] == said["os.cpu_count"] == 1
    with open("/proc/stat") as file:
        assert said["boot_time"] == Stat(file.read()).line["btime"], "nothing is faked"
    assert plain["python"]["virtual_memory"]["total"] == host_total() * 1024
    assert plain["python"]["cpu_count"] == os.cpu_count()
