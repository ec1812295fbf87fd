# SPDX-License-Identifier: Apache-2.0
"""Rootless podman: the hook runs as the user, and the daemon takes what systemd delegated to the user."""
import json
import os
import subprocess

import pytest

from engines import BINDS, ETC, make_root
from figures import meminfo
from processes import until

UID = 1500
RUNTIME_DIR = f"/run/user/{UID}"
ENVIRONMENT = {
    "HOME": "/home/rootless",
    "PATH": os.environ["PATH"],
    "XDG_RUNTIME_DIR": RUNTIME_DIR,
    "DBUS_SESSION_BUS_ADDRESS": f"unix:path={RUNTIME_DIR}/bus",
}
LIMIT = 262144  # KiB
MEMINFO = ("cat", "/proc/meminfo")
MINE = ("cat", "/proc/meminfo", "/proc/self/mountinfo")


def total(result):
    assert result.returncode == 0, result
    return meminfo("".join(line for line in result.stdout.splitlines(True) if " - " not in line))["MemTotal"]


def host_total():
    with open("/proc/meminfo") as file:
        return meminfo(file.read())["MemTotal"]


@pytest.fixture(scope="module")
def login():
    """A user with subordinate ids and a manager of its own, which needs nobody to be logged in."""
    subprocess.run(["useradd", "--create-home", "--uid", str(UID), "rootless"], check=True)
    subprocess.run(["loginctl", "enable-linger", "rootless"], check=True)
    until(lambda: os.path.exists(RUNTIME_DIR + "/bus"), "the user's manager runs", 120)
    yield ("setpriv", f"--reuid={UID}", f"--regid={UID}", "--init-groups")
    subprocess.run(["loginctl", "disable-linger", "rootless"], check=True)
    subprocess.run(["loginctl", "terminate-user", "rootless"], check=False)  # it may have gone by itself


@pytest.fixture(scope="module")
def root(scratch, login):
    top = make_root(scratch + "/rootless-root")
    for directory, _, _ in os.walk(top):
        os.chown(directory, UID, UID)
    return top


@pytest.fixture
def as_user(processes, login):
    """as_user(command) in a scope of the user's, so in a cgroup of the user's."""
    scope = ("systemd-run", "--user", "--scope", "--quiet", "--")
    return lambda *command, wrap=scope: processes.run(*login, *wrap, *command, env=ENVIRONMENT, cwd="/", timeout=180)


@pytest.fixture
def podman(as_user, root):
    """podman(command, options=…, before=…) runs a container to its end."""
    def run(command, options=(), before=()):
        return as_user("podman", "--events-backend", "none", *before, "run", "--rm", "--log-driver", "none", "--network",
                       "none", "--no-hosts", "-m", "256m", *BINDS, *ETC, *options, "--rootfs", root, *command)

    return run


@pytest.mark.parametrize("runtime", ["crun", "runc"])
def test_the_container_reads_its_own(podman, runtime):
    result = podman(MINE, before=["--runtime", runtime])
    assert total(result) == LIMIT, result
    assert " /proc/meminfo " in result.stdout and f"/containers/{UID}:" in result.stdout


def test_without_the_hook_it_reads_the_hosts(podman, scratch):
    os.makedirs(scratch + "/no-hooks-rootless", exist_ok=True)
    assert total(podman(MEMINFO, before=["--hooks-dir", scratch + "/no-hooks-rootless"])) == host_total()


NAMESPACES = {
    "keep-id": ("--userns", "keep-id"),
    "nomap": ("--userns", "nomap"),
    "uidmap": ("--uidmap", "0:1:1000", "--gidmap", "0:1:1000"),
}


@pytest.mark.parametrize("kind", NAMESPACES)
def test_in_a_user_namespace_in_the_users(podman, kind):
    """crun gives the cgroup to the container's root, a subordinate uid of the user's."""
    assert total(podman(MEMINFO, NAMESPACES[kind])) == LIMIT


def test_the_user_and_root_see_it(as_user, processes, root):
    """The user sees it with procvirtctl, root too; it is forgotten at its end."""
    started = as_user("podman", "--events-backend", "none", "run", "--detach", "--name", "shown", "--log-driver", "none",
                      "--network", "none", "--no-hosts", "-m", "256m", *BINDS, *ETC, "--rootfs", root, "sleep", "infinity")
    assert started.returncode == 0, started
    try:
        (users,) = json.loads(as_user("procvirtctl", "list", "--json").stdout)
        assert users["uid"] == UID and users["id"].startswith(f"{UID}:")
        assert users in json.loads(processes.output("procvirtctl", "list", "--json"))
        assert as_user("podman", "unshare", "procvirtctl", "detach", users["id"]).returncode == 0
        assert total(as_user("podman", "exec", "shown", *MEMINFO)) == host_total()
        attached = as_user("podman", "unshare", "procvirtctl", "attach", str(users["pid"]))
        assert attached.returncode == 0, attached
        assert total(as_user("podman", "exec", "shown", *MEMINFO)) == LIMIT
    finally:
        as_user("podman", "rm", "--force", "--time", "0", "shown")
    until(lambda: json.loads(as_user("procvirtctl", "list", "--json").stdout) == [], "it is forgotten")


def test_nothing_but_the_own(as_user, processes, root):
    """A container of root's is none of the user's business."""
    processes.output("podman", "run", "--detach", "--name", "roots", "--log-driver", "none", "--network", "none", "--no-hosts",
                     *BINDS, *ETC, "--rootfs", root, "sleep", "infinity", timeout=120)
    try:
        (roots,) = json.loads(processes.output("procvirtctl", "list", "--json"))
        assert json.loads(as_user("procvirtctl", "list", "--json").stdout) == []
        refused = as_user("podman", "unshare", "procvirtctl", "attach", str(roots["pid"]))
        assert refused.returncode == 1 and "not yours to register" in refused.stderr, refused
        hidden = as_user("ls", f"/var/lib/procvirt/containers/{roots['id']}")
        assert "Permission denied" in hidden.stderr, hidden
    finally:
        processes.run("podman", "rm", "--force", "--time", "0", "roots")
