# SPDX-License-Identifier: Apache-2.0
"""From a file's text to figures."""
import re


def meminfo(text):
    """{"MemTotal": kB, ...}"""
    lines = [re.fullmatch(r"([^:]+):\s+(\d+)(?: kB)?", line) for line in text.splitlines()]
    assert lines and all(lines), text
    return {match[1]: int(match[2]) for match in lines}


def vmstat(text):
    """{"nr_free_pages": number, ...}, in order."""
    lines = [re.fullmatch(r"(\w+) (\d+)", line) for line in text.splitlines()]
    assert lines and all(lines), text
    return {match[1]: int(match[2]) for match in lines}


def cpulist(text):
    cpus = set()
    for part in filter(None, text.strip().split(",")):
        first, _, last = part.partition("-")
        cpus |= set(range(int(first), int(last or first) + 1))
    return cpus


COLUMNS = "user nice system idle iowait irq softirq steal guest guest_nice".split()


class Stat:
    """/proc/stat: cpu["cpu"], cpu["cpu0"] as {column: ticks}; the other lines' first number by name."""

    def __init__(self, text):
        assert text.startswith("cpu "), text[:60]
        self.cpu, self.line = {}, {}
        for line in text.splitlines():
            name, *numbers = line.split()
            if name.startswith("cpu"):
                self.cpu[name] = dict(zip(COLUMNS, map(int, numbers)))
            else:
                self.line[name] = int(numbers[0])

    def numbers(self):
        return {int(name[3:]) for name in self.cpu if name != "cpu"}

    def total(self, name="cpu"):
        return sum(self.cpu[name].values())


def busy(ticks):
    return ticks["user"] + ticks["nice"] + ticks["system"]


def grown(before, after):
    """Column by column; none may have gone back."""
    change = {column: after[column] - before[column] for column in COLUMNS}
    assert min(change.values()) >= 0, change
    return change


def uptime(text):
    """Hundredths of a second: (up, idle)."""
    assert re.fullmatch(r"\d+\.\d\d \d+\.\d\d\n", text), text
    return tuple(int(number.replace(".", "")) for number in text.split())


def loadavg(text):
    """Loads, running, total, last pid."""
    match = re.fullmatch(r"(\d+\.\d\d) (\d+\.\d\d) (\d+\.\d\d) (\d+)/(\d+) (\d+)\n", text)
    assert match, text
    return [float(match[i]) for i in (1, 2, 3)], int(match[4]), int(match[5]), int(match[6])


def processors(cpuinfo):
    return {int(number) for number in re.findall(r"^processor\s*: (\d+)$", cpuinfo, re.M)}


def interrupt_columns(text):
    """The CPUs of /proc/interrupts or /proc/softirqs; every count is 0."""
    heading, *lines = text.splitlines()
    cpus = [int(name.removeprefix("CPU")) for name in heading.split()]
    for line in lines:
        counts = re.fullmatch(r" *[A-Za-z]\w*:((?: +0)+)(?:  .*)?", line)
        assert counts and len(counts[1].split()) in (1, len(cpus)), line
    return set(cpus)


def cpu_views(read, listdir, mount):
    """The set of CPUs that each file shows: {name: {numbers}}."""
    system = mount + "/sys/devices/system/cpu"
    return {
        "cpuinfo": processors(read(mount + "/proc/cpuinfo")),
        "stat": Stat(read(mount + "/proc/stat")).numbers(),
        "interrupts": interrupt_columns(read(mount + "/proc/interrupts")),
        "softirqs": interrupt_columns(read(mount + "/proc/softirqs")),
        "online": cpulist(read(system + "/online")),
        "present": cpulist(read(system + "/present")),
        "possible": cpulist(read(system + "/possible")),
        "directories": {int(name[3:]) for name in listdir(system) if re.fullmatch(r"cpu\d+", name)},
    }
