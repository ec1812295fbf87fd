# SPDX-License-Identifier: Apache-2.0
"""Live tests: root, the real kernel's cgroups and FUSE, real runtimes. PROCVIRT_BUILD names the build to test."""
import glob
import os
import shutil
import signal
import subprocess
import tempfile

import pytest

from attacks import forget_all
from bundle import Bundles
from cgroups import Tree
from daemon import BUILD, CTL, DAEMON, HERE, HOOK, WRAP, Daemon, built_with, shared
from fleet import Fleet
from processes import Processes, patient


TOLD = pytest.StashKey()

# What needs a build of its own, or an hour: see tests/run.
collect_ignore = [name for name, wanted in {
    "test_faults.py": built_with("PROCVIRT_FAULTS"),
    "test_soak.py": built_with("PROCVIRT_FAULTS") and "PROCVIRT_SOAK" in os.environ,
}.items() if not wanted]


def interrupted(number, _):
    """So that all is taken down when somebody ends the run."""
    raise KeyboardInterrupt(signal.Signals(number).name)


def pytest_configure(config):
    signal.signal(signal.SIGTERM, interrupted)
    if os.geteuid() != 0:
        pytest.exit("the live tests need root", 2)
    for program in (DAEMON, HOOK, CTL):
        if not os.access(program, os.X_OK):
            pytest.exit(f"{program} is missing: build it, or set PROCVIRT_BUILD", 2)


def pytest_terminal_summary(terminalreporter, config):
    """Figures that tests have measured."""
    for line in config.stash.get(TOLD, []):
        terminalreporter.write_line(line)


@pytest.fixture
def tell(request):
    """tell("1000 kills …"): a line that the run prints at its end."""
    return request.config.stash.setdefault(TOLD, []).append


@pytest.fixture(autouse=True)
def bounded(request):
    """No test hangs for ever, even when a file system does not answer it."""
    marker = request.node.get_closest_marker("bound")
    seconds = int(patient(marker.args[0] if marker else 180))

    def give_up(*_):
        raise TimeoutError(f"the test took more than {seconds} seconds")

    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(seconds)
    yield
    signal.alarm(0)


@pytest.fixture(scope="session")
def scratch():
    """A directory of ours that anybody may enter: containers in user namespaces have their roots in it."""
    path = tempfile.mkdtemp(prefix="procvirt-test-", dir="/var/tmp")
    os.chmod(path, 0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def probe(scratch):
    """Compiled here; tests/vm brings one that is, to a machine without a compiler."""
    if "PROCVIRT_PROBE" in os.environ:
        return os.environ["PROCVIRT_PROBE"]
    program = scratch + "/probe"
    source = HERE + "/probe.c"
    subprocess.run(["cc", "-O2", "-pthread", "-D_GNU_SOURCE", "-o", program, source], check=True)
    return program


@pytest.fixture(scope="session")
def reader(scratch):
    """reader.c, linked statically: it runs in containers of any root."""
    if "PROCVIRT_READER" in os.environ:
        return os.environ["PROCVIRT_READER"]
    program, sources = scratch + "/reader", glob.glob(HERE + "/reader*.c") + glob.glob(HERE + "/judge*.c")
    subprocess.run(["cc", "-O2", "-static", "-pthread", "-D_GNU_SOURCE", "-o", program, *sources], check=True)
    return program


@pytest.fixture(scope="session")
def other_version():
    """The daemon of another version."""
    directory = os.environ.get("PROCVIRT_OTHER")
    if not directory:
        directory = BUILD + "/other"
        subprocess.run([HERE + "/../other-version", directory], stdout=subprocess.DEVNULL, check=True)
    return directory + "/procvirtd"


@pytest.fixture(scope="session")
def tree():
    """The top of our cgroups."""
    tree = Tree()
    try:
        tree.make()
        yield tree
    finally:
        tree.remove()


@pytest.fixture
def processes(probe):
    processes = Processes(probe)
    yield processes
    processes.end_all()


@pytest.fixture
def group(tree, request, processes):
    """group("a/b", memory=…) makes a cgroup of this test's; at its end they go, and all that is in them."""
    name = "".join(c if c.isalnum() else "-" for c in request.node.name)[:60]
    yield lambda path="", **limits: tree.make(f"{name}/{path}".rstrip("/"), **limits)
    processes.end_all()
    tree.make(name).remove()


@pytest.fixture(scope="session")
def session_daemon(scratch, probe):
    yield from shared(Processes(probe), scratch)


@pytest.fixture
def daemon(session_daemon):
    """The one that most tests share. Every test has to leave it in good health and without containers."""
    yield session_daemon
    session_daemon.check()
    forget_all(session_daemon)


@pytest.fixture
def mount(daemon):
    return daemon.mount


@pytest.fixture
def make_daemon(probe, scratch):
    """make_daemon("--option", config="…") makes one for this test; .start() starts it."""
    made, processes = [], Processes(probe)

    def make(*options, **more):
        made.append(Daemon(processes, scratch, *options, **more))
        return made[-1]

    yield make
    try:
        for daemon in made:
            if daemon.alive():
                daemon.stop()
            assert not daemon.reports(), daemon.reports()
    finally:
        for daemon in made:
            daemon.clean()
        processes.end_all()


@pytest.fixture
def swap(scratch):
    """256 MiB of swap; asked for first, so that what was swapped out has ended when it is taken away."""
    with open("/proc/swaps") as file:
        if len(file.readlines()) > 1:
            pytest.skip("this host has swap of its own, and the figures would be another's")
    path = scratch + "/swap"
    with open(path, "wb") as file:
        os.chmod(path, 0o600)
        os.posix_fallocate(file.fileno(), 0, 256 << 20)
    subprocess.run(["mkswap", "-q", path], check=True)
    subprocess.run(["swapon", path], check=True)
    yield
    subprocess.run(["swapoff", path], check=True)
    os.unlink(path)


@pytest.fixture
def bundles(scratch, tree, processes):
    bundles = Bundles(scratch, tree, processes)
    yield bundles
    bundles.remove()


@pytest.fixture
def make_fleet(reader, group, processes, bundles, scratch):
    """make_fleet(daemon, kinds=…): containers that read and judge; they are ended whatever happens."""
    return lambda daemon, **more: Fleet(daemon, reader, group, processes, bundles, scratch, **more)


@pytest.fixture
def ctl(processes):
    """ctl(daemon, "list") runs it: a CompletedProcess."""
    return lambda daemon, *args: processes.run(*WRAP, CTL, "--socket", daemon.socket, *args)
