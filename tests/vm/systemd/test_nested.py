# SPDX-License-Identifier: Apache-2.0
"""
podman in podman. The outer container has no socket of the daemon's, so the hook within finds nobody: it says so, and the
inner container starts with the kernel's own files. With a user namespace it starts only where procvirt.dev/nesting leaves
a clean procfs.
"""
import json
import os

import pytest

from engines import BINDS, ETC, make_root
from figures import meminfo

OUTER, INNER = 524288, 131072  # KiB
MAPPED = 100000
NESTING = ("--annotation", "procvirt.dev/nesting=true")
HOOK = "/usr/share/containers/oci/hooks.d/procvirt.json"
NOBODY = "procvirtd does not run: nobody listens at /run/procvirt/control"

# Runs in the outer container, with its programs' files in memory. It leaves the root of its cgroup, which may not hold
# both processes and cgroups with limits. `try NAME COMMAND…` keeps in /out what the command said and how it ended.
SCRIPT = f"""
set -e
try() {{
    name=$1 status=0
    shift
    "$@" >/out/$name 2>/out/$name.error </dev/null || status=$?
    echo $status >/out/$name.status
}}
inner() {{
    name=$1
    shift
    try $name podman --root /tmp/storage --runroot /run/storage --storage-driver vfs --cgroup-manager cgroupfs \\
        --events-backend none --runtime crun --hooks-dir /out/hooks run --rm --log-driver none --network none \\
        --no-hosts -m {INNER}k -v /usr:/usr:ro "$@" --rootfs /out/root cat /proc/meminfo /sys/fs/cgroup/memory.max
}}
for directory in /tmp /run /var; do mount -t tmpfs tmpfs $directory; done
mkdir /var/tmp /sys/fs/cgroup/init
echo 0 >/sys/fs/cgroup/init/cgroup.procs
echo +cpu +memory +pids >/sys/fs/cgroup/cgroup.subtree_control
try own cat /proc/meminfo
try unshare unshare -Urpf --mount-proc cat /proc/meminfo
"""
PLAIN = "inner plain\n"
IN_USER_NAMESPACE = f"inner mapped --uidmap 0:{MAPPED}:65536 --gidmap 0:{MAPPED}:65536\n"


def host_total():
    with open("/proc/meminfo") as file:
        return meminfo(file.read())["MemTotal"]


def make_hook(directory):
    """The hook as it is shipped, but that it keeps its log: nobody has /dev/log in the outer container."""
    with open(HOOK) as file:
        hook = json.load(file)
    hook["hook"]["args"] += ["--log", "/out/log"]
    os.mkdir(directory)
    with open(directory + "/procvirt.json", "w") as file:
        json.dump(hook, file)


class Out:
    """The outer container's /out; in it the inner ones' root, which the mapped root owns."""

    def __init__(self, path):
        self.path = path
        root = make_root(path + "/root")
        for name in (".", *os.listdir(root)):
            os.lchown(f"{root}/{name}", MAPPED, MAPPED)
        make_hook(path + "/hooks")

    def read(self, name):
        with open(f"{self.path}/{name}") as file:
            return file.read()

    def status(self, name):
        return int(self.read(name + ".status"))

    def total(self, name):
        """MemTotal as the command said it."""
        assert self.status(name) == 0, self.read(name + ".error")
        return meminfo("".join(line for line in self.read(name).splitlines(True) if ":" in line))["MemTotal"]

    def is_inner(self, name):
        """It has its own limit, reads the kernel's figures, and one line of the log says why."""
        assert self.total(name) == host_total()
        assert self.read(name).splitlines()[-1] == str(INNER * 1024)
        (line,) = self.read("log").splitlines()
        assert line.endswith(NOBODY)


@pytest.fixture
def outer(processes, scratch, request):
    """outer(script, options) runs it; the Out."""
    def run(script, options=()):
        top = f"{scratch}/{request.node.name}"
        out, root = Out(top + "/out"), make_root(top + "/root")
        result = processes.run("podman", "run", "--rm", "--log-driver", "none", "--network", "none", "--no-hosts", *options,
                               "--privileged", "-m", f"{OUTER}k", "--cpus", "2", *BINDS, *ETC, "-v", out.path + ":/out",
                               "--rootfs", root + ":O", "sh", "-c", SCRIPT + script, timeout=150)
        assert result.returncode == 0, result
        return out

    return run


def test_podman_in_podman_with_nesting(outer):
    out = outer(IN_USER_NAMESPACE, NESTING)
    assert out.total("own") == OUTER, "from a cgroup of its own making, too"
    assert out.total("unshare") == host_total()
    out.is_inner("mapped")


def test_podman_in_podman_without_nesting(outer):
    """What is no user namespace's needs none."""
    out = outer(IN_USER_NAMESPACE + PLAIN)
    assert out.total("own") == OUTER
    for name in ("unshare", "mapped"):
        assert out.status(name) != 0 and "not permitted" in out.read(name + ".error"), name
    out.is_inner("plain")
