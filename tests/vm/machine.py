# SPDX-License-Identifier: Apache-2.0
"""The machine: its disks, and QEMU's command line. `run` and `shell` use it."""
import contextlib
import fcntl
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.abspath(os.environ.get("PROCVIRT_BUILD", ROOT + "/build-vm"))
VARIANTS = ("plain", "systemd", "docker")
MIB = 1 << 20
OUT = 64 * MIB

# The first process, given on the kernel's command line: an image need not be built anew when guest/ changes.
UNPACK = "mount -t devtmpfs dev /dev && tar -x --keep-directory-symlink --no-overwrite-dir -f /dev/nvme0n1 -C /"

# Two sockets of two cores, and a NUMA node for each. Intel's name, as clients that decode cpuinfo know it.
HARDWARE = """
    -accel tcg,thread=multi -machine pc -cpu max,vendor=GenuineIntel -smp 4,sockets=2,cores=2,threads=1 -m 2048
    -object memory-backend-ram,id=m0,size=1024M -object memory-backend-ram,id=m1,size=1024M
    -numa node,nodeid=0,cpus=0-1,memdev=m0 -numa node,nodeid=1,cpus=2-3,memdev=m1
    -display none -vga none -nic none -nodefaults
""".split()


def say(text):
    print(text, flush=True)


def missing():
    """Why there can be no machine here; None if there can."""
    for program in ("qemu-system-x86_64", "mmdebstrap", "mke2fs", "cmake", "cc"):
        if not shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin"):
            return f"{program} is not installed"
    if os.uname().machine != "x86_64":
        return "the machine runs programs of x86_64"
    return None


def image():
    """The directory of the root disk and the kernel; the first call builds them, which takes two minutes."""
    result = subprocess.run([HERE + "/image"], stdout=subprocess.PIPE, text=True, check=True)
    return result.stdout.strip()


def quiet(*command, **options):
    """Runs one whose output matters only if it fails."""
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if result.returncode:
        sys.exit(f"{' '.join(command)}\n{result.stdout[-4000:]}")


def build(again=True):
    """The tree as it is now, unless not `again`; configured as for a package: its files name each other below /usr."""
    os.makedirs(BUILD, exist_ok=True)
    with open(BUILD + "/procvirt-vm.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(BUILD + "/build.ninja"):
            quiet("cmake", "-S", ROOT, "-B", BUILD, "-G", "Ninja", "-DCMAKE_INSTALL_PREFIX=/usr", "-DBUILD_TESTING=OFF")
        with open(BUILD + "/CMakeCache.txt") as cache:
            prefix = re.search(r"^CMAKE_INSTALL_PREFIX:\w+=(.*)$", cache.read(), re.M)[1]
        if prefix != "/usr":
            sys.exit(f"{BUILD} is configured for the prefix {prefix}, not for /usr: choose another by PROCVIRT_BUILD")
        if again:
            quiet("cmake", "--build", BUILD)
            quiet(ROOT + "/tests/other-version", BUILD + "/other")


def is_program(path):
    with open(path, "rb") as file:
        return os.access(path, os.X_OK) and file.read(4) == b"\x7fELF"


def compile_static(program, *patterns):
    sources = [path for pattern in patterns for path in glob.glob(f"{ROOT}/tests/live/{pattern}")]
    quiet("cc", "-O2", "-static", "-pthread", "-D_GNU_SOURCE", "-o", program, *sources)


def stage(top, order, patience):
    """Everything that the first disk brings: what `cmake --install` installs, and /procvirt."""
    quiet("cmake", "--install", BUILD, "--strip", env={**os.environ, "DESTDIR": top})
    ours = top + "/procvirt"
    os.makedirs(ours + "/build")
    for name in os.listdir(BUILD):
        path = f"{BUILD}/{name}"
        if name == "CMakeCache.txt" or os.path.isfile(path) and is_program(path):
            shutil.copy(path, ours + "/build")
            if name != "CMakeCache.txt":
                quiet("strip", f"{ours}/build/{name}")
    ignore = shutil.ignore_patterns("__pycache__", ".*")
    for name in ("live", "vm"):
        shutil.copytree(f"{ROOT}/tests/{name}", f"{ours}/tests/{name}", ignore=ignore)
    shutil.copy(ROOT + "/tests/tsan.supp", ours + "/tests")
    os.makedirs(ours + "/other")
    shutil.copy(BUILD + "/other/procvirtd", ours + "/other")
    quiet("strip", ours + "/other/procvirtd")
    compile_static(ours + "/probe", "probe.c")
    compile_static(ours + "/reader", "reader*.c", "judge*.c")
    for name, lines in {"order": order, "patience": [str(patience)]}.items():
        with open(f"{ours}/{name}", "w") as file:
            file.write("".join(line + "\n" for line in lines))


@contextlib.contextmanager
def disks(order, patience=1):
    """A directory with the disks of one boot, in and out; QEMU's own temporary files lie there, too."""
    with tempfile.TemporaryDirectory(prefix="procvirt-vm-", dir="/var/tmp") as work:
        stage(work + "/top", order, patience)
        quiet("tar", "-c", "-f", work + "/in", "--owner=0", "--group=0", "-C", work + "/top", ".")
        with open(work + "/in", "ab") as file:
            file.truncate(-(-file.tell() // MIB) * MIB)
        with open(work + "/out", "wb") as file:
            file.truncate(OUT)
        yield work


def disk(number, options):
    """/dev/nvme0nNUMBER. One controller: the kernel finds its name spaces in their order, so the last is the root."""
    drive = f"if=none,id=d{number},format=raw,{options}"
    return ["-drive", drive, "-device", f"nvme-ns,drive=d{number},bus=disks,nsid={number}"]


def qemu(variant, image, work):
    """Its serial port is standard input and output."""
    # no_timer_check: an emulated timer may be late, which the kernel takes for a broken one.
    append = "console=ttyS0 panic=10 quiet no_timer_check root=/dev/nvme0n3 rw init=/bin/sh -- -c"
    first = f"{UNPACK} && exec /procvirt/tests/vm/guest/init {variant}"
    return [
        "qemu-system-x86_64", *HARDWARE, "-serial", "mon:stdio",
        "-kernel", image + "/vmlinuz", "-append", f'{append} "{first}"',
        "-device", "nvme,id=disks,serial=procvirt", *disk(1, f"file={work}/in,readonly=on"),
        *disk(2, f"file={work}/out"), *disk(3, f"file={image}/rootfs.ext4,snapshot=on"),
    ]
