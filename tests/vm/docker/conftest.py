# SPDX-License-Identifier: Apache-2.0
"""Docker, as its own unit would start it, without a network to give to containers."""
import contextlib
import json
import os
import subprocess

import pytest

from processes import until

PACKAGED = "/usr/share/doc/procvirt/examples/docker/daemon.json"
NO_NETWORK = {"iptables": False, "ip6tables": False, "bridge": "none"}


class Docker:
    def __init__(self, process):
        self.process = process

    @staticmethod
    def run(*args, **options):
        options = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True, **options}
        return subprocess.run(["docker", *args], **options)


def settings():
    """The runtime that our example names, and no network."""
    packaged = {}
    if os.path.exists(PACKAGED):
        with open(PACKAGED) as file:
            packaged = json.load(file)
    return {**packaged, **NO_NETWORK}


@contextlib.contextmanager
def started(*command, answers):
    """A daemon of ours, until it answers; its log comes back with the results."""
    with open(f"/procvirt/out/{command[0]}", "w") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        until(lambda: answers() or process.poll() is not None, f"{command[0]} answers", 60)
        assert process.poll() is None, f"{command[0]} ended: see its log"
        yield process
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="session")
def containerd():
    """dockerd would start one, but gives it 15 seconds, whatever the machine."""
    def answers():
        return subprocess.run(["ctr", "version"], capture_output=True).returncode == 0

    with started("containerd", answers=answers):
        yield "/run/containerd/containerd.sock"


@pytest.fixture(scope="session")
def docker(containerd, scratch):
    """docker.run("run", …) with an image "busybox", which is busybox alone."""
    config = scratch + "/docker.json"
    with open(config, "w") as file:
        json.dump(settings(), file)
    command = ["dockerd", "--config-file", config, "--containerd", containerd]
    with started(*command, answers=lambda: Docker.run("info").returncode == 0) as process:
        subprocess.run("tar -C / -c bin/busybox | docker import - busybox", shell=True, check=True, capture_output=True)
        yield Docker(process)
