# SPDX-License-Identifier: Apache-2.0
"""What a request costs the host: no process is made, no namespace entered."""
import re

import pytest

from daemon import WRAP, sanitizers

CALLS = "fork,vfork,clone,clone3,setns,unshare,execve,execveat"

# By seccomp the daemon stops only at these calls and runs at full speed between them. A new thread does so from
# its first traced call on, so what each thread calls when it starts is traced too.
STRACE = ("strace", "--follow-forks", "--seccomp-bpf", f"--trace={CALLS},set_robust_list,rseq")
MIB = 1 << 20

# Readings, and opens among them: who asks is found at each open. A sanitizer makes each dearer.
READS, OPENS = (1_000_000, 100_000) if not sanitizers() else (100_000, 10_000)


def makes_process(line):
    """Of the traced calls all but the making of a thread."""
    return re.match(rf"\d+ +({CALLS.replace(',', '|')})\(", line) and "CLONE_THREAD" not in line


@pytest.mark.bound(900)
def test_a_million_reads_without_a_fork(make_daemon, scratch, group, processes):
    """By four callers at a time: in their own cgroups, and in pid namespaces, where LXCFS forks."""
    trace = scratch + "/trace"
    # Leaks cannot be looked for under ptrace.
    daemon = make_daemon(wrap=(*STRACE, f"--output={trace}"), leaks=False).start()
    daemon.register("registered", processes.agent(group("pinned", memory=100 * MIB)).pid)
    file, probe = "/sys/devices/system/cpu/online", processes.probe
    opens, reads = OPENS // 4, READS // OPENS
    namespace = ("unshare", "--pid", "--fork", "--kill-child")
    callers = [
        processes.start(probe, "many", daemon.mount + file, opens, reads, cgroup=group("a")),
        processes.start(*namespace, probe, "many", daemon.mount + file, opens, reads, cgroup=group("b")),
        processes.start(probe, "many", daemon.path("containers/registered") + file, opens, reads, cgroup=group("c")),
        processes.start(*namespace, probe, "many", daemon.mount + file, opens, reads, cgroup=group("pinned/d")),
    ]
    assert [caller.wait(800) for caller in callers] == [0, 0, 0, 0]
    for name in ("meminfo", "stat", "cpuinfo", "uptime", "loadavg", "swaps"):
        processes.output(*namespace, probe, "many", daemon.path("proc", name), 1, 0)
    daemon.stop()
    with open(trace) as file:
        calls = [line for line in file if makes_process(line)]
    served = [line.split()[0] for line in calls if '"--worker"' in line]
    assert served, calls[:20]
    # Threads have pids of their own here: whoever is not the keeper.
    by_others = [line for line in calls if line.split()[0] != str(daemon.pid) and '"--worker"' not in line]
    assert len(by_others) <= bool(WRAP), by_others[:20]
