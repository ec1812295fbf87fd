# SPDX-License-Identifier: Apache-2.0
"""The trees as files: names, modes, sizes; reading in any manner; no writing."""
import errno
import os
import re
import stat

import pytest

from figures import meminfo
from processes import until

MIB = 1 << 20
REFUSALS = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSYS, errno.EOPNOTSUPP}
FILES = ["/proc/" + name for name in "meminfo swaps cpuinfo stat uptime loadavg interrupts softirqs cgroups buddyinfo".split()]
FILES += ["/sys/devices/system/cpu/" + name for name in ("online", "possible", "present", "kernel_max")]
USED_ONLY = ("/proc/diskstats", "/proc/partitions")  # empty where no disk was used
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


def everything(top):
    """Every directory and file below top, by os.scandir and by os.lstat; links (to disks) are neither; but for the cgroup tree (test_cgroup_tree.py)."""
    directories, files = [top], []
    for directory in directories:
        with os.scandir(directory) as entries:
            names = []
            for entry in entries:
                names.append(entry.name)
                if entry.path.endswith("/sys/fs/cgroup"):
                    continue
                info = os.lstat(entry.path)
                assert stat.S_ISDIR(info.st_mode) == entry.is_dir(follow_symlinks=False), entry.path
                assert entry.inode() == info.st_ino, entry.path
                if not stat.S_ISLNK(info.st_mode):
                    (directories if entry.is_dir(follow_symlinks=False) else files).append(entry.path)
            assert len(set(names)) == len(names), directory
    return directories, files


def pinned_and_own(daemon, group, processes):
    cgroup = group(memory=100 * MIB)
    agent = processes.agent(cgroup)
    return [daemon.register("files", agent.pid), daemon.mount]


def test_every_file_is_there_by_caller_and_pinned(daemon, group, processes):
    for top in pinned_and_own(daemon, group, processes):
        _, files = everything(top)
        names = {name[len(top):] for name in files}
        assert set(FILES) <= names
        assert any(name.endswith("/topology/core_id") for name in names)


def kernels_own(path):
    """A block of memory is compared with the first one: the kernel's numbers have holes."""
    return re.sub(r"/memory/memory\d+", "/memory/memory0", path)


def may(info):
    return stat.S_IMODE(info.st_mode)


def test_modes_owners_and_sizes(daemon, group, processes):
    """Readable as the kernel's own, writable by nobody else than those."""
    top = pinned_and_own(daemon, group, processes)[0]
    directories, files = everything(top)
    for path in directories:
        info, host = os.lstat(path), os.lstat(kernels_own(path[len(top):]) or "/proc")
        assert stat.S_ISDIR(info.st_mode) and (info.st_uid, info.st_gid) == (0, 0)
        assert may(info) & 0o555 == may(host) & 0o555 and not may(info) & ~may(host), path
    for path in files:
        info, host = os.lstat(path), os.lstat(kernels_own(path[len(top):]))
        assert stat.S_ISREG(info.st_mode) and (info.st_uid, info.st_gid) == (0, 0), "no links"
        assert info.st_nlink == 1, path
        with open(path, "rb", buffering=0) as file:
            assert info.st_size >= len(file.read()), "at least the text, or splice(2) would see an empty file"
        assert may(info) & 0o444 == may(host) & 0o444 and not may(info) & ~may(host), path


def test_every_file_can_be_read(daemon, group, processes):
    for top in pinned_and_own(daemon, group, processes):
        for path in everything(top)[1]:
            with open(path, "rb", buffering=0) as file:
                text = file.read()
            with open(kernels_own(path[path.index("/proc/" if "/proc/" in path else "/sys/"):]), "rb") as file:
                kernels = file.read()
            assert text.endswith(b"\n") or not kernels.strip() or path.endswith(USED_ONLY), f"{path}: {text!r}"


def test_anybody_may_read(mount, group, processes):
    """Its own figures, as in the kernel's /proc."""
    text = processes.output(*NOBODY, "cat", mount + "/proc/meminfo", cgroup=group(memory=100 * MIB))
    assert meminfo(text)["MemTotal"] == 102400
    assert processes.output(*NOBODY, "ls", mount + "/sys/devices/system/cpu", cgroup=group())


@pytest.mark.parametrize("file", FILES)
def test_one_byte_at_a_time(mount, group, processes, file):
    """As much as at once, and of one moment."""
    agent = processes.agent(group(memory=100 * MIB))
    agent(f"globals().update(fd=open_file('{mount}{file}'))")
    slowly = agent("b''.join(iter(lambda: os.read(fd, 1), b'')).decode()")
    assert slowly
    assert agent("os.pread(fd, 65536, 1).decode()") == slowly[1:]


