# SPDX-License-Identifier: Apache-2.0
"""--cgroup-writes: whose rights count, read-only mounts, and writes while things change."""
import ctypes
import errno
import os
import signal
import subprocess
import threading

import pytest

from attacks import served
from processes import until
from writers import LIMIT, MIB, OTHER_USER, USER, box, refused, text, writing, writing_daemon

# ---- whose rights ----

def become(uid, *more):
    return ("setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", *more)


def test_users_in_the_container(box, processes):
    user = processes.agent(box.init, become(USER))
    for act in (lambda: box.write(f"in/{box.limit}", "1", user), lambda: user(f"os.mkdir('{box.top}/new')"),
                lambda: box.write("in/cgroup.procs", "0", user), lambda: user(f"os.rmdir('{box.top}/in')")):
        refused(errno.EACCES, act)
    for name in (".", box.limit, "cgroup.procs"):
        os.chown(f"{box.host}/in/{name}", USER, USER)
    assert box.agent(f"os.stat('{box.top}/in').st_uid") == USER
    box.write(f"in/{box.limit}", str(16 * MIB), user)
    assert text(f"{box.host}/in/{box.limit}") == f"{16 * MIB}\n"
    user(f"os.mkdir('{box.top}/in/new')")
    assert os.stat(f"{box.host}/in/new").st_uid == USER, "it is his"
    user(f"os.rmdir('{box.top}/in/new')")
    # A process that is not his: the kernel asks for that of v1, and on v2 for the common ancestor.
    refused((errno.EACCES, errno.EPERM), box.write, "in/cgroup.procs", str(box.agent.pid), user)
    third = processes.agent(box.init, become(OTHER_USER))
    refused(errno.EACCES, box.write, f"in/{box.limit}", "1", third)
    os.chmod(f"{box.host}/in", 0o700)
    os.chmod(f"{box.host}/in/{box.limit}", 0o666)
    refused(errno.EACCES, box.write, f"in/{box.limit}", "1", third)
    assert text(f"{box.host}/in/{box.limit}") == f"{16 * MIB}\n", "through a directory that he may not go through"


def test_groups(box, processes):
    os.chown(f"{box.host}/in/{box.limit}", 0, USER)
    os.chmod(f"{box.host}/in/{box.limit}", 0o664)
    member = processes.agent(box.init, ("setpriv", f"--reuid={OTHER_USER}", f"--regid={OTHER_USER}", f"--groups={USER}"))
    stranger = processes.agent(box.init, become(OTHER_USER))
    box.write(f"in/{box.limit}", str(16 * MIB), member)
    refused(errno.EACCES, box.write, f"in/{box.limit}", "1", stranger)
    assert text(f"{box.host}/in/{box.limit}") == f"{16 * MIB}\n"


def test_root_of_a_user_namespace(box, processes):
    """It has all capabilities there, and none over what is not its own."""
    root = processes.agent(box.init, become(USER, "unshare", "--user", "--map-root-user"))
    assert root("os.getuid()") == 0
    refused(errno.EACCES, box.write, f"in/{box.limit}", "1", root)
    refused(errno.EACCES, root, f"os.mkdir('{box.top}/new')")
    os.chown(f"{box.host}/in/{box.limit}", OTHER_USER, OTHER_USER)
    refused(errno.EACCES, box.write, f"in/{box.limit}", "1", root)
    os.chown(f"{box.host}/in/{box.limit}", USER, USER)
    box.write(f"in/{box.limit}", str(16 * MIB), root)
    assert text(f"{box.host}/in/{box.limit}") == f"{16 * MIB}\n"


def test_without_capabilities(box, processes):
    """Capabilities of the caller's do not count, as he may have them in a namespace of his own: owners and modes do."""
    os.chown(f"{box.host}/in/{box.limit}", USER, USER)
    refused(errno.EACCES, box.write, f"in/{box.limit}", "1")
    assert text(f"{box.host}/in/{box.limit}") == f"{32 * MIB}\n"


def test_another_set_of_cpus(box, processes):
    """Is for a process that has no more capabilities than who moves it, as cpuset_can_attach() of the kernel has it."""
    top = box.top.removesuffix("/memory") + "/cpuset" if box.threads == "tasks" else box.top
    lesser = processes.agent(box.init, ("setpriv", "--bounding-set=-all", "--inh-caps=-all"))
    assert lesser("text('/proc/self/status')").count("CapPrm:\t0000000000000000") == 1
    box.write("in/cgroup.procs", "0", top=top)
    refused(errno.EPERM, box.write, "init.scope/cgroup.procs", str(box.agent.pid), lesser, top)
    box.write("in/cgroup.procs", "0", lesser, top)
    assert {str(box.agent.pid), str(lesser.pid)} <= set(box.agent(f"text('{top}/in/cgroup.procs')").split())


def take_fd(pid, number):
    """pidfd_getfd(2)."""
    pidfd = os.pidfd_open(pid)
    taken = ctypes.CDLL(None, use_errno=True).syscall(438, pidfd, number, 0)
    assert taken >= 0, os.strerror(ctypes.get_errno())
    os.close(pidfd)
    return taken


