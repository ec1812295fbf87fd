# SPDX-License-Identifier: Apache-2.0
"""podman, crun and runc with the files that a package ships, where it ships them; systemd runs the daemon."""
import os
import re
import shutil

import pytest

from engines import BINDS, CLIENTS, ETC, cpus_are, make_root, memory_is, said, without_jvm
from figures import meminfo
from processes import until

LIMIT = 262144  # KiB
LIMITS = ("-m", "256m", "--cpus", "1.5")
CPUS = 4  # the machine's
MOUNT = "/var/lib/procvirt"
CDI = ("--device", "procvirt.dev/view=all")
MEMINFO = ("cat", "/proc/meminfo")


@pytest.fixture(scope="module")
def root(scratch):
    return make_root(scratch + "/root")


@pytest.fixture(scope="module")
def no_hooks(scratch):
    """A directory for --hooks-dir."""
    os.mkdir(scratch + "/no-hooks")
    return scratch + "/no-hooks"


@pytest.fixture
def podman(processes, root):
    """podman(command, options=…, runtime="crun", before=…) runs a container to its end."""
    def run(command, options=(), runtime="crun", before=(), etc=ETC, rootfs=root + ":O"):
        return processes.run("podman", "--runtime", runtime, *before, "run", "--rm", "--log-driver", "none", "--network", "none",
                             "--no-hosts", *LIMITS, *BINDS, *etc, *options, "--rootfs", rootfs, *command, timeout=120)

    return run


def host_total():
    with open("/proc/meminfo") as file:
        return meminfo(file.read())["MemTotal"]


def total(result):
    assert result.returncode == 0, result
    return meminfo(result.stdout)["MemTotal"]


def test_every_client_by_hooks_d(podman):
    """1.5 CPUs are 2 for all but nproc, which does not believe in 2 and asks sched_getaffinity(2): see procvirt(7)."""
    answer = without_jvm(said(podman(CLIENTS)), LIMIT, 2)
    memory_is(answer, LIMIT)
    assert answer["cpus"].pop("nproc --all") == CPUS
    cpus_are(answer, 2)
    assert "/proc/meminfo" in answer["laid"]
    assert "/sys/fs/cgroup" not in answer["laid"], "the kernel's own shows nothing of the host's, and says what it is"


def test_every_client_without_a_hook(podman, no_hooks):
    """Each says the host's figures: else the tests here could not fail."""
    answer = without_jvm(said(podman(CLIENTS, before=["--hooks-dir", no_hooks])), LIMIT, 2)
    memory_is(answer, host_total())
    cpus_are(answer, CPUS)
    assert answer["laid"] == []


WAYS = {"hooks.d": (), "CDI": CDI}
FEW = ("free", "nproc --all", "psutil", "lscpu")


@pytest.mark.parametrize("runtime, way", [("runc", "hooks.d"), ("crun", "CDI"), ("runc", "CDI")])
def test_clients_by_runtime_and_way(podman, no_hooks, runtime, way):
    """2.5 CPUs are 3, for nproc too. With CDI no hook is configured otherwise."""
    before = ["--hooks-dir", no_hooks] if way == "CDI" else []
    answer = said(podman([*CLIENTS, *FEW], [*WAYS[way], "--cpus", "2.5"], runtime, before))
    memory_is(answer, LIMIT)
    cpus_are(answer, 3)


@pytest.fixture(scope="module")
def annotated(scratch):
    """The example of a hook for chosen containers in the other's place."""
    os.mkdir(scratch + "/annotated")
    shutil.copy("/usr/share/doc/procvirt/examples/hooks.d/procvirt-annotated.json", scratch + "/annotated")
    return scratch + "/annotated"


def test_chosen_by_an_annotation(podman, annotated):
    before = ["--hooks-dir", annotated]
    assert total(podman(MEMINFO, before=before)) == host_total()
    assert total(podman(MEMINFO, ["--annotation", "procvirt.dev/enable=true"], before=before)) == LIMIT


V1 = ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/cpu/cpu.cfs_quota_us")


def test_a_program_that_knows_only_version_1(podman):
    """With the annotation it finds its limits where it looks for them; without, the kernel's version 2 is there."""
    result = podman(("cat", *V1), ["--annotation", "procvirt.dev/cgroup-shape=v1"])
    assert result.stdout.split() == [str(LIMIT * 1024), "150000"], result
    result = podman(("cat", *V1, "/sys/fs/cgroup/memory.max"))
    assert result.returncode != 0 and result.stdout.split() == [str(LIMIT * 1024)], result


KERNELS, OURS = "cgroup2fs", "fuseblk"
# The limit is also where /proc/self/cgroup says, behind the mount point.
FILE_SYSTEM = ("sh", "-c", """
cat /proc/meminfo
stat --file-system --format 'FileSystem: %T' /sys/fs/cgroup
cat "/sys/fs/cgroup$(cut -d : -f 3 /proc/self/cgroup)/cpu.max" /sys/fs/cgroup/cpu.max
""")
KINDS = {
    "read-only": (["--read-only"], KERNELS, True),
    "host pids": (["--pid", "host"], KERNELS, True),
    "host cgroups": (["--cgroupns", "host"], OURS, True),
    # It may write there, and so manages them.
    "privileged": (["--privileged", "--cgroupns", "host"], KERNELS, False),
}


