# SPDX-License-Identifier: Apache-2.0
"""What passes: CPU time, uptime, load.

Nothing here asserts how long something takes. A figure is held against the clock that was read before and after it,
or against what the kernel itself has counted.
"""
import os

import pytest

from figures import Stat, busy, grown, loadavg, uptime
from processes import until
from windows import TICK, Reader, Window, clock, counted


def started(pid):
    """When a process started, in seconds since boot."""
    with open(f"/proc/{pid}/stat") as file:
        return int(file.read().rpartition(")")[2].split()[19]) * TICK


def consumed(pid):
    """CPU time of a process, in ticks, from the scheduler's own nanoseconds."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/schedstat") as file:
            total += int(file.read().split()[0])
    return total / 1e9 / TICK


@pytest.fixture
def read(daemon, group, processes):
    """read(file) of a registered container from outside, so that reading costs it no time; with .group, .busy(n)."""
    return Reader(daemon, group("container"), processes)


def consumption(read, process, ticks):
    """A window in which a process used so much CPU time; its count is that."""
    def counts():
        return [consumed(process.pid)]

    return Window(read, counts, lambda first: counts()[0] - first[0] >= ticks, f"{ticks} ticks of CPU time")


def test_a_busy_loop_is_seen_within_five_percent(read):
    window = consumption(read, read.busy(), 200)
    change = window.change()
    assert window.least[0] - 10 <= busy(change) <= window.most[0] + 10
    assert change["steal"] == 0, "it has no quota"


def test_an_idle_container_is_idle(read):
    before, start = read.stat(), clock()
    until(lambda: clock() - start > 1, "a second")
    change = grown(before.cpu["cpu"], read.stat().cpu["cpu"])
    assert busy(change) <= 0.05 * sum(change.values())
    assert change["iowait"] == change["irq"] == change["softirq"] == 0


def test_half_a_cpu_under_full_load(read):
    """
    Half busy, half stolen, nothing idle: what a capped virtual machine shows. Held against the kernel's own counts
    in every window; looked at until one comes in which a loaded host let the container have its half.
    """
    read.group.limit(quota=50000)
    read.busy()
    ideal, end = False, clock() + 60
    while not ideal and clock() < end:
        start = clock()
        window = Window(read, lambda: counted(read.group), lambda _: clock() - start > 2, "two seconds")
        change = window.change()
        passed = sum(change.values())
        (used_least, throttled_least), (used_most, throttled_most) = window.least, window.most
        assert used_least - 0.05 * passed <= busy(change) <= used_most + 0.05 * passed
        # The kernel tells of a throttling when it ends: up to half a period is told in the next window.
        assert min(throttled_least, passed - used_most) - 0.08 * passed <= change["steal"]
        assert change["steal"] <= min(throttled_most, passed - used_least) + 0.08 * passed
        ideal = used_least > 0.47 * passed and used_most < 0.53 * passed and throttled_least > 0.45 * passed
        if ideal:
            assert busy(change) / passed == pytest.approx(0.5, abs=0.05)
            assert change["steal"] / passed == pytest.approx(0.5, abs=0.06)
            assert change["idle"] / passed < 0.06
    if not ideal:
        pytest.skip("this host was too loaded for a minute to give a container half a CPU")


def test_each_line_grows_by_the_time_that_passed(read):
    read.busy(2)
    before_first = clock()
    before = read.stat()
    after_first = clock()
    until(lambda: clock() - after_first > 1.5, "some time")
    before_second = clock()
    after = read.stat()
    after_second = clock()
    least, most = (before_second - after_first) / TICK, (after_second - before_first) / TICK
    assert before.numbers() == after.numbers()
    for number in before.numbers():
        passed = after.total(f"cpu{number}") - before.total(f"cpu{number}")
        assert least - 1 <= passed <= most + 1
    for column in before.cpu["cpu"]:
        each = sum(after.cpu[f"cpu{n}"][column] for n in after.numbers())
        assert after.cpu["cpu"][column] == each, f"the first line is the sum of the others: {column}"


def test_nothing_goes_back_over_changes_of_quota_and_cpuset(read):
    cpus = sorted(os.sched_getaffinity(0))
    read.busy(2)
    last, idle_last, up_last = read.stat(), 0, 0
    settings = [{"quota": q} for q in (50000, 150000, -1, 20000, 100000)]
    settings += [{"cpus": cpus[-1]}, {"cpus": cpus[0]}, {"cpus": ",".join(map(str, cpus))}, {"quota": -1}]
    for setting in settings * 3:
        read.group.limit(**setting)
        start = clock()
        until(lambda: clock() - start > 0.06, "some ticks")
        now = read.stat()
        grown(last.cpu["cpu"], now.cpu["cpu"])
        for number in last.numbers() & now.numbers():
            grown(last.cpu[f"cpu{number}"], now.cpu[f"cpu{number}"])
        assert now.line["processes"] >= last.line["processes"]
        up, idle = uptime(read("/proc/uptime"))
        assert up > up_last
        last, up_last, idle_last = now, up, idle
    assert idle_last >= 0


def test_only_the_cpu_of_the_set_is_used(read):
    cpus = sorted(os.sched_getaffinity(0))
    if len(cpus) < 2:
        pytest.skip("this host has one CPU")
    read.group.limit(cpus=cpus[1])
    window = consumption(read, read.busy(), 100)
    assert window.after.numbers() == {cpus[1]}
    assert window.least[0] - 5 <= busy(window.change(f"cpu{cpus[1]}")) <= window.most[0] + 5


def test_other_lines_of_stat(read):
    stat = read.stat()
    with open("/proc/stat") as file:
        host = Stat(file.read())
    assert stat.line["btime"] == host.line["btime"]
    assert stat.line["ctxt"] == stat.line["intr"] == stat.line["softirq"] == 0
    assert list(stat.line) == list(host.line)


def test_running_threads_are_counted(read, processes):
    """And whoever reads, as in the kernel's own file: three and one of six. A count is good for a tenth of a second."""
    read.busy(3)
    processes.hand("touch", 1, cgroup=read.group)
    processes.hand("touch", 1, cgroup=read.group)
    seen = []

    def counted():
        _, running, total, _ = loadavg(read("/proc/loadavg"))
        seen.append((read.stat().line["procs_running"], running, total))
        return seen[-1] == (4, 4, 6)

    until(counted, seen)


