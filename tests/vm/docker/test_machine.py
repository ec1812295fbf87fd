# SPDX-License-Identifier: Apache-2.0
"""The machine itself: what the other tests of this variant take for granted."""


def test_docker_is_on_pure_version_2(docker):
    said = docker.run("info", "--format", "{{.CgroupVersion}} {{.ServerVersion}}")
    assert said.returncode == 0, said
    assert said.stdout.split()[0] == "2"


def test_a_container_runs(docker):
    said = docker.run("run", "--rm", "--network=none", "busybox", "/bin/busybox", "echo", "hello")
    assert (said.returncode, said.stdout) == (0, "hello\n"), said
