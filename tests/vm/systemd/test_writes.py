# SPDX-License-Identifier: Apache-2.0
"""
cgroup-writes under the unit's sandbox, in containers of podman's. In the last file of all: it starts the service anew, and others look at
how it was started with the machine.
"""
import os

import pytest

from attacks import served
from engines import BINDS, ETC, make_root
from processes import until

UNIT, CONF = "procvirtd.service", "/etc/procvirt/procvirtd.conf"
MIB = 1 << 20
TOP = "/sys/fs/cgroup"
STEPS = (f"mkdir {TOP}/init {TOP}/in", f"echo 0 > {TOP}/init/cgroup.procs", f"echo +memory > {TOP}/cgroup.subtree_control",
         f"echo {16 * MIB} > {TOP}/in/memory.max", f"cat {TOP}/in/memory.max", f"head -n1 {TOP}/init/cgroup.procs",
         f"! echo 1 > {TOP}/memory.max", f"cat {TOP}/memory.max")


def start_anew(processes):
    """A mount is made when there is none."""
    for word in ("stop", "start"):
        processes.output("systemctl", word, UNIT, timeout=120)
    main = int(processes.output("systemctl", "show", "--property", "MainPID", "--value", UNIT))
    until(lambda: served(main), "it serves", 60)


@pytest.fixture(scope="module")
def root(scratch):
    return make_root(scratch + "/writing-root")


@pytest.fixture
def writes(processes):
    """The key in the configuration file, as an administrator sets it."""
    before = None
    if os.path.exists(CONF):
        with open(CONF) as file:
            before = file.read()
    os.makedirs(os.path.dirname(CONF), exist_ok=True)
    try:
        with open(CONF, "w") as file:
            file.write("[procvirtd]\ncgroup-writes=true\n")
        start_anew(processes)
        yield
    finally:
        os.remove(CONF)
        if before is not None:
            with open(CONF, "w") as file:
                file.write(before)
        start_anew(processes)


def run(processes, root, *options):
    return processes.run("podman", "run", "--rm", "--log-driver", "none", "--network", "none", "--no-hosts", "-m", "64m", *BINDS, *ETC,
                         "--annotation", "procvirt.dev/cgroup-shape=v2", *options, "--rootfs", root + ":O", "sh", "-c",
                         " && ".join(STEPS), timeout=120)


@pytest.mark.bound(300)
def test_containers_of_podman(processes, root, writes):
    """Whose own cgroups can be written to writes; by default they are read-only, and so are ours."""
    result = run(processes, root, "--privileged")
    assert result.returncode == 0 and result.stdout.split() == [str(16 * MIB), "1", str(64 * MIB)], result
    result = run(processes, root)
    assert result.returncode != 0 and "Read-only file system" in result.stderr and not result.stdout, result
