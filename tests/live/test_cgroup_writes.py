# SPDX-License-Identifier: Apache-2.0
"""--cgroup-writes: what a container may change in its own cgroup tree, and all that it may not."""
import ctypes
import errno
import os
import signal
import stat
import subprocess
import threading

import pytest

from attacks import ask, served
from daemon import Daemon
from processes import Processes, until

MIB = 1 << 20
USER, OTHER_USER = 12345, 12346
LIMIT = {1: "memory.limit_in_bytes", 2: "memory.max"}


def text(path):
    with open(path) as file:
        return file.read()


@pytest.fixture(scope="module")
def writing_daemon(scratch, probe):
    processes = Processes(probe)
    daemon = Daemon(processes, scratch, "--cgroup-writes")
    try:
        yield daemon.start()
        daemon.stop()
    finally:
        daemon.clean()
        processes.end_all()


@pytest.fixture
def writing(writing_daemon):
    """A daemon that lets containers write, and knows none before and after."""
    yield writing_daemon
    writing_daemon.check()
    for container in ask(writing_daemon, op="list")["containers"]:
        ask(writing_daemon, op="forget", id=container["id"])


class Box:
    """A registered container with an agent in it, in init.scope, and a cgroup "in" of its own. `top`: its tree; `host`: the same."""

    def __init__(self, daemon, group, processes, name="box", wrap=()):
        version = group().tree.version("memory")
        self.cgroup = group(name, memory=64 * MIB)
        self.inner = group(name + "/in", memory=32 * MIB)
        self.init = group(name + "/init.scope")
        self.agent = processes.agent(self.init, wrap)
        self.pinned = daemon.register(name, self.agent.pid) + "/sys/fs/cgroup"
        below = "/memory" if version == 1 else ""
        self.pinned += below
        self.top = f"{daemon.mount}/sys/fs/cgroup{below}"
        self.host = self.cgroup.dir("memory")
        self.limit = LIMIT[version]
        self.threads = {1: "tasks", 2: "cgroup.threads"}[version]

    def write(self, path, what, agent=None, top=None):
        """By the agent; open(2), write(2), close(2)."""
        return (agent or self.agent)(f"write({(top or self.top) + '/' + path!r}, {what!r})")


@pytest.fixture
def box(writing, group, processes):
    return Box(writing, group, processes)


def refused(code, function, *args, **more):
    codes = code if isinstance(code, tuple) else (code,)
    with pytest.raises(OSError) as error:
        function(*args, **more)
    assert error.value.errno in codes, error.value


# ---- what can be done ----

def test_a_limit_within(box):
    before = text(f"{box.host}/{box.limit}")
    box.write(f"in/{box.limit}", str(16 * MIB))
    assert text(f"{box.host}/in/{box.limit}") == f"{16 * MIB}\n"
    assert box.agent(f"text('{box.top}/in/{box.limit}')") == f"{16 * MIB}\n", "the next read shows it"
    box.write(f"in/{box.limit}", str(24 * MIB), top=box.pinned)
    assert text(f"{box.host}/in/{box.limit}") == f"{24 * MIB}\n", "by the tree that is laid, too"
    assert text(f"{box.host}/{box.limit}") == before


def test_the_shells_way(box, processes):
    """It opens with O_TRUNC, and with O_APPEND for >>."""
    for sign, size in ((">", 20 * MIB), (">>", 12 * MIB)):
        processes.output("sh", "-c", f"echo {size} {sign} {box.top}/in/{box.limit}", cgroup=box.init)
        assert text(f"{box.host}/in/{box.limit}") == f"{size}\n"


def test_an_open_file_reads_what_was_written(box):
    path = f"{box.top}/in/{box.limit}"
    fd = box.agent(f"os.open('{path}', os.O_RDWR)")
    box.agent(f"os.write({fd}, b'{18 * MIB}')")
    assert box.agent(f"whole({fd})") == f"{18 * MIB}\n"
    box.agent(f"os.pwrite({fd}, b'{17 * MIB}', 5)")
    assert box.agent(f"whole({fd})") == f"{17 * MIB}\n"


