# SPDX-License-Identifier: Apache-2.0
"""Runs in a container of test_agents.py: what agents that stand beside /bundle/agents say, as JSON."""
import json
import os
import re
import socket
import subprocess
import time
import urllib.request

AGENTS = "/bundle/agents"
COLLECTORS = "interrupts", "buddyinfo", "zoneinfo", "slabinfo"  # besides those that it has by itself


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def scrape(exporter, url):
    """As soon as it answers."""
    while exporter.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=60) as answer:
                return answer.read().decode()
        except OSError:
            time.sleep(0.1)
    with open("/tmp/log") as log:
        raise SystemExit(f"node_exporter ended: {log.read()}")


def node_exporter():
    """Two scrapes, with work between them, and what it logged."""
    address = f"127.0.0.1:{free_port()}"
    options = ["--web.listen-address=" + address, *("--collector." + name for name in COLLECTORS)]
    with open("/tmp/log", "w") as log:
        exporter = subprocess.Popen([AGENTS + "/prometheus-node-exporter", *options], stderr=log)
    try:
        first = scrape(exporter, f"http://{address}/metrics")
        end = time.process_time() + 0.3
        while time.process_time() < end:
            pass
        second = scrape(exporter, f"http://{address}/metrics")
    finally:
        exporter.kill()
        exporter.wait()
    with open("/tmp/log") as log:
        return {"first": first, "second": second, "log": log.read()}


def run(*command):
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
    return {"status": result.returncode, "out": result.stdout, "err": result.stderr}


def files():
    """The container's own word at the same time."""
    names = "meminfo", "stat", "vmstat", "diskstats", "schedstat"
    return {name: open("/proc/" + name).read() for name in names if os.path.exists("/proc/" + name)}


if __name__ == "__main__":
    said = {
        "before": files(),
        "node_exporter": node_exporter(),
        "after": files(),
        "atop": run(AGENTS + "/atop", "-P", "CPU,cpu,CPL,MEM,SWP,PAG,DSK,NUM,NUC,PSI", "1", "1"),
        "sar": run("sar", "-u", "ALL", "-P", "ALL", "-r", "-B", "-W", "-d", "-q", "1", "1"),
        "pidstat": run("pidstat", "-u", "-r", "-d", "1", "1"),
    }
    print(json.dumps(said))
