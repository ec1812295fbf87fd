# SPDX-License-Identifier: Apache-2.0
"""procvirt-runc in front of the real runc: containers whose config.json knows nothing of us."""
import json
import os
import shutil
import signal

import pytest

from daemon import BUILD, HOOK, sanitizer_env
from figures import meminfo
from processes import read_line

WRAPPER = BUILD + "/procvirt-runc"
MIB = 1 << 20
READ = ("cat", "/proc/meminfo")


class Wrapped:
    """A container without a hook, and the wrapper's command line that runs it."""

    def __init__(self, container, socket, bundle=None):
        self.container, self.bundle = container, bundle or container.dir
        # The wrapper adds no options, so the socket and the log have to be the script's.
        self.hook, self.log = container.dir + "/hook", container.dir + "/hook.log"
        with open(self.hook, "w") as script:
            script.write(f'#!/bin/sh\nexec {HOOK} --socket {socket} --log {self.log} "$@"\n')
        os.chmod(self.hook, 0o755)
        self.argv = [WRAPPER, "--root", container.state, "run", "--bundle", self.bundle, container.id]
        self.env = {**os.environ, **sanitizer_env(container.dir + "/sanitizer"), "PROCVIRT_HOOK": self.hook,
                    "PROCVIRT_RUNTIME": "runc", "PROCVIRT_STRICT": "false"}

    def run(self, **environment):
        return self.container.processes.run(*self.argv, env={**self.env, **environment})

    def start(self):
        return self.container.processes.start(*self.argv, env=self.env)

    def config(self):
        with open(self.bundle + "/config.json") as file:
            return json.load(file)


@pytest.fixture
def wrapped(daemon, bundles):
    return lambda name, args: Wrapped(bundles.make(name, args, memory=256 * MIB), daemon.socket)


@pytest.fixture
def full(processes, bundles, daemon):
    """A bundle on a file system on which nothing more can be written."""
    container = bundles.make("full", READ, memory=256 * MIB)
    mount = container.dir + "/full"
    os.mkdir(mount)
    processes.output("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", mount)
    made = Wrapped(container, daemon.socket, mount)
    with open(container.dir + "/config.json") as file:
        config = json.load(file)
    config["root"]["path"] = container.dir + "/rootfs"
    with open(mount + "/config.json", "w") as file:
        json.dump(config, file)
    with open(mount + "/rest", "wb", buffering=0) as file, pytest.raises(OSError):
        while True:
            file.write(b"\0" * 512)
    yield made
    processes.output("umount", mount)


def total(result):
    assert result.returncode == 0, result
    return meminfo(result.stdout)["MemTotal"]


def test_the_runtime_alone_makes_it_without_us(wrapped):
    """So the test below can fail."""
    made = wrapped("alone", READ)
    assert total(made.container.run()) != 262144


def test_the_wrapper_adds_the_hook(wrapped):
    made = wrapped("wrapped", READ)
    before = made.config()
    result = made.run()
    assert total(result) == 262144
    assert result.stderr == ""
    after = made.config()
    assert after.pop("hooks") == {"createRuntime": [{"path": made.hook, "args": ["procvirt-hook"]}]}
    assert after == before


def test_twice_is_once(wrapped):
    made = wrapped("twice", READ)
    assert total(made.run()) == 262144
    once = made.config()
    assert total(made.run()) == 262144
    assert made.config() == once


def test_signals_and_exit_status_are_the_runtimes(wrapped):
    made = wrapped("signalled", ["sh", "-c", "trap 'exit 7' TERM; echo up; while :; do sleep 0.1; done"])
    process = made.start()
    assert read_line(process) == "up\n"
    assert made.container.processes.end(process, signal.SIGTERM) == 7


def test_a_malformed_config_is_the_runtimes_to_refuse(wrapped):
    made = wrapped("malformed", READ)
    with open(made.bundle + "/config.json", "r+") as file:
        file.truncate(100)
    alone, result = made.container.run(), made.run()
    assert alone.returncode != 0 and result.returncode == alone.returncode
    first, rest = result.stderr.split("\n", 1)
    assert first.startswith("procvirt-runc: ") and "config.json is not JSON" in first
    assert rest.count("\n") == 1 and "unexpected EOF" in rest and "unexpected EOF" in alone.stderr


def test_a_full_disk_keeps_no_container_from_starting(full):
    result = full.run()
    assert total(result) != 262144
    assert result.stderr.count("\n") == 1 and "No space left on device" in result.stderr, result.stderr
    assert sorted(os.listdir(full.bundle)) == ["config.json", "rest"]
    assert "hooks" not in full.config()


def test_a_full_disk_when_strict(full):
    result = full.run(PROCVIRT_STRICT="true")
    assert result.returncode == 1 and result.stdout == ""
    assert "No space left on device" in result.stderr and "refused" in result.stderr


def test_it_may_be_installed_under_the_runtimes_name(wrapped, scratch):
    """In a directory that comes first; it finds the runtime behind it."""
    made = wrapped("renamed", READ)
    directory = made.container.dir + "/bin"
    os.mkdir(directory)
    made.argv[0] = shutil.copy(WRAPPER, directory + "/runc")
    made.env.pop("PROCVIRT_RUNTIME")
    assert total(made.run(PATH=directory + ":" + os.environ["PATH"])) == 262144