def test_files_that_are_open_to_write_are_not_mixed_up(box):
    """Whoever opened them is all that their handles say."""
    files = [box.agent(f"os.open('{box.top}/{name}/{box.limit}', os.O_RDWR)") for name in ("in", "init.scope")]
    assert box.agent(f"os.pread({files[0]}, 100, 0).decode()") == f"{32 * MIB}\n"
    assert box.agent(f"os.pread({files[1]}, 100, 2).decode()") == text(f"{box.host}/init.scope/{box.limit}")[2:]


def test_cgroups_are_made_and_removed(box):
    box.agent(f"os.mkdir('{box.top}/new')")
    assert os.path.isdir(f"{box.host}/new")
    box.agent(f"os.mkdir('{box.top}/new/deep', 0o700)")
    assert stat.S_IMODE(os.stat(f"{box.host}/new/deep").st_mode) == 0o700
    if os.path.exists(f"{box.host}/new/cgroup.subtree_control"):
        box.write("new/cgroup.subtree_control", "+memory")
    box.write(f"new/deep/{box.limit}", str(8 * MIB))
    assert text(f"{box.host}/new/deep/{box.limit}") == f"{8 * MIB}\n"
    refused(errno.EEXIST, box.agent, f"os.mkdir('{box.top}/new')")
    refused(errno.EEXIST, box.agent, f"os.mkdir('{box.top}/{box.limit}')")
    refused((errno.EBUSY, errno.ENOTEMPTY), box.agent, f"os.rmdir('{box.top}/new')")
    box.agent(f"os.rmdir('{box.top}/new/deep')")
    box.agent(f"os.rmdir('{box.top}/new')")
    assert not os.path.exists(f"{box.host}/new")
    refused(errno.ENOENT, box.agent, f"os.rmdir('{box.top}/new')")


OWN_PIDS = ("unshare", "--pid", "--fork", "--kill-child")


def cgroup_of(box, pid):
    """Below the container's, in the hierarchy that is written to."""
    top = box.cgroup.dir("memory")
    with open(f"/proc/{pid}/cgroup") as file:
        paths = [line.rstrip("\n").split(":", 2)[2] for line in file]
    below = [path[len(box.cgroup.name):] for path in paths
             if path.startswith(box.cgroup.name) and f"{pid}\n" in text(top + path[len(box.cgroup.name):] + "/" + box.threads)]
    assert below, (pid, paths)
    return below[0]


def test_a_process_by_its_own_number(writing, group, processes):
    box = Box(writing, group, processes, wrap=OWN_PIDS)
    child = box.agent("subprocess.Popen(['sleep', 'infinity']).pid")
    host = int(text(f"/proc/{box.agent.pid}/task/{box.agent.pid}/children").split()[0])
    assert child != host
    box.write("in/cgroup.procs", f" {child}\n")
    assert cgroup_of(box, host) == "/in"
    assert box.agent(f"text('{box.top}/in/cgroup.procs')") == f"{child}\n"
    refused(errno.ESRCH, box.write, "in/cgroup.procs", str(host))
    for wrong in ("", " ", "-1", "0x1", "010", "1 2", "self", "99999999999", "1\0"):
        if wrong:
            refused(errno.EINVAL, box.write, "in/cgroup.procs", wrong)
    box.write("in/cgroup.procs", "0")
    assert cgroup_of(box, box.agent.pid) == "/in", "the writer himself"
    box.write("init.scope/cgroup.procs", "1")
    assert cgroup_of(box, box.agent.pid) == "/init.scope"


