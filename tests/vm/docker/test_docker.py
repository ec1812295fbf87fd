# SPDX-License-Identifier: Apache-2.0
"""Docker with the wrapper, as the example of daemon.json names it, and without."""
import glob
import subprocess

import pytest

from daemon import DAEMON
from engines import BINDS, CLIENTS, cpus_are, make_root, memory_is, said, without_jvm
from figures import meminfo
from processes import Processes, read_line, until

LIMIT = 262144  # KiB
LIMITS = ("-m", "256m", "--cpus", "2.5")
MOUNT = "/var/lib/procvirt"
# Docker has files of its own in /etc. java is there for the JVM.
JAVA = [word for path in ("/etc/alternatives", *glob.glob("/etc/java-*")) for word in ("-v", f"{path}:{path}:ro")]


@pytest.fixture(scope="module")
def procvirtd(probe):
    """The hook that the wrapper adds speaks to the usual socket."""
    processes = Processes(probe)
    process = processes.start(DAEMON, "--foreground", MOUNT, stderr=subprocess.STDOUT)
    assert read_line(process, 60) == f"procvirtd: serving {MOUNT}\n"
    yield process
    assert processes.end(process) == 0


@pytest.fixture(scope="module")
def image(docker, scratch):
    """Links into /usr, of which Docker makes an image."""
    root = make_root(scratch + "/root")
    subprocess.run(f"tar -C {root} -c . | docker import - links", shell=True, check=True, capture_output=True)
    return "links"


@pytest.fixture
def run(docker, image, procvirtd):
    """run(runtime, command, options) in a container with our limits."""
    def start(runtime, command, options=("--rm",), **more):
        return docker.run("run", "--runtime", runtime, "--network=none", *LIMITS, *BINDS, *JAVA, *options, image, *command, **more)

    return start


def test_with_the_wrapper_every_client_reads_the_containers(run):
    answer = without_jvm(said(run("procvirt", CLIENTS)), LIMIT, 3)
    memory_is(answer, LIMIT)
    cpus_are(answer, 3)
    assert "/proc/meminfo" in answer["laid"] and "/sys/fs/cgroup" not in answer["laid"]


def test_without_the_wrapper_every_client_reads_the_hosts(run):
    """So the test above can fail."""
    answer = without_jvm(said(run("runc", CLIENTS)), LIMIT, 3)
    with open("/proc/meminfo") as file:
        memory_is(answer, meminfo(file.read())["MemTotal"])
    cpus_are(answer, 4)
    assert answer["laid"] == []


def test_where_the_hosts_cgroups_would_be_seen(run):
    """Without a cgroup namespace the root of the tree is the host's, which has no limit."""
    result = run("procvirt", ["cat", "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/cpu.max"], ["--rm", "--cgroupns=host"])
    assert result.stdout.split() == [str(LIMIT * 1024), "250000", "100000"], result


def test_input_and_exit_status_pass(run):
    result = run("procvirt", ["sh", "-c", "read line; echo got $line; exit 9"], ["--rm", "--interactive"],
                 stdin=None, input="a line\n")
    assert (result.returncode, result.stdout) == (9, "got a line\n"), result


def test_signals_pass(run, docker):
    script = "trap 'exit 8' TERM; echo up; while :; do sleep 0.1; done"
    result = run("procvirt", ["sh", "-c", script], ["--detach", "--name", "signalled"])
    assert result.returncode == 0, result
    until(lambda: docker.run("logs", "signalled").stdout == "up\n", "the container has set its trap", 60)
    docker.run("stop", "--time", "600", "signalled")
    assert docker.run("inspect", "--format", "{{.State.ExitCode}}", "signalled").stdout == "8\n"


def test_containerd_alone(processes, containerd, scratch, procvirtd):
    """ctr is told of the wrapper as a RuntimeClass's BinaryName tells containerd's other clients."""
    rootfs = make_root(scratch + "/ctr")
    mount = "type=bind,src=/usr,dst=/usr,options=rbind:ro"

    def total(*options):
        text = processes.output("ctr", "run", "--rm", *options, "--memory-limit", str(LIMIT * 1024), "--mount", mount, "--rootfs",
                                rootfs, "alone", "/bin/cat", "/proc/meminfo", timeout=120)
        return meminfo(text)["MemTotal"]

    assert total() > LIMIT
    assert total("--runc-binary", "/usr/bin/procvirt-runc") == LIMIT