@pytest.mark.parametrize("kind, runtime", [*((kind, "crun") for kind in KINDS), ("host cgroups", "runc"), ("privileged", "runc")])
def test_containers_of_other_kinds(podman, kind, runtime):
    """What limits are at /sys/fs/cgroup are the container's: the host's root has none."""
    options, file_system, limited = KINDS[kind]
    result = podman(FILE_SYSTEM, options, runtime)
    text, _, rest = result.stdout.partition("FileSystem: ")
    assert meminfo(text)["MemTotal"] == LIMIT
    assert rest.splitlines() == [file_system] + ["150000 100000"] * (1 + limited), result


def test_a_user_namespace(podman, scratch):
    """podman's overlay cannot be entered from one, so the root is a plain directory that the mapped root owns."""
    rootfs = make_root(scratch + "/mapped")
    for name in (".", *os.listdir(rootfs)):
        os.lchown(f"{rootfs}/{name}", 100000, 100000)
    mapping = ["--uidmap", "0:100000:65536", "--gidmap", "0:100000:65536"]
    assert total(podman(MEMINFO, mapping, rootfs=rootfs)) == LIMIT


def test_nothing_of_the_hosts_was_covered():
    """--pid host and --privileged bind the host's own /proc and /sys."""
    with open("/proc/self/mountinfo") as mounts:
        assert [line.split()[4] for line in mounts if " - fuse.procvirt " in line] == [MOUNT]


def test_two_containers_in_one_pid_namespace(podman, processes, root):
    """Each sees its own limit."""
    processes.output("podman", "run", "--detach", "--name", "first", "--log-driver", "none", "--network", "none", "--no-hosts",
                     *LIMITS, *BINDS, *ETC, "--rootfs", root + ":O", "sleep", "infinity", timeout=120)
    try:
        assert total(podman(MEMINFO, ["--pid", "container:first", "-m", "128m"])) == LIMIT // 2
        assert total(processes.run("podman", "exec", "first", *MEMINFO)) == LIMIT
    finally:
        processes.run("podman", "rm", "--force", "--time", "0", "first")


PROBE = """
[Unit]
DefaultDependencies=no
SuccessAction=exit-force
FailureAction=exit-force
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'cat /proc/meminfo >/out/meminfo; cat /proc/1/cgroup /proc/self/cgroup >/out/cgroups'
"""


def test_systemd_in_a_container(podman, scratch):
    """Its init moves to init.scope, and services have cgroups of their own."""
    etc, out = scratch + "/etc", scratch + "/out"
    os.makedirs(etc + "/systemd/system")
    os.mkdir(out)
    with open(etc + "/systemd/system/probe.service", "w") as unit:
        unit.write(PROBE)
    podman(["/lib/systemd/systemd", "--unit=probe.service"], ["--systemd=always", "-v", out + ":/out"],
           etc=["-v", etc + ":/etc"])
    with open(out + "/meminfo") as file:
        assert meminfo(file.read())["MemTotal"] == LIMIT
    with open(out + "/cgroups") as file:
        assert file.read() == "0::/init.scope\n0::/system.slice/probe.service\n"


def show(processes, unit, name):
    return processes.output("systemctl", "show", "--property", name, "--value", unit).strip()


def test_the_view_is_there_before_a_container_of_the_boot(processes):
    """guest/early-container.service is an ordinary unit that no line orders behind ours. It ran when this machine was started."""
    with open("/run/early-container") as file:
        assert meminfo(file.read())["MemTotal"] == LIMIT
    ready = int(show(processes, "procvirtd.service", "ActiveEnterTimestampMonotonic"))
    assert 0 < ready < int(show(processes, "early-container.service", "ExecMainStartTimestampMonotonic"))


def test_exposure_of_the_service(processes):
    text = processes.output("systemd-analyze", "security", "--no-pager", "procvirtd.service")
    assert float(re.search(r"Overall exposure level for \S+: ([\d.]+)", text)[1]) <= 4.5


def test_no_hook_complained(processes):
    assert processes.output("journalctl", "--boot", "--quiet", "--output", "cat", "-t", "procvirt-hook") == ""


def is_mounted(processes):
    return processes.run("findmnt", "--types", "fuse.procvirt", MOUNT).returncode == 0


def is_served():
    """A mount whose daemon has died still answers stat(2) for a while."""
    try:
        with open(MOUNT + "/proc/meminfo") as file:
            return "MemTotal" in file.read()
    except OSError:
        return False


def main_pid(processes):
    return int(show(processes, "procvirtd.service", "MainPID"))


def test_stop_and_start(processes):
    processes.output("systemctl", "stop", "procvirtd")
    assert not is_mounted(processes)
    processes.output("systemctl", "start", "procvirtd")
    assert is_served(), "it is ready when systemctl returns"
    assert os.readlink(f"/proc/{main_pid(processes)}/ns/mnt") == os.readlink("/proc/1/ns/mnt"), "so all see its mount"


ENDS = {"killed": ("systemctl", "kill", "--signal", "KILL", "procvirtd"), "unmounted": ("umount", MOUNT)}


@pytest.mark.parametrize("end", ENDS)
def test_it_is_started_again(processes, end):
    before = main_pid(processes)
    processes.output(*ENDS[end])
    until(lambda: main_pid(processes) not in (before, 0) and is_served(), "another daemon serves the files", 60)
