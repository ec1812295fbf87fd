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


# Some of collectd's plugins that read /proc and /sys; load and uptime are not among them: they ask sysinfo(2).
PLUGINS = "cpu", "memory", "vmem", "swap", "irq", "contextswitch", "disk", "numa", "buddyinfo"
COLLECTD = """
FQDNLookup false
Hostname "inside"
BaseDir "/tmp"
Interval 1
PluginDir "{agents}/collectd-plugins"
TypesDB "{agents}/types.db"
{plugins}
<Plugin csv>
  DataDir "stdout"
</Plugin>
<Plugin cpu>
  ReportNumCpu true
</Plugin>
"""


def collectd(wanted):
    """{"memory/memory-free": the number that it says first}, as soon as there is one for each wanted prefix."""
    plugins = "\n".join("LoadPlugin " + name for name in ("csv", *PLUGINS))
    with open("/tmp/collectd.conf", "w") as file:
        file.write(COLLECTD.format(agents=AGENTS, plugins=plugins))
    said = {}
    with open("/tmp/collectd.log", "w+") as log:
        agent = subprocess.Popen(["timeout", "60", AGENTS + "/collectd", "-f", "-C", "/tmp/collectd.conf"], stdout=subprocess.PIPE,
                                 stderr=log, text=True)
        for line in agent.stdout:
            if match := re.match(r"PUTVAL inside/(\S+) \S+ [\d.]+:([\d.]+)", line):
                said.setdefault(match[1], float(match[2]))
            if all(any(name.startswith(prefix) for name in said) for prefix in wanted):
                break
        agent.terminate()
        agent.wait()
        log.seek(0)
        return {"said": said, "log": log.read()}


def run(*command, stdin="", **env):
    result = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=120, env={**os.environ, **env})
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
        "sar -v": run("sar", "-v", "1", "1"),
        "collectd": collectd(("cpu-", "memory/", "vmem/", "swap/", "irq/", "contextswitch/")),
        "lstopo": run("lstopo-no-graphics", "--of", "xml"),
        "lsirq": run("lsirq", "--json"),
        # It has no mode for a pipe, but paints one picture before it reads that it shall end.
        "htop": run("htop", "--no-color", stdin="q", TERM="vt100", LINES="30", COLUMNS="120", HTOPRC="/dev/null"),
    }
    print(json.dumps(said))