def test_a_thread(box):
    tid = box.agent("globals().setdefault('thread', Thread()).id")
    if box.threads != "tasks":  # v2 moves threads between threaded cgroups only, which have no memory controller
        refused(errno.EOPNOTSUPP, box.write, f"in/{box.threads}", str(tid))
        box.write(f"init.scope/{box.threads}", str(tid))
        refused(errno.ESRCH, box.write, "in/cgroup.procs", str(tid))
        return
    box.write(f"in/{box.threads}", str(tid))
    assert text(f"{box.host}/in/tasks") == f"{tid}\n"
    refused(errno.ESRCH, box.write, "in/cgroup.procs", str(tid))
    box.agent(f"thread.call(write, '{box.top}/init.scope/tasks', '0')")
    assert text(f"{box.host}/in/tasks") == "", "0 is the thread that writes"


# ---- what cannot ----

def test_off_by_default(daemon, group, processes):
    box = Box(daemon, group, processes)
    for top in (box.top, box.pinned):
        refused((errno.EROFS, errno.EACCES), box.write, f"in/{box.limit}", str(16 * MIB), top=top)
        refused(errno.EROFS, box.agent, f"os.mkdir('{top}/new')")
        refused(errno.EROFS, box.agent, f"os.rmdir('{top}/in')")
    assert text(f"{box.host}/in/{box.limit}") == f"{32 * MIB}\n"


def test_its_own_limits_are_not_the_containers(box):
    for name in (box.limit, "cpu.max", "notify_on_release", "cgroup.freeze"):
        if os.path.exists(f"{box.host}/{name}"):
            refused((errno.EPERM, errno.EACCES), box.write, name, "1")
    assert text(f"{box.host}/{box.limit}") == f"{64 * MIB}\n"
    assert not stat.S_IMODE(box.agent(f"os.stat('{box.top}/{box.limit}').st_mode")) & 0o222


def test_what_nobody_may_write(box, group):
    for name in sorted(set(os.listdir(f"{box.host}/in")) & {"memory.stat", "memory.usage_in_bytes", "memory.current",
                                                           "memory.pressure", "memory.failcnt", "cgroup.events"}):
        refused((errno.EACCES, errno.EINVAL), box.write, f"in/{name}", "some 150000 1000000")
    for name in ("cgroup.event_control", "release_agent", "memory.pressure_level", "cgroup.kill", "memory.force_empty"):
        refused((errno.ENOENT, errno.EACCES), box.write, f"in/{name}", "1")
    path = f"{box.top}/in/{box.limit}"
    for code, action in ((errno.EPERM, f"os.chmod('{path}', 0o666)"), (errno.EPERM, f"os.chown('{path}', 1, 1)"),
                         (errno.EPERM, f"os.unlink('{path}')"), (errno.EACCES, f"os.open('{box.top}/x', os.O_CREAT | os.O_WRONLY)"),
                         (errno.EPERM, f"os.symlink('/', '{box.top}/x')"), (errno.EPERM, f"os.rename('{box.top}/in', '{box.top}/x')"),
                         (errno.EPERM, f"os.mkfifo('{box.top}/x')"), (errno.EPERM, f"os.link('{path}', '{box.top}/x')")):
        refused(code, box.agent, action)
    refused(errno.E2BIG, box.write, f"in/{box.limit}", "1" * 401)
    refused(errno.EINVAL, box.agent, f"os.write(os.open('{path}', os.O_WRONLY | os.O_DIRECT), b'1')")
    assert text(f"{box.host}/in/{box.limit}") == f"{32 * MIB}\n"
    assert box.agent(f"os.truncate('{path}', 0)") is None, "as the kernel's: it changes nothing"
    assert text(f"{box.host}/in/{box.limit}") == f"{32 * MIB}\n"


def test_not_in_the_other_shape(writing, group, processes):
    box = Box(writing, group, processes, name="shaped")
    other = {"tasks": "v2", "cgroup.threads": "v1"}[box.threads]
    writing.call(op="forget", id="shaped")
    path = writing.register("shaped", box.agent.pid, **{"cgroup-shape": other}) + "/sys/fs/cgroup"
    name = {"v2": "in/memory.max", "v1": "memory/in/memory.limit_in_bytes"}[other]
    refused(errno.EROFS, box.write, name, str(16 * MIB), top=path)
    refused(errno.EROFS, box.agent, f"os.mkdir('{path}/{name.split('/')[0]}/new')")
    assert text(f"{box.host}/in/{box.limit}") == f"{32 * MIB}\n"


