# SPDX-License-Identifier: Apache-2.0
"""The judge of the tests of survival judges: what is wrong is seen. No daemon, only files."""
import json

import pytest

STAT = """cpu  30 0 12 400 0 0 0 8 0 0
cpu0 10 0 6 200 0 0 0 4 0 0
cpu1 20 0 6 200 0 0 0 4 0 0
intr 0
ctxt 0
btime 1700000000
processes 12
procs_running 1
procs_blocked 0
softirq 0 0 0
"""
MEMINFO = "MemTotal:       65536 kB\nMemFree:         2000 kB\nMemAvailable:    3000 kB\nHugePages_Total:       0\n"
DISKS = " 254       0 vda 61 0 1672 0 5 0 40 0 3 0 0 0 0 0 0 0 0\n   8       0 sda 1 0 8 0 0 0 0 0 0 0 0\n"
VMSTAT = """nr_free_pages 500
nr_zone_inactive_anon 30
nr_zone_write_pending 7
nr_inactive_anon 30
nr_dirty 5
nr_writeback 2
workingset_nodes 4
pgpgin 836
pgfault 370
"""
INTERRUPTS = """            CPU0       CPU1
 LOC:         10         20   Local timer interrupts
 ERR:          3
"""
SOFTIRQS = "                    CPU0       CPU1\n          HI:          1          2\n     HRTIMER:          0          4\n"
SCHEDSTAT = "version 15\ntimestamp 4295\ncpu0 0 0 0 0 0 0 700 50 0\ncpu1 0 0 0 0 0 0 800 60 0\n"
PRESSURE = "some avg10=0.19 avg60=0.34 avg300=100.00 total=3532\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=12\n"
CGROUPS = "#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t1\t1\t1\nnet_cls\t0\t1\t0\n"
ZONES = """Node 0, zone    DMA32
  pages free     0
        present  384
        managed  384
      nr_free_pages 0
Node 0, zone   Normal
  pages free     500
        present  16000
        managed  16000
      nr_free_pages 500
"""
BUDDY = "Node 0, zone    DMA32      0      0      0 \nNode 0, zone   Normal      1      1    100 \n"
NODE = "Node 0 MemTotal:       65536 kB\nNode 0 MemFree:         2000 kB\nNode 0 MemUsed:        63536 kB\n"
CPU_STAT = "usage_usec 101\nuser_usec 60\nsystem_usec 40\nnr_periods 7\nnr_throttled 3\n"
MEMORY_STAT = "anon 4096\nfile 8192\npgfault 30\ntotal_cache 8192\ntotal_pgmajfault 2\n"
IO_STAT = "8:0 rbytes=4096 wbytes=0 rios=1 cost.usage=7\n259:2 \n254:16 rbytes=0 wbytes=8192 wios=2\n"
GOOD = {
    "proc/diskstats": DISKS,
    "proc/partitions": "major minor  #blocks  name\n\n 254        0  268435456 vda\n",
    "proc/vmstat": VMSTAT,
    "proc/interrupts": INTERRUPTS,
    "proc/softirqs": SOFTIRQS,
    "proc/schedstat": SCHEDSTAT,
    "proc/pressure/io": PRESSURE,
    "proc/pressure/irq": PRESSURE.splitlines(True)[1],
    "proc/cgroups": CGROUPS,
    "proc/slabinfo": "slabinfo - version: 2.1\n# name <active_objs>\n",
    "proc/zoneinfo": ZONES,
    "proc/buddyinfo": BUDDY,
    "sys/devices/system/node/node0/meminfo": NODE,
    "sys/block/vda/stat": "61 0 1672 0 5 0 40 0 3 0 0 0 0 0 0 0 0\n",
    "sys/fs/cgroup/cpu.stat": CPU_STAT,
    "sys/fs/cgroup/memory/memory.stat": MEMORY_STAT,
    "sys/fs/cgroup/memory.events": "low 0\nmax 4\n",
    "sys/fs/cgroup/io.stat": IO_STAT,
    "sys/fs/cgroup/blkio/blkio.throttle.read_bps_device": "",
    "sys/fs/cgroup/cpu,cpuacct/cpuacct.usage": "12345\n",
    "sys/fs/cgroup/cpu,cpuacct/cpuacct.usage_percpu": "12 0 34 \n",
    "proc/meminfo": MEMINFO,
    "proc/stat": STAT,
    "proc/uptime": "12.34 5.06\n",
    "proc/loadavg": "0.70 0.52 0.30 1/3 17\n",
    "proc/swaps": "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n/swap   file\t4096\t0\t-2\n",
    "proc/cpuinfo": "processor\t: 0\nmodel name\t: X\n\nprocessor\t: 1\nmodel name\t: X\n\n",
    "cpu/online": "0-1\n",
    "cpu/cpu0/topology/core_id": "0\n",
}
WRONG = [
    ("proc/meminfo", MEMINFO[:-1]), ("proc/meminfo", ""), ("proc/meminfo", MEMINFO + "\0\n"),
    ("proc/meminfo", MEMINFO.replace("65536", "65537")), ("proc/meminfo", MEMINFO.replace(" 2000", "99000")),
    ("proc/meminfo", MEMINFO + "Some: thing kB\n"), ("proc/meminfo", MEMINFO[10:]), ("proc/meminfo", MEMINFO + MEMINFO[-9:]),
    ("proc/stat", STAT.replace("cpu1 20", "cpu1 21")), ("proc/stat", STAT.replace("cpu1", "cpux")),
    ("proc/stat", STAT.replace("cpu  30 ", "cpu  30 -")), ("proc/stat", STAT.replace("btime", "time")),
    ("proc/stat", STAT + "procs_run"), ("proc/stat", "".join(STAT.splitlines(True)[:2]).replace("30 0 12 400 0 0 0 8", "10 0 6 200 0 0 0 4")),
    ("proc/uptime", "12.34\n"), ("proc/uptime", "12.3 5.06\n"), ("proc/uptime", "12.34 5.06\n12.34 5.06\n"),
    ("proc/loadavg", "0.70 0.52 0.30 4/3 17\n"), ("proc/loadavg", "0.70 0.52 0.30 1/3\n"),
    ("proc/swaps", "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n/swap   file\t4096\t5000\t-2\n"),
    ("proc/cpuinfo", "processor\t: 0\n\n"), ("proc/cpuinfo", GOOD["proc/cpuinfo"] + "model\n"),
    ("proc/diskstats", DISKS[:-3] + "\n"), ("proc/diskstats", DISKS.replace("vda 61", "vda 0")), ("proc/diskstats", DISKS.replace(" 40 ", " - ")),
    ("proc/partitions", "major minor\n"), ("proc/partitions", " 254 0 268435456 vda\n"),
    ("proc/vmstat", VMSTAT.replace("nr_zone_inactive_anon 30", "nr_zone_inactive_anon 31")), ("proc/vmstat", VMSTAT.replace("pending 7", "pending 5")),
    ("proc/vmstat", VMSTAT.replace("pages 500", "pages 16385")), ("proc/vmstat", VMSTAT.replace("nr_free_pages", "nr_pages")),
    ("proc/vmstat", VMSTAT + "pgmajfault -1\n"),
    ("proc/interrupts", INTERRUPTS.replace("CPU1", "CPU")), ("proc/interrupts", INTERRUPTS.replace("CPU1", "    ")),
    ("proc/interrupts", INTERRUPTS.replace("LOC:", "LOC")), ("proc/softirqs", SOFTIRQS.replace("          HI:", "HI")),
    ("proc/schedstat", SCHEDSTAT.replace(" 50 0", " 50")), ("proc/schedstat", SCHEDSTAT[:SCHEDSTAT.index("cpu1")]),
    ("proc/schedstat", SCHEDSTAT + "domain0 3 0 0\n"),
    ("proc/pressure/io", PRESSURE.replace("100.00", "100.01")),
    ("proc/pressure/io", PRESSURE + PRESSURE), ("proc/pressure/io", PRESSURE.replace("avg60", "avg6")),
    ("proc/cgroups", CGROUPS.replace("1\t1\t1", "1\t9\t1")), ("proc/cgroups", CGROUPS.replace("\t0\n", "\n")),
    ("proc/slabinfo", GOOD["proc/slabinfo"] + "dentry 1 1\n"),
    ("proc/zoneinfo", ZONES.replace("d  16000", "d  16001")), ("proc/zoneinfo", ZONES.replace("present  384", "present  383")),
    ("proc/zoneinfo", ZONES.replace("nr_free_pages 500", "nr_free_pages 499")),
    ("proc/buddyinfo", BUDDY.replace(" 100 ", " 5000 ")), ("proc/buddyinfo", BUDDY.replace(" 100 ", " x ")),
("sys/devices/system/node/node0/meminfo", NODE.replace("63536", "63535")),
    ("sys/devices/system/node/node0/meminfo", NODE.replace("65536", "65540").replace("63536", "63540")),
    ("sys/block/vda/stat", "61 0 1672\n"), ("sys/fs/cgroup/cpu.stat", CPU_STAT.replace("101", "104")),
    ("sys/fs/cgroup/memory.stat", MEMORY_STAT + "anon\n"), ("sys/fs/cgroup/io.stat", IO_STAT.replace("=8192", "=x")),
    ("sys/fs/cgroup/cpu,cpuacct/cpuacct.usage", "x\n"), ("sys/fs/cgroup/cpu,cpuacct/cpuacct.usage", ""),
    ("sys/fs/cgroup/cpu.stat", ""), ("sys/fs/cgroup/memory.stat", ""), ("proc/vmstat", ""),
    ("cpu/online", "0-2\n"), ("cpu/online", "\n"), ("cpu/online", "0-\n"), ("cpu/cpu0/topology/core_id", "0"),
]
BACK = [
    ("proc/stat", STAT.replace("cpu  30", "cpu  29").replace("cpu1 20", "cpu1 19")),
    ("proc/stat", STAT.replace("12 400", "12 399").replace("cpu1 20 0 6 200", "cpu1 20 0 6 199")),
    ("proc/stat", STAT.replace("processes 12", "processes 11")),
    ("proc/uptime", "12.33 5.06\n"), ("proc/uptime", "12.34 5.05\n"),
    *(("proc/diskstats", DISKS.replace(now, lower)) for now, lower in ((" 61 ", " 60 "), (" 1672 ", " 1664 "), (" 40 ", " 32 "), (" 8 ", " 7 "))),
    ("proc/vmstat", VMSTAT.replace("pgpgin 836", "pgpgin 835")), ("proc/vmstat", VMSTAT.replace("pgfault 370", "pgfault 0")),
    ("proc/interrupts", INTERRUPTS.replace("20", "19")), ("proc/interrupts", INTERRUPTS.replace("3\n", "2\n")),
    ("proc/softirqs", SOFTIRQS.replace("4\n", "3\n")),
    ("proc/schedstat", SCHEDSTAT.replace("800", "799")), ("proc/schedstat", SCHEDSTAT.replace("60", "59")), ("proc/schedstat", SCHEDSTAT.replace("4295", "4294")),
    ("proc/pressure/io", PRESSURE.replace("3532", "3531")), ("proc/pressure/io", PRESSURE.replace("=12", "=11")),
    ("sys/block/vda/stat", GOOD["sys/block/vda/stat"].replace("1672", "1671")),
    ("sys/fs/cgroup/cpu.stat", CPU_STAT.replace("101", "100").replace("60", "59")), ("sys/fs/cgroup/cpu.stat", CPU_STAT.replace("nr_periods 7", "nr_periods 6")),
    ("sys/fs/cgroup/memory/memory.stat", MEMORY_STAT.replace("pgfault 30", "pgfault 29")), ("sys/fs/cgroup/memory/memory.stat", MEMORY_STAT.replace("jfault 2", "jfault 1")),
    ("sys/fs/cgroup/memory.events", "low 0\nmax 3\n"), ("sys/fs/cgroup/io.stat", IO_STAT.replace("8192", "4096")),
    ("sys/fs/cgroup/cpu,cpuacct/cpuacct.usage", "12344\n"), ("sys/fs/cgroup/cpu,cpuacct/cpuacct.usage_percpu", "12 0 33 \n"),
    ("proc/loadavg", "0.00 0.52 0.30 1/3 17\n"), ("proc/loadavg", "0.70 0.52 0.00 1/3 17\n"),
]


