# SPDX-License-Identifier: Apache-2.0
"""What the unit promises beyond keeping the mount: a reload that fails says so, and a keeper that stands still is replaced."""
import json
import os
import signal

import pytest

from processes import until

UNIT, PROGRAM, MOUNT = "procvirtd.service", "/usr/sbin/procvirtd", "/var/lib/procvirt"


@pytest.fixture
def status(processes):
    return lambda: json.loads(processes.output("procvirtctl", "status", "--json"))


@pytest.fixture
def broken_program():
    """In the place of the good one meanwhile."""
    os.rename(PROGRAM, PROGRAM + ".good")
    try:
        with open(PROGRAM, "w") as file:
            file.write("#!/bin/false\n")
        os.chmod(PROGRAM, 0o755)
        yield
    finally:
        os.rename(PROGRAM + ".good", PROGRAM)


def main_pid(processes):
    return int(processes.output("systemctl", "show", "--property=MainPID", "--value", UNIT))


def test_status_knows_the_main_process(processes, status):
    assert status()["keeper"] == main_pid(processes) and status()["mount"] == MOUNT


def test_reload(processes, status):
    before = status()
    processes.output("systemctl", "reload", UNIT, timeout=120)
    after = status()
    assert after["worker"] != before["worker"] and after["keeper"] == before["keeper"]


def test_a_reload_that_fails_says_so(processes, status, broken_program):
    before = status()
    assert processes.run("systemctl", "reload", UNIT, timeout=120).returncode != 0
    assert processes.run("systemctl", "is-active", UNIT).returncode == 0, "it goes on"
    after = status()
    assert (after["worker"], after["keeper"]) == (before["worker"], before["keeper"])
    with open(MOUNT + "/proc/meminfo") as file:
        assert "MemTotal" in file.read()


@pytest.mark.bound(300)
def test_the_watchdog(processes, status):
    """systemd kills it within WatchdogSec=; what it held is with systemd, and the mount is the same."""
    before, device = main_pid(processes), os.stat(MOUNT).st_dev
    os.kill(before, signal.SIGSTOP)
    until(lambda: main_pid(processes) not in (0, before), "another keeper", 120)
    until(lambda: processes.run("procvirtctl", "status").returncode == 0, "it serves", 60)
    assert os.stat(MOUNT).st_dev == device and status()["keeper"] == main_pid(processes)


def kept(processes):
    return int(processes.output("systemctl", "show", "--property=NFileDescriptorStore", "--value", UNIT))


def test_what_is_of_no_use_is_not_kept(processes):
    """A connection whose mount somebody took away; else the store would be full in the end, and nothing kept any more."""
    until(lambda: kept(processes) == 5, "fuse, journal, state, control, lock")
    before = main_pid(processes)
    processes.output("umount", MOUNT)
    until(lambda: main_pid(processes) not in (0, before), "another keeper", 60)
    until(lambda: os.path.exists(MOUNT + "/proc/meminfo"), "it serves", 60)
    until(lambda: kept(processes) == 5, "the new ones and not the old")


def test_a_restart_keeps_the_mount_and_a_stop_does_not(processes, status):
    device = os.stat(MOUNT).st_dev
    processes.output("systemctl", "restart", UNIT)
    assert os.stat(MOUNT).st_dev == device
    processes.output("systemctl", "stop", UNIT)
    assert processes.run("findmnt", "--types", "fuse.procvirt", MOUNT).returncode == 1
    processes.output("systemctl", "start", UNIT)
    assert status()["keeper"] == main_pid(processes)
