# SPDX-License-Identifier: Apache-2.0
"""Containers made of the machine's own programs: a root of symbolic links into /usr, which is bound into it read-only."""
import json
import os

DIRECTORIES = ("proc", "sys", "dev", "usr", "etc", "tmp", "run", "tests", "out", "var")
LINKS = ("bin", "sbin", "lib", "lib64")
BINDS = ("-v", "/usr:/usr:ro", "-v", "/procvirt/tests:/tests:ro")
ETC = ("-v", "/etc:/etc:ro")
CLIENTS = ("/usr/bin/python3", "-B", "/tests/vm/clients.py")


def make_root(top):
    for name in DIRECTORIES:
        os.makedirs(f"{top}/{name}")
    for name in LINKS:
        os.symlink("usr/" + name, f"{top}/{name}")
    return top


def said(result):
    """What clients.py printed in a container."""
    assert result.returncode == 0, result
    return json.loads(result.stdout)


# Three digits; whole MiB of each node; on a host also what its firmware and kernel have taken.
ROUND = {"htop": 0.01, "numactl": 0.01, "lsmem": 0.1}


def memory_is(answer, kib):
    wrong = {name: value for name, value in answer["memory"].items() if abs(value - kib) > kib * ROUND.get(name, 0)}
    assert wrong == {}, kib


def cpus_are(answer, n):
    assert {name: value for name, value in answer["cpus"].items() if value != n} == {}, n


def without_jvm(answer, kib, n):
    """It asks the cgroup itself, with us or without: clients.py says how."""
    assert (answer["memory"].pop("jvm"), answer["cpus"].pop("jvm")) == (kib, n)
    return answer