@pytest.fixture
def judged(reader, processes, tmp_path):
    """judged(name, text, …): what the reader says of a file that has these texts, one after the other."""
    def judge(name, *texts):
        paths = [tmp_path / f"text-{i}" for i in range(len(texts))]
        for path, text in zip(paths, texts):
            path.write_text(text)
        said = processes.output(reader, "--memory", 65536, "--cpus", 2, "--as", "/" + name, *paths)
        return json.loads(said)

    return judge


def test_what_makes_sense(judged):
    for name, text in GOOD.items():
        report = judged(name, text, text)
        assert (report["texts"], report["wrong"], report["back"], report["errors"]) == (2, 0, 0, {}), (name, report)


@pytest.mark.parametrize("name, text", WRONG)
def test_what_makes_no_sense(judged, name, text):
    report = judged(name, text)
    assert (report["wrong"], report["back"]) == (1, 0), report


@pytest.mark.parametrize("name, text", BACK)
def test_what_goes_back(judged, name, text):
    """It may well be so at first."""
    assert judged(name, text, GOOD[name])["back"] == 0
    report = judged(name, GOOD[name], text)
    assert (report["wrong"], report["back"]) == (0, 1), report


@pytest.mark.parametrize("name, text", [
    ("proc/diskstats", DISKS.replace(" 3 0 0 0", " 0 0 0 0")), ("proc/vmstat", VMSTAT.replace("500", "400").replace("30", "20").replace("nodes 4", "nodes 0")),
    ("sys/fs/cgroup/memory/memory.stat", MEMORY_STAT.replace("4096", "0")), ("sys/fs/cgroup/io.stat", IO_STAT.replace("usage=7", "usage=6")), ("proc/pressure/io", PRESSURE.replace("0.19", "0.00")),
])
def test_what_is_no_counter(judged, name, text):
    report = judged(name, GOOD[name], text)
    assert (report["wrong"], report["back"]) == (0, 0), report


def test_a_disk_that_was_away(judged):
    """Its number may be another one's meanwhile."""
    report = judged("proc/diskstats", DISKS, DISKS.splitlines(True)[0], DISKS.replace("sda 1 0 8", "sda 1 0 1"))
    assert (report["texts"], report["wrong"], report["back"]) == (3, 0, 0), report


def test_an_amount_that_changes(reader, processes, tmp_path):
    """Also where nobody has said what it should be."""
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_text(MEMINFO)
    second.write_text(MEMINFO.replace("65536", "65540"))
    report = json.loads(processes.output(reader, "--as", "/proc/meminfo", first, first, second))
    assert report["wrong"] == 1, report


def test_errors_have_names(reader, processes, tmp_path):
    report = json.loads(processes.output(reader, "--as", "/proc/uptime", tmp_path / "absent"))
    assert report["errors"] == {"ENOENT": 1}