@pytest.mark.parametrize("file", FILES)
def test_odd_offsets_and_sizes(mount, group, processes, file):
    agent = processes.agent(group(memory=100 * MIB))
    agent(f"globals().update(fd=open_file('{mount}{file}'))")
    text = agent("whole(fd)")
    for size in (1, 7, 4096, 65536):
        for offset in (1, 3, 17, 63, len(text) - 1, len(text), len(text) + 1, 1 << 40):
            assert agent(f"os.pread(fd, {size}, {offset}).decode()") == text[offset:offset + size], (size, offset)


@pytest.mark.parametrize("call", ["os.sendfile(pair[1], fd, None, 65536)", "os.splice(fd, pair[1], 65536)"],
                         ids=["sendfile", "splice"])
@pytest.mark.parametrize("pinned", [False, True], ids=["caller", "pinned"])
def test_without_copying(daemon, group, processes, call, pinned):
    """sendfile(2) and splice(2), which busybox's cat uses: the bytes or an error, at which it reads; never nothing."""
    agent = processes.agent(group(memory=100 * MIB))
    top = daemon.register("spliced", agent.pid) if pinned else daemon.mount
    agent(f"globals().update(fd=open_file('{top}/proc/meminfo'), pair=os.pipe())")
    try:
        count = agent(call)
    except OSError as error:
        assert error.errno == errno.EINVAL
    else:
        assert agent("os.read(pair[0], 65536).decode()" if count else "''").startswith("MemTotal:         102400 kB\n")


def test_without_copying_never_anothers_bytes(mount, group, processes):
    """splice(2) goes through the page cache, which belongs to the inode: two containers must not meet in it."""
    small = processes.agent(group("small", memory=100 * MIB))
    large = processes.agent(group("large", memory=300 * MIB))
    for agent in (small, large):
        agent(f"globals().update(fd=open_file('{mount}/proc/meminfo'), pair=os.pipe())")
    for agent, total in ((small, 102400), (large, 307200), (small, 102400)):
        try:
            count = agent("os.splice(fd, pair[1], 65536, offset_src=0)")
        except OSError as error:
            assert error.errno == errno.EINVAL
        else:
            text = agent("os.read(pair[0], 65536).decode()") if count else ""
            assert text.startswith(f"MemTotal:       {total:8d} kB\n")


READERS = [("tail", "-n", "3"), ("tail", "-c", "20"), ("tail", "-n", "+2"), ("head", "-n", "3"), ("head", "-c", "20"),
           ("wc", "-c"), ("tac",), ("sort",), ("grep", "-c", ""), ("dd", "status=none", "bs=7"), ("od", "-c"),
           ("busybox", "cat"), ("busybox", "tail", "-n", "3"), ("busybox", "wc", "-c"), ("sed", "-n", "$p")]


@pytest.mark.parametrize("command", READERS, ids=" ".join)
@pytest.mark.parametrize("file", ["/proc/cpuinfo", "/proc/swaps", "/sys/devices/system/cpu/online"])
def test_tools_that_trust_sizes(mount, group, processes, command, file):
    """Some look at the size, seek or splice: what they say must be what they say of a pipe."""
    cgroup = group(memory=100 * MIB)
    text = processes.output("cat", mount + file, cgroup=cgroup)
    expected = processes.output(*command, input=text)
    name = "if=" if command[0] == "dd" else ""
    said = processes.output(*command, name + mount + file, cgroup=cgroup)
    if "wc" in command:
        said, expected = said.split()[0], expected.split()[0]
    assert said == expected


def shape(text):
    """The text without its figures, of which one may have a digit more a moment later."""
    return re.sub(r" *\d+", "#", text)


def test_copying(mount, processes, group, scratch):
    """cp looks for holes where a file has a size."""
    cgroup = group(memory=100 * MIB)
    for file in FILES:
        processes.output("cp", "--sparse=auto", mount + file, scratch + "/copy", cgroup=cgroup)
        with open(scratch + "/copy") as copy:
            assert shape(copy.read()) == shape(processes.output("cat", mount + file, cgroup=cgroup)), file


def test_mapping_is_an_error_and_no_empty_page(mount, group, processes):
    """A page of a mapping would be shared between containers, too."""
    script = f"import mmap; print(mmap.mmap(open('{mount}/proc/meminfo').fileno(), 4096, prot=mmap.PROT_READ)[:8])"
    result = processes.run("/usr/bin/python3", "-c", script, cgroup=group())
    assert result.returncode != 0 and result.stdout == ""


def test_a_first_read_that_is_not_at_the_beginning(mount, group, processes):
    agent = processes.agent(group(memory=100 * MIB))
    agent(f"globals().update(fd=open_file('{mount}/proc/meminfo'))")
    assert agent("os.pread(fd, 30, 18).decode()").lstrip().startswith("102400 kB\nMemFree:")


