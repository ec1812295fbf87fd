# SPDX-License-Identifier: Apache-2.0
"""Runs in a container of test_tools.py: what its tools say, as JSON."""
import json
import os
import subprocess
import sys

import psutil

TOOLS = {
    "free": ["free", "--kibi"],
    "nproc --all": ["nproc", "--all"],
    "getconf onln": ["getconf", "_NPROCESSORS_ONLN"],
    "getconf conf": ["getconf", "_NPROCESSORS_CONF"],
    "lscpu": ["lscpu", "--json"],
    "lscpu --parse": ["lscpu", "--parse=CPU"],
    "top": ["top", "-b", "-n", "1", "-E", "k", "-1"],
    "uptime": ["uptime"],
    "uptime -p": ["uptime", "--pretty"],
    "vmstat": ["vmstat", "--unit", "K"],
    "vmstat -s": ["vmstat", "--stats"],
    "vmstat -a": ["vmstat", "--active", "--unit", "K"],
    "numactl": ["numactl", "--hardware"],
    "numastat": ["numastat"],
    "numastat -m": ["numastat", "-m"],
    "ps": ["ps", "-e", "-o", "pid,comm"],
    "mpstat": ["mpstat", "-P", "ALL", "-o", "JSON"],
    "mpstat -I": ["mpstat", "-I", "ALL", "-o", "JSON"],
    "slabtop": ["slabtop", "--once"],
    "vmstat -m": ["vmstat", "--slabs"],
    "cgroups": ["cat", "/proc/cgroups"],
    "iostat": ["iostat", "-x", "-o", "JSON"],
    "iostat -p": ["iostat", "-p", "ALL", "-d", "-o", "JSON"],
    "sar -d": ["sar", "-d", "1", "1"],
    "vmstat -d": ["vmstat", "-d"],
    "vmstat -D": ["vmstat", "-D"],
    "lsblk": ["lsblk", "--json", "--output-all"],
    "grep cpuinfo": ["grep", "-c", "^processor", "/proc/cpuinfo"],
    "grep stat": ["grep", "-c", "^cpu[0-9]", "/proc/stat"],
    "busybox cat": ["busybox", "cat", "/proc/meminfo"],
    "busybox nproc": ["busybox", "nproc", "--all"],
    "busybox top": ["busybox", "top", "-b", "-n", "1"],
    "busybox ps": ["busybox", "ps"],
    "clock": ["cat", "/proc/uptime"],
}


def run(command):
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    return {"status": result.returncode, "out": result.stdout, "err": result.stderr}


def use(*directories):
    """2 MiB written there and read, past the page cache."""
    for directory in directories:
        path = directory + "/used"
        for how in (["if=/dev/zero", "of=" + path, "oflag=direct"], ["if=" + path, "of=/dev/null", "iflag=direct"]):
            subprocess.run(["dd", *how, "bs=64k", "count=32", "status=none"], check=True)


def python():
    return {
        "virtual_memory": psutil.virtual_memory()._asdict(),
        "swap_memory": psutil.swap_memory()._asdict(),
        "cpu_count": psutil.cpu_count(),
        "cpu_times": len(psutil.cpu_times(percpu=True)),
        "boot_time": psutil.boot_time(),
        "disk_io_counters": {name: disk._asdict() for name, disk in psutil.disk_io_counters(perdisk=True).items()},
        "os.cpu_count": os.cpu_count(),
    }


if __name__ == "__main__":
    use(*sys.argv[1:])
    print(json.dumps({**{name: run(command) for name, command in TOOLS.items()}, "python": python()}))
