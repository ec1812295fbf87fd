# SPDX-License-Identifier: Apache-2.0
"""
Runs in a container: what programs say of the memory and of the CPUs, as JSON: {"memory": {program: KiB}, "cpus": {program: n}}.

Arguments are the names of those that are to be run, none: all.

A JVM asks nobody whom files could answer. With container support, the default, it reads the cgroup's own limits (on v2
from 15 on). Without, -XX:-UseContainerSupport, it asks sysinfo(2) for the memory and sched_getaffinity(2) for the CPUs, as
OperatingSystemMXBean then says them. So it has to say the same with us and without us.
"""
import functools
import json
import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import psutil

PATIENCE = float(os.environ.get("PROCVIRT_PATIENCE", 6))


def run(*command):
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True,
                          timeout=60 * PATIENCE).stdout


def number(pattern, *command):
    text = run(*command)
    found = re.search(pattern, text, re.M)
    assert found, f"{command}: {text}"
    return int(found[1])


@functools.cache
def node():
    return json.loads(run("node", "-p", "JSON.stringify([os.totalmem() / 1024, os.cpus().length])"))


@functools.cache
def jvm():
    text = run("java", "-XX:+UseParallelGC", "-XX:MaxRAMPercentage=100", "-XX:+PrintFlagsFinal", "-version")
    flags = dict(re.findall(r"^ *\w+ (\w+) += (\S+)", text, re.M))
    # The heap may then have all the memory, and the collector has a thread for each CPU.
    return int(flags["MaxHeapSize"]) // 1024, int(flags["ParallelGCThreads"])


def mpstat():
    return json.loads(run("mpstat", "-P", "ALL", "-o", "JSON"))["sysstat"]["hosts"][0]


@functools.cache
def exporter():
    """node_exporter's first scrape."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    process = subprocess.Popen(["prometheus-node-exporter", "--web.listen-address=" + address], stderr=subprocess.DEVNULL)
    end = time.monotonic() + 20 * PATIENCE
    try:
        while True:
            try:
                with urllib.request.urlopen(f"http://{address}/metrics", timeout=10 * PATIENCE) as answer:
                    return answer.read().decode()
            except OSError:
                assert process.poll() is None and time.monotonic() < end, "no scrape"
                time.sleep(0.1)
    finally:
        process.kill()
        process.wait()


def exporter_cpus():
    return len(set(re.findall(r'^node_cpu_seconds_total\{cpu="(\d+)"', exporter(), re.M)))


def exporter_memory():
    return int(float(re.search(r"^node_memory_MemTotal_bytes (\S+)", exporter(), re.M)[1])) // 1024


def of_nodes(pattern):
    return [found for line in re.findall(pattern, run("numactl", "--hardware"), re.M) for found in line.split()]


def softirq_cpus():
    text = run("mpstat", "-I", "SCPU", "-P", "ALL", "-o", "JSON")
    return len(json.loads(text)["sysstat"]["hosts"][0]["statistics"][0]["soft-interrupts"])


@functools.cache
def htop():
    """It has no mode for a pipe: the first picture that it paints on a terminal."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(TERM="vt100", LINES="30", COLUMNS="120", HTOPRC="/dev/null")
        os.execvp("htop", ["htop", "--no-color", "--delay=100"])
    text, end = "", time.monotonic() + 20 * PATIENCE
    while not (re.search(r"Swp\[[^]]*\]", text) and "Uptime" in text) and time.monotonic() < end:
        if select.select([terminal], [], [], 1)[0]:
            text += os.read(terminal, 65536).decode(errors="replace")
            text = re.sub(r"\x1b(\[[0-9;?]*[A-Za-z]|[()].|[=>])|[\x0e\x0f]", "", text)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    memory = re.search(r"Mem\[[^]]*/([\d.]+)([MG])\]", text)
    assert memory, repr(text)
    return round(float(memory[1]) * {"M": 1 << 10, "G": 1 << 20}[memory[2]]), len(set(re.findall(r"(\d)\[[^][]*%\]", text)))


MEMORY = {
    "free": lambda: number(r"^Mem: +(\d+)", "free", "--kibi"),
    "top": lambda: number(r"^KiB Mem : +(\d+) total", "top", "-b", "-n", "1", "-E", "k"),
    "vmstat": lambda: number(r"^ *(\d+) K total memory", "vmstat", "--stats"),
    "psutil": lambda: psutil.virtual_memory().total // 1024,
    "node": lambda: node()[0],
    "htop": lambda: htop()[0],
    "jvm": lambda: jvm()[0],
    "numactl": lambda: 1024 * sum(map(int, of_nodes(r"^node \d+ size: (\d+) MB"))),
    "lsmem": lambda: number(r"^Total online memory: +(\d+)", "lsmem", "--bytes", "--summary=only") // 1024,
    "node_exporter": exporter_memory,
}
CPUS = {
    "nproc --all": lambda: number(r"^(\d+)", "nproc", "--all"),
    "getconf": lambda: number(r"^(\d+)", "getconf", "_NPROCESSORS_ONLN"),
    "lscpu": lambda: number(r"^CPU\(s\): +(\d+)", "lscpu"),
    "top": lambda: len(re.findall(r"%Cpu\d+", run("top", "-b", "-n", "1", "-1", "-w", "300"))),
    "mpstat": lambda: len(mpstat()["statistics"][0]["cpu-load"]) - 1,
    "psutil": psutil.cpu_count,
    "python": os.cpu_count,
    "cpuinfo": lambda: number(r"^(\d+)", "grep", "-c", "^processor", "/proc/cpuinfo"),
    "node": lambda: node()[1],
    "htop": lambda: htop()[1],
    "jvm": lambda: jvm()[1],
    "numactl": lambda: len(of_nodes(r"^node \d+ cpus: (.*)")),
    "mpstat -I": softirq_cpus,
    "iostat": lambda: json.loads(run("iostat", "-o", "JSON"))["sysstat"]["hosts"][0]["number-of-cpus"],
    "sar": lambda: number(r"\((\d+) CPU\)", "sar", "-u", "-r", "-B", "-q", "1", "1"),
    "pidstat": lambda: number(r"\((\d+) CPU\)", "pidstat", "1", "1"),
    "node_exporter": exporter_cpus,
}


def main(names):
    def ask(programs):
        return {name: program() for name, program in programs.items() if not names or name in names}

    with open("/proc/self/mountinfo") as mounts:
        laid = sorted(line.split()[4] for line in mounts if " - fuse.procvirt " in line)
    print(json.dumps({"memory": ask(MEMORY), "cpus": ask(CPUS), "laid": laid}))


if __name__ == "__main__":
    main(sys.argv[1:])
