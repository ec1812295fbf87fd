# SPDX-License-Identifier: Apache-2.0
"""procvirtctl status and upgrade; and that its other commands do not notice when the worker dies that they asked."""
import json
import os
import re
import shutil
import signal

import pytest

from daemon import CTL, DAEMON
from figures import meminfo
from processes import until

MIB = 1 << 20


@pytest.fixture
def status(ctl):
    """status(daemon): what `status --json` says."""
    def ask(daemon):
        result = ctl(daemon, "status", "--json")
        assert result.returncode == 0, result
        return json.loads(result.stdout)

    return ask


@pytest.fixture
def version(processes):
    return processes.output(CTL, "--version").split()[1]


@pytest.fixture
def installed(make_daemon, scratch):
    """A daemon whose program file is its own, to be replaced: installed.program."""
    directory = os.path.join(scratch, "sbin")
    shutil.rmtree(directory, ignore_errors=True)
    os.mkdir(directory)
    return make_daemon(program=shutil.copy(DAEMON, directory)).start()


def replace_program(daemon, change):
    """As a package manager does: a new file of the same name. change(bytes of the old one) is what is in it."""
    with open(daemon.program, "rb") as old, open(daemon.program + ".new", "wb") as new:
        new.write(change(old.read()))
    os.chmod(daemon.program + ".new", 0o755)
    os.rename(daemon.program + ".new", daemon.program)


def kill_worker(daemon, status):
    """The next one serves when this returns."""
    before = status(daemon)
    os.kill(before["worker"], signal.SIGKILL)
    until(lambda: status(daemon)["worker"] != before["worker"], "another worker answers", 60)


def test_status(make_daemon, status, ctl, version, group, processes):
    daemon = make_daemon().start()
    said = status(daemon)
    assert (said["version"], said["mount"]) == (version, daemon.mount)
    assert (said["keeper"], said["workers"], said["registered"]) == (daemon.pid, 1, 0)
    assert "last-end" not in said and "ok" not in said
    with open(f"/proc/{said['worker']}/stat") as stat:
        assert int(stat.read().rpartition(")")[2].split()[1]) == daemon.pid, "the worker is the keeper's child"
    agent = processes.agent(group("known", memory=64 * MIB))
    daemon.register("known", agent.pid)
    assert meminfo(agent.read(daemon.path("proc/meminfo")))["MemTotal"] == 65536
    later = status(daemon)
    assert later["registered"] == 1 and later["known"] >= 1 and later["requests"] > said["requests"]
    text = ctl(daemon, "status").stdout
    assert re.search(rf"^version +{re.escape(version)}$", text, re.M)
    assert re.search(rf"^worker +process {said['worker']}, since .*; number 1$", text, re.M)
    assert re.search(r"^containers +1 registered, ", text, re.M)


def test_status_after_a_kill(make_daemon, status, ctl):
    daemon = make_daemon().start()
    first = status(daemon)
    kill_worker(daemon, status)
    second = status(daemon)
    assert (second["workers"], second["last-end"], second["keeper"]) == (2, "killed", first["keeper"])
    assert second["daemon-since"] == first["daemon-since"] and second["worker-since"] >= first["worker-since"]
    assert "number 2, the one before: killed\n" in ctl(daemon, "status").stdout


def test_upgrade_to_the_same(make_daemon, status, ctl, version, group, processes):
    daemon = make_daemon().start()
    agent = processes.agent(group("stays", memory=64 * MIB))
    pinned = daemon.register("stays", agent.pid) + "/proc/meminfo"
    before = status(daemon)
    result = ctl(daemon, "upgrade")
    assert result.returncode == 0 and result.stdout.startswith(f"upgraded from {version} to {version}; worker "), result
    after = status(daemon)
    assert after["worker"] != before["worker"] and after["keeper"] == before["keeper"]
    assert (after["workers"], after["last-end"], after["registered"]) == (2, "stopped", 1)
    with open(pinned) as file:
        assert meminfo(file.read())["MemTotal"] == 65536


def test_upgrade_to_another_version(installed, status, ctl, version):
    """The program that has the file's name now, of which nothing differs but its version."""
    other = "9" + version[1:]
    name = version.encode() + b"\0"
    replace_program(installed, lambda text: text.replace(name, other.encode() + b"\0"))
    result = ctl(installed, "upgrade")
    assert result.returncode == 0 and f"upgraded from {version} to {other};" in result.stdout, result
    assert status(installed)["version"] == other
    kill_worker(installed, status)
    assert status(installed)["version"] == other, "and from now on workers are started from that"


BAD = {"a program that fails": lambda _: b"#!/bin/false\n", "no program": lambda _: b"nothing"}


@pytest.mark.parametrize("bad", BAD)
def test_an_upgrade_that_fails(installed, status, ctl, bad):
    before = status(installed)
    with open(installed.program, "rb") as file:
        good = file.read()
    replace_program(installed, BAD[bad])
    result = ctl(installed, "upgrade")
    assert result.returncode == 1 and result.stdout == "" and result.stderr.startswith("procvirtctl: "), result
    with open(installed.path("proc/meminfo")) as file:
        assert "MemTotal" in file.read()
    assert status(installed)["worker"] == before["worker"], "the old one goes on"
    replace_program(installed, lambda _: good)
    assert ctl(installed, "upgrade").returncode == 0
    assert status(installed)["worker"] != before["worker"]


def test_a_bad_configuration_is_no_upgrade(make_daemon, status, ctl):
    daemon = make_daemon().start()
    before = status(daemon)
    with open(daemon.config, "w") as file:
        file.write("[procvirtd]\nwings=2\n")
    assert ctl(daemon, "upgrade").returncode == 1
    assert status(daemon)["worker"] == before["worker"]
    with open(daemon.config, "w") as file:
        file.write("[procvirtd]\nlog-level=debug\n")
    assert ctl(daemon, "upgrade").returncode == 0
    assert status(daemon)["worker"] != before["worker"]


def test_hangup_upgrades(make_daemon, status):
    daemon = make_daemon().start()
    before = status(daemon)
    os.kill(daemon.pid, signal.SIGHUP)
    until(lambda: status(daemon)["worker"] != before["worker"], "another worker answers", 60)
    assert status(daemon)["last-end"] == "stopped" and status(daemon)["keeper"] == before["keeper"]


def test_commands_do_not_notice(make_daemon, status, ctl, group, processes):
    """The worker is killed before each of them, and now and then in the middle of one."""
    daemon = make_daemon().start()
    agent = processes.agent(group("lists"))
    daemon.register("lists", agent.pid)
    for round_ in range(30):
        os.kill(status(daemon)["worker"], signal.SIGKILL)
        result = ctl(daemon, "list", "--json")
        assert result.returncode == 0, (round_, result)
        assert [entry["id"] for entry in json.loads(result.stdout)] == ["lists"]


@pytest.mark.parametrize("command", [("status", "x"), ("upgrade", "x"), ("upgrade", "--json")], ids=" ".join)
def test_wrong_use(daemon, ctl, command):
    result = ctl(daemon, *command)
    assert result.returncode == 2 and result.stderr.count("\n") == 1 and "--help" in result.stderr, result


@pytest.mark.parametrize("command", ["status", "upgrade"])
def test_without_a_daemon(processes, scratch, command):
    result = processes.run(CTL, "--socket", scratch + "/nobody", command)
    assert result.returncode == 1 and "does not run" in result.stderr, result