def test_foreign_processes(writing, group, processes):
    """Numbers that are right for the writer, or on the host, but not of processes of the container."""
    box = Box(writing, group, processes)
    other = Box(writing, group, processes, name="other")
    for pid in (other.agent.pid, os.getpid(), writing.pid, 1, 2):
        before = text(f"/proc/{pid}/cgroup")
        for name in ("cgroup.procs", box.threads):
            refused(errno.ESRCH, box.write, f"in/{name}", str(pid))
        assert text(f"/proc/{pid}/cgroup") == before
    hidden = Box(writing, group, processes, name="hidden", wrap=OWN_PIDS)
    refused(errno.ESRCH, hidden.write, "in/cgroup.procs", str(hidden.agent.pid))


def test_from_outside(box, writing, group, processes):
    """Whoever is not in the container, root on the host too: he has the kernel's own tree."""
    other = Box(writing, group, processes, name="other")
    path = f"{box.pinned}/in/{box.limit}"
    for act in (lambda: os.open(path, os.O_WRONLY), lambda: os.mkdir(f"{box.pinned}/new"), lambda: os.rmdir(f"{box.pinned}/in"),
                lambda: other.write(f"in/{box.limit}", "1", top=box.pinned), lambda: other.agent(f"os.mkdir('{box.pinned}/new')")):
        refused((errno.EPERM, errno.EACCES), act)
    for escape in ("../box/in", "in/../../box/in", "../../box/in", "in/../../../" + box.cgroup.name.strip("/") + "/in"):
        refused((errno.ENOENT, errno.EACCES, errno.EPERM, errno.EROFS), other.write, f"{escape}/{box.limit}", "1")
    refused((errno.ENOENT, errno.EACCES, errno.EPERM), other.agent, f"os.mkdir('{other.top}/in/../../box/new')")
    # A directory of the one, handed to the other.
    held = box.agent(f"os.open('{box.top}/in', os.O_PATH)")
    refused((errno.ENOENT, errno.EPERM, errno.EACCES), other.write, box.limit, "1", top=f"/proc/{box.agent.pid}/fd/{held}")
    assert text(f"{box.host}/in/{box.limit}") == f"{32 * MIB}\n" and not os.path.exists(f"{box.host}/new")


def test_who_only_shares_the_pid_namespace(writing, group, processes):
    """By caller it sees the container of that namespace's first process, and its own cgroup is another."""
    box = Box(writing, group, processes, wrap=OWN_PIDS)
    beside = processes.agent(group("beside"), ("nsenter", "--target", box.agent.pid, "--pid"))
    assert beside(f"text('{box.top}/in/{box.limit}')") == f"{32 * MIB}\n"
    refused(errno.EPERM, box.write, f"in/{box.limit}", "1", beside)
    refused(errno.EPERM, beside, f"os.mkdir('{box.top}/new')")
    refused(errno.EPERM, box.write, "in/cgroup.procs", "0", beside)


def test_links_lead_nowhere_else(box, writing, group, processes, tmp_path):
    """A link that the container makes on the way to our files leads to what it could have named itself."""
    other = Box(writing, group, processes, name="other")
    for target in (f"{box.top}/../other", other.pinned, f"{box.pinned}/../other"):
        link = f"{tmp_path}/{len(os.listdir(tmp_path))}"
        os.symlink(target, link)
        refused((errno.ENOENT, errno.EPERM, errno.EACCES), box.write, f"in/{box.limit}", "1", top=link)
    assert text(f"{other.host}/in/{other.limit}") == f"{32 * MIB}\n"


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
    failures = [line for line in result.stderr.splitlines() if "Read-only file system" in line]
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
