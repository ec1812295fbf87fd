# SPDX-License-Identifier: Apache-2.0
"""--cgroup-writes: what a container may change in its own cgroup tree, and all that it may not."""
import errno
import os
import stat

import pytest

from writers import LIMIT, MIB, Box, box, refused, text, writing, writing_daemon

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
                                                           "memory.pressure", "memory.peak", "cgroup.events"}):
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


def test_the_most_that_was_in_use_begins_anew(box):
    """With any write to v1's. A write to v2's memory.peak is for that open file alone (cgroup-v2.rst), and ours is another one."""
    if box.limit == LIMIT[2]:
        refused((errno.EACCES, errno.ENOENT), box.write, "in/memory.peak", "0")
        return
    name = "memory.max_usage_in_bytes"
    box.write("in/cgroup.procs", "0")
    box.agent("len(b'x' * (20 << 20))")
    most = int(text(f"{box.host}/in/{name}"))
    box.write(f"in/{name}", "0")
    assert int(text(f"{box.host}/in/{name}")) < most - (10 << 20)
    refused((errno.EPERM, errno.EACCES), box.write, name, "0")


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
