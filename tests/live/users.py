# SPDX-License-Identifier: Apache-2.0
"""Users other than root: what they ask the daemon, and containers of their own, in user namespaces."""
import json
import os
import shutil

from daemon import CTL, HOOK
from processes import read_line

ASK = """
import socket, sys
with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
    client.settimeout(60)
    client.connect(sys.argv[1])
    client.send(sys.argv[2].encode())
    print(client.recv(1 << 20).decode())
"""
NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount", "--propagation", "private")
CONTAINER = ("unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc")


def first_child(process):
    with open(f"/proc/{process.pid}/task/{process.pid}/children") as children:
        return int(children.read().split()[0])


def give(cgroup, uid):
    """Delegates it in every hierarchy, as far as the daemon looks at that."""
    for path in cgroup.dirs():
        os.chown(path, uid, uid)


def start_cat(processes, *wrap, cgroup=None):
    """Something that runs: it is there once it has answered."""
    process = processes.start(*wrap, "cat", cgroup=cgroup)
    os.write(process.stdin.fileno(), b"ready\n")
    assert read_line(process) == "ready\n"
    return process


class User:
    """Our programs are copied for it: where they were built may be out of its reach."""

    def __init__(self, uid, processes, scratch):
        self.uid, self.processes, self.bin = uid, processes, f"{scratch}/user-bin"
        self.become = ("setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups")
        os.makedirs(self.bin, exist_ok=True)
        for program in (HOOK, CTL):
            shutil.copy(program, self.bin)

    def run(self, *command, **options):
        return self.processes.run(*self.become, *command, cwd="/", **options)

    def call(self, daemon, **request):
        return json.loads(self.processes.output(*self.become, "/usr/bin/python3", "-B", "-c", ASK, daemon.socket,
                                                json.dumps(request), cwd="/"))

    def session(self, cgroup=None):
        return Session(self, cgroup)


class Session:
    """A user namespace and a mount namespace of the user's, as rootless podman has them; in it is root."""

    def __init__(self, user, cgroup):
        self.user, self.process = user, start_cat(user.processes, *user.become, *NAMESPACE, cgroup=cgroup)
        self.pid = self.process.pid
        self.enter = ("nsenter", "--target", self.pid, "--user", "--mount", "--wd=/")

    def run(self, *command, **options):
        return self.user.processes.run(*self.enter, *command, **options)

    def container(self, cgroup):
        """The init of one in the session's user namespace."""
        return first_child(start_cat(self.user.processes, *self.enter, *CONTAINER, cgroup=cgroup))
