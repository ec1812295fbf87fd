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
GOOD = {
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
    ("cpu/online", "0-2\n"), ("cpu/online", "\n"), ("cpu/online", "0-\n"), ("cpu/cpu0/topology/core_id", "0"),
]
BACK = [
    ("proc/stat", STAT.replace("cpu  30", "cpu  29").replace("cpu1 20", "cpu1 19")),
    ("proc/stat", STAT.replace("12 400", "12 399").replace("cpu1 20 0 6 200", "cpu1 20 0 6 199")),
    ("proc/stat", STAT.replace("processes 12", "processes 11")),
    ("proc/uptime", "12.33 5.06\n"), ("proc/uptime", "12.34 5.05\n"),
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