@pytest.mark.race
@pytest.mark.parametrize("how", ["shared", "own"])
@pytest.mark.parametrize("file", ["/proc/meminfo", "/sys/devices/system/cpu/online", "/proc/cpuinfo"])
def test_64_threads_on_one_file(mount, group, processes, file, how):
    """On one descriptor, and on one each: the right bytes at every offset."""
    rounds = 300 if how == "shared" else 30
    processes.output(processes.probe, "threads", mount + file, 64, rounds, how, cgroup=group(memory=300 * MIB))


def refusal(do):
    try:
        result = do()
    except OSError as error:
        return error.errno
    return f"allowed: {result!r}"


def test_writing_is_refused(daemon, group, processes):
    for top in pinned_and_own(daemon, group, processes):
        file, directory = top + "/proc/meminfo", top + "/sys/devices/system/cpu"
        attempts = {
            "write": lambda: os.open(file, os.O_WRONLY),
            "read and write": lambda: os.open(file, os.O_RDWR),
            "append": lambda: os.open(file, os.O_WRONLY | os.O_APPEND),
            "truncate while opening": lambda: os.open(file, os.O_WRONLY | os.O_TRUNC),
            "create": lambda: os.open(directory + "/new", os.O_CREAT | os.O_WRONLY, 0o600),
            "offline a CPU": lambda: os.open(directory + "/cpu0/online", os.O_CREAT | os.O_WRONLY, 0o600),
            "truncate": lambda: os.truncate(file, 0),
            "chmod": lambda: os.chmod(file, 0o666),
            "chown": lambda: os.chown(file, 1, 1),
            "utime": lambda: os.utime(file),
            "unlink": lambda: os.unlink(file),
            "rename": lambda: os.rename(file, directory + "/meminfo"),
            "link": lambda: os.link(file, directory + "/meminfo"),
            "symlink": lambda: os.symlink("x", directory + "/link"),
            "mkdir": lambda: os.mkdir(directory + "/cpu99"),
            "mkdir of a container": lambda: os.mkdir(daemon.path("containers/mine")),
            "rmdir": lambda: os.rmdir(top + "/proc"),
            "mknod": lambda: os.mknod(directory + "/node", stat.S_IFIFO),
            "setxattr": lambda: os.setxattr(file, "user.x", b"x"),
        }
        for name, attempt in attempts.items():
            assert refusal(attempt) in REFUSALS, name
        with open(file) as text:
            assert meminfo(text.read())


def test_names_that_are_not_there(mount):
    names = "nothing", "proc/nothing", "proc/1", "proc/self", "sys/firmware", "sys/devices/system/cpu/cpu", "proc/meminfo "
    for name in names:
        assert refusal(lambda: os.stat(f"{mount}/{name}")) == errno.ENOENT
    for name in ("cpu00", "cpu-1", "cpu0x", "cpu4294967296", "cpu99999999999999999999", "cpu%"):
        assert refusal(lambda: os.stat(f"{mount}/sys/devices/system/cpu/{name}")) == errno.ENOENT
    assert refusal(lambda: os.stat(f"{mount}/proc/meminfo/x")) == errno.ENOTDIR
    assert refusal(lambda: os.stat(f"{mount}/" + "x" * 255)) == errno.ENOENT
    assert refusal(lambda: os.listdir(f"{mount}/proc/meminfo")) == errno.ENOTDIR


def test_a_directory_that_changes_while_it_is_listed(daemon, group, processes):
    """Containers come and go between two readings of one open directory."""
    agents = [processes.agent(group(f"c{i}")) for i in range(12)]
    for i, agent in enumerate(agents):
        daemon.register(f"listed-{i}", agent.pid)
    with os.scandir(daemon.path("containers")) as entries:
        first = next(entries).name
        for i in range(0, 12, 2):
            daemon.call(op="forget", id=f"listed-{i}")
        names = [first] + [entry.name for entry in entries]
    assert len(names) == len(set(names))
    assert {f"listed-{i}" for i in range(1, 12, 2)} <= set(names)


def test_polling_says_readable_and_wakes_nobody_up(mount, group, processes):
    """A poll handler once kept hosts from suspending: there is none, so the kernel answers by itself."""
    agent = processes.agent(group())
    agent(f"globals().update(fd=open_file('{mount}/proc/meminfo'))")
    assert agent("[list(pair) for pair in (lambda p: (p.register(fd), p.poll(0))[1])(__import__('select').poll())]")


def test_statfs_and_many_open_files(mount, group, processes):
    assert os.statvfs(mount).f_namemax >= 255
    agent = processes.agent(group(memory=100 * MIB))
    agent(f"globals().update(fds=[open_file('{mount}/proc/meminfo') for _ in range(500)])")
    texts = agent("[whole(fd) for fd in fds]")
    assert {meminfo(text)["MemTotal"] for text in texts} == {102400}
    agent.do("[os.close(fd) for fd in fds]")
    until(lambda: meminfo(agent.read(mount + "/proc/meminfo"))["MemTotal"] == 102400, "it still answers")