def test_an_open_file_that_is_handed_on(box, processes):
    """To a program with more rights, as standard output (CVE-2021-4197)."""
    for name in ("in/cgroup.procs", f"in/{box.limit}", "cgroup.procs"):  # v2 asks for the common ancestor's, too
        os.chown(f"{box.host}/{name}", USER, USER)
        os.chmod(f"{box.host}/{name}", 0o666)
    user = processes.agent(box.init, become(USER))
    for name, what in (("cgroup.procs", "0"), (box.limit, str(16 * MIB))):
        fd = take_fd(user.pid, user(f"os.open('{box.top}/in/{name}', os.O_WRONLY)"))
        for who in ((), become(OTHER_USER), ("setpriv", f"--reuid={USER}", f"--regid={USER}", "--groups=7")):
            result = processes.run(*who, "sh", "-c", f"echo {what}", cgroup=box.init, stdout=fd, stderr=subprocess.PIPE,
                                   capture_output=False)
            assert result.returncode and "echo" in result.stderr, (name, who, result)
        assert processes.run(*become(USER), "sh", "-c", f"echo {what}", cgroup=box.init, stdout=fd, stderr=subprocess.PIPE,
                             capture_output=False).returncode == 0, name
        with pytest.raises(PermissionError):
            os.write(fd, what.encode())  # this test is not in the container
        os.close(fd)
        assert name != box.limit or text(f"{box.host}/in/{name}") == f"{what}\n"


READ_ONLY = ("unshare", "--mount", "--propagation", "private", "sh", "-c", 'mount -o remount,bind,ro "$0" && exec "$@"')


def test_a_mount_that_is_read_only(box, processes, tree):
    """Whose own cgroups are mounted read-only does not get around it by ours."""
    agent = processes.agent(box.init, (*READ_ONLY, tree.of("memory").path))
    for act in (lambda: box.write(f"in/{box.limit}", "1", agent), lambda: agent(f"os.mkdir('{box.top}/new')"),
                lambda: agent(f"os.rmdir('{box.top}/in')"), lambda: box.write("in/cgroup.procs", "0", agent)):
        refused(errno.EROFS, act)
    assert text(f"{box.host}/in/{box.limit}") == f"{32 * MIB}\n"
    assert agent(f"text('{box.top}/in/{box.limit}')") == f"{32 * MIB}\n"


CGROUPS = {"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup"}


@pytest.mark.parametrize("mode", ("rw", "ro", None))
def test_laid_over_a_container(writing, bundles, tree, mode):
    """As its own cgroups were mounted, so is what is laid over them; other files of ours nobody writes to."""
    shape = tree.version("memory")
    top = "/sys/fs/cgroup" + ("/memory" if shape == 1 else "")
    limit = f"{top}/in/{LIMIT[shape]}"
    steps = ([f"mkdir {top}/init {top}/in", f"echo 0 > {top}/init/cgroup.procs"] +
             [f"echo +memory > {top}/cgroup.subtree_control"] * (shape == 2) +
             [f"echo {16 * MIB} > {limit}", f"cat {limit}", f"cat {top}/init/cgroup.procs"])
    made = bundles.make(f"laid-{mode}", ["sh", "-c", " && ".join(steps) + "; echo x > /proc/uptime"], memory=64 * MIB,
                        hook=["--strict", "--socket", writing.socket],
                        annotations={"procvirt.dev/cgroup-shape": f"v{shape}"})
    if mode:
        made.change(lambda config: config["mounts"].append({**CGROUPS, "options": ["nosuid", "noexec", "nodev", mode]}))
    result = made.run()
    # Before Linux 5.12 a single file cannot be laid read-only, and the daemon refuses.
    failures = [line for line in result.stderr.splitlines() if "Read-only file system" in line or "Permission denied" in line]
    assert "/proc/uptime" in failures[-1], result
    if mode == "rw":
        assert result.stdout.split()[:2] == [str(16 * MIB), "1"] and len(failures) == 1, result
    else:
        assert not result.stdout and all("mkdir" in line for line in failures[:-1]), result


# ---- while things change ----

def test_another_cgroup_takes_the_name(box, group):
    """The host renames cgroups (v1), or makes them anew, while one is written to: only the one that was opened is."""
    victim = group("box/victim", memory=32 * MIB)
    path = f"{box.top}/in/{box.limit}"
    fd = box.agent(f"os.open('{path}', os.O_WRONLY)")
    stop, done = threading.Event(), []

    def swap():
        while not stop.is_set():
            for old, new in (("in", "away"), ("victim", "in"), ("in", "victim"), ("away", "in")):
                os.rename(f"{box.host}/{old}", f"{box.host}/{new}")
            done.append(1)

    if box.threads == "tasks":
        thread = threading.Thread(target=swap)
        thread.start()
        try:
            until(lambda: done, "it begins")
            counts = box.agent(f"write_often({fd}, '{16 * MIB}', 300)")
            until(lambda: len(done) > 20, "they have changed places")
        finally:
            stop.set()
            thread.join()
        assert counts["written"] and set(counts) <= {"written", "ENOENT", "ENODEV"}, counts
        assert text(f"{box.host}/victim/{box.limit}") == f"{32 * MIB}\n"
        assert text(f"{box.host}/in/{box.limit}") == f"{16 * MIB}\n"
    box.inner.remove()
    group("box/in", memory=32 * MIB)
    refused((errno.ENOENT, errno.ENODEV, errno.ESRCH), box.agent, f"os.write({fd}, b'1')")
    assert text(f"{box.host}/in/{box.limit}") == f"{32 * MIB}\n" == text(f"{victim.dir('memory')}/{box.limit}")


def test_a_worker_that_is_killed(writing, box):
    """Each write is done, and each cgroup made and removed once, however often the worker dies of it."""
    keeper, before = writing.pid, set()
    box.agent.do(f"globals().setdefault('changes', Changes('{box.top}', 'in/{box.limit}', '{box.host}'))")
    for _ in range(6):
        pid = served(keeper, before)
        before = {pid}
        begun = box.agent("changes.done")
        until(lambda: box.agent("changes.done") > begun + 3 or box.agent("changes.failed"), "it goes on")
        os.kill(pid, signal.SIGKILL)
    served(keeper, before)
    assert box.agent("changes.end()") > 18
    assert box.agent("changes.failed") is None
    assert not [name for name in os.listdir(box.host) if name.startswith("made-")]