def test_uptime_is_since_init_started(read):
    start = started(read.agent.pid)
    before = clock()
    up, _ = uptime(read("/proc/uptime"))
    after = clock()
    assert before - start - TICK <= up / 100 <= after - start + 2 * TICK


def test_uptime_grows_like_the_clock(read):
    before_first = clock()
    up_first, idle_first = uptime(read("/proc/uptime"))
    after_first = clock()
    until(lambda: clock() - after_first > 1, "a second")
    before_second = clock()
    up_second, idle_second = uptime(read("/proc/uptime"))
    after_second = clock()
    assert before_second - after_first - 0.01 <= (up_second - up_first) / 100 <= after_second - before_first + 0.01
    idle = (idle_second - idle_first) / 100
    most = (after_second - before_first) * len(read.stat().numbers())
    assert 0.8 * (before_second - after_first) <= idle <= most + 0.05, "it did nothing"


def test_load_rises_also_where_nobody_looked(daemon, group, processes):
    """Two containers of two busy threads each are registered; only one of them is read while the averages rise."""
    paths = []
    for name in ("watched", "unseen"):
        cgroup = group(name)
        paths.append(daemon.register(name, processes.hand("busy", 2, cgroup=cgroup).pid))

    def load(path):
        with open(path + "/proc/loadavg") as file:
            return loadavg(file.read())[0]

    assert load(paths[0])[0] < 1, "it begins at nothing, whatever the host's is"
    watched = until(lambda: load(paths[0])[0] >= 0.25 and load(paths[0]), "two samples of two threads", 40)
    unseen = load(paths[1])
    assert unseen[0] >= 0.14, "the first look finds what has been sampled since registration"
    for averages in (watched, unseen):
        assert averages[0] >= averages[1] >= averages[2]
        assert averages[0] <= 2


def test_load_of_a_container_that_is_not_registered(mount, group, processes):
    cgroup = group()
    agent = processes.agent(cgroup)
    processes.hand("busy", 2, cgroup=cgroup)
    first = loadavg(agent.read(mount + "/proc/loadavg"))
    assert first[0] == [0, 0, 0]
    until(lambda: loadavg(agent.read(mount + "/proc/loadavg"))[0][0] > 0.1, "the load of two threads", 40)


def test_load_of_an_idle_container_is_none(mount, group, processes):
    agent = processes.agent(group())
    averages, _, total, _ = loadavg(agent.read(mount + "/proc/loadavg"))
    assert averages == [0, 0, 0]
    assert total == 1
