# SPDX-License-Identifier: Apache-2.0
"""The service as a package ships it: killed, restarted and upgraded by systemd, which keeps its descriptors meanwhile."""
import os
import shutil
import signal

import pytest

import control
from attacks import served, status
from fleet import now_ns
from processes import until

UNIT, PROGRAM = "procvirtd.service", "/usr/sbin/procvirtd"


class Service:
    """As daemon.Daemon, of the one that systemd runs."""

    mount, socket, dir = "/var/lib/procvirt", "/run/procvirt/control", "/run/procvirt"

    def __init__(self, processes):
        self.processes = processes

    @property
    def pid(self):
        return int(self.processes.output("systemctl", "show", "--property", "MainPID", "--value", UNIT))

    def systemctl(self, *words):
        self.processes.output("systemctl", *words, UNIT, timeout=120)

    def call(self, **request):
        return control.call(self.socket, **request)


@pytest.fixture
def service(processes):
    """In good health, and without a memory of having been started too often."""
    service = Service(processes)
    service.systemctl("reset-failed")
    served(service.pid)
    yield service
    service.systemctl("reset-failed")


@pytest.fixture
def fleet(service, make_fleet):
    fleet = make_fleet(service, kinds=("attached", "namespace", "cgroup"))
    fleet.start(6)
    return fleet


def judge(fleet, tell, what):
    verdict = fleet.verdict()
    tell(verdict.line(what))
    verdict.check()


def keeper_is_replaced(service, before):
    return until(lambda: service.pid not in (0, before) and served(service.pid), "another keeper has a worker that serves", 60)


ENDS = {
    "keeper": lambda service: os.kill(service.pid, signal.SIGKILL),
    "all": lambda service: service.systemctl("kill", "--signal=KILL"),
    "restart": lambda service: service.systemctl("restart"),
}


@pytest.mark.bound(300)
@pytest.mark.parametrize("end", ENDS)
def test_nobody_notices(service, fleet, tell, end):
    """Everything that a container reads goes on, also what it was reading at that moment."""
    for _ in range(3):
        before = service.pid
        fleet.kills.mark(now_ns())
        ENDS[end](service)
        keeper_is_replaced(service, before)
    judge(fleet, tell, f"under systemd, {end}")


@pytest.fixture
def versions(other_version):
    """The other one and this, each of which puts itself in the program's place when it comes to its turn."""
    here = PROGRAM + ".here"
    shutil.copy(PROGRAM, here)

    def put(program):
        shutil.copy(program, PROGRAM + ".new")
        os.rename(PROGRAM + ".new", PROGRAM)
        return program == here

    yield (put(program) for program in (other_version, here))
    os.rename(here, PROGRAM)


@pytest.mark.bound(300)
def test_upgraded_by_reload(service, fleet, versions, tell):
    here, keeper = status(service)["version"], service.pid
    for is_here in versions:
        fleet.kills.mark(now_ns())
        service.systemctl("reload")
        until(lambda: (status(service)["version"] == here) == is_here, "the new one serves", 60)
    assert service.pid == keeper, "its main process stays"
    judge(fleet, tell, "under systemd, reload with another version")


@pytest.mark.bound(300)
def test_upgraded_by_restart(service, fleet, versions, tell):
    """As a package's script does it; the keeper is another, too."""
    here = status(service)["version"]
    for is_here in versions:
        before = service.pid
        fleet.kills.mark(now_ns())
        service.systemctl("restart")
        keeper_is_replaced(service, before)
        assert (status(service)["version"] == here) == is_here
    judge(fleet, tell, "under systemd, restart with another version")
