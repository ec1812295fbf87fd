# SPDX-License-Identifier: Apache-2.0
"""Registered containers: the control socket, and the pinned trees below MOUNT/containers."""
import errno
import json
import os
import socket
import subprocess

import pytest

from cgroups import Cgroup
from control import Control
from figures import meminfo
from processes import until

MIB = 1 << 20
FOREIGN = [("--pid", "--fork", "--kill-child"), ("--user", "--map-root-user")]


def total(path):
    with open(path + "/proc/meminfo") as file:
        return meminfo(file.read())["MemTotal"]


def ids(daemon):
    return {container["id"] for container in daemon.call(op="list")["containers"]}


def refused(answer, *words):
    """An answer that says no, and why."""
    assert answer["ok"] is False, answer
    assert all(word in answer["error"] for word in words), answer
    return answer


def test_a_pinned_tree_is_the_containers_whoever_reads(daemon, group, processes):
    agent = processes.agent(group("a", memory=100 * MIB))
    other = processes.agent(group("b", memory=300 * MIB))
    path = daemon.register("pinned", agent.pid)
    assert ids(daemon) == {"pinned"}
    assert os.listdir(daemon.path("containers")) == ["pinned"]
    assert total(path) == 102400
    assert meminfo(other.read(path + "/proc/meminfo"))["MemTotal"] == 102400
    assert meminfo(other.read(daemon.mount + "/proc/meminfo"))["MemTotal"] == 307200
    assert sorted(os.listdir(path)) == ["proc", "sys"]


def test_register_answers_what_to_lay(daemon, group, processes):
    agent = processes.agent(group())
    answer = daemon.call(op="register", id="lay", pid=agent.pid)
    assert "/proc/meminfo" in answer["files"] and "/proc/stat" in answer["files"]
    assert all(os.path.exists(answer["path"] + name) == os.path.exists(name) for name in answer["files"])


def test_the_same_again_is_the_same(daemon, group, processes):
    agent = processes.agent(group(memory=100 * MIB))
    path = daemon.register("again", agent.pid)
    fd = os.open(path + "/proc/meminfo", os.O_RDONLY)
    assert daemon.register("again", agent.pid) == path
    assert os.pread(fd, 8, 0) == b"MemTotal"
    os.close(fd)
    assert ids(daemon) == {"again"}


def test_an_id_that_another_living_process_has(daemon, group, processes):
    one, two = processes.agent(group("one")), processes.agent(group("two", memory=100 * MIB))
    daemon.register("taken", one.pid)
    answer = refused(daemon.call(op="register", id="taken", pid=two.pid), "taken")
    assert answer["errno"] == errno.EEXIST
    one.end()
    until(lambda: daemon.call(op="register", id="taken", pid=two.pid)["ok"], "the old one has ended")
    assert total(daemon.path("containers", "taken")) == 102400


def test_forgotten_when_init_ends(daemon, group, processes):
    agent = processes.agent(group(memory=100 * MIB))
    path = daemon.register("ends", agent.pid)
    fd = os.open(path + "/proc/meminfo", os.O_RDONLY)
    agent.end()
    until(lambda: ids(daemon) == set(), "it is forgotten")
    assert os.listdir(daemon.path("containers")) == []
    with pytest.raises(FileNotFoundError):
        os.stat(path + "/proc/meminfo")
    try:
        assert os.pread(fd, 8, 0) == b"MemTotal", "its cgroup is still there"
    except OSError as error:
        assert error.errno == errno.ESRCH
    os.close(fd)


def test_forgotten_when_told(daemon, group, processes):
    agent = processes.agent(group())
    daemon.register("told", agent.pid)
    assert daemon.call(op="forget", id="told")["ok"]
    assert ids(daemon) == set()
    refused(daemon.call(op="forget", id="told"), "told")


@pytest.mark.parametrize("bad", ["", ".", "..", "a/b", "a b", "ä", "x" * 256, "a\u0000b"])
def test_a_bad_id(daemon, group, processes, bad):
    agent = processes.agent(group())
    answer = refused(daemon.call(op="register", id=bad, pid=agent.pid))
    assert answer["errno"] == errno.EINVAL
    assert ids(daemon) == set()


def test_processes_that_cannot_be_containers(daemon, tree, processes):
    gone = subprocess.Popen(["true"])
    gone.wait()
    assert refused(daemon.call(op="register", id="gone", pid=gone.pid))["errno"] == errno.ESRCH
    refused(daemon.call(op="register", id="none", pid=0))
    refused(daemon.call(op="register", id="negative", pid=-1))
    host = processes.agent(Cgroup(tree, ""))
    assert refused(daemon.call(op="register", id="host", pid=host.pid))["errno"] == errno.EINVAL


MALFORMED = [
    b"", b"{", b"null", b"[]", b"7", b"\xff\xfe\x00", b"\0", b"{}", b'{"op":7}', b'{"op":"dance"}',
    b'{"op":"register"}',
    b'{"op":"register","id":"x"}', b'{"op":"register","id":7,"pid":1}', b'{"op":"register","id":"x","pid":"1"}',
    b'{"op":"register","id":"x","pid":1.5}', b'{"op":"register","id":"x","pid":99999999999999999999}',
    b'{"op":"register","id":"x","pid":1,"options":7}', b'{"op":"register","id":"x","pid":1,"options":{"wings":true}}',
    b'{"op":"register","id":"x","pid":1,"options":{"cpu-count":"many"}}', b'{"op":"list","id":"x"}',
    b'{"op":"forget"}', b'{"op":"forget","id":null}', b'{"op":"list"} {"op":"list"}', b"[" * 60000, b" " * 70000,
]


@pytest.mark.parametrize("message", MALFORMED, ids=lambda message: message[:50].decode("ascii", "replace"))
def test_a_malformed_message_is_refused_and_nobody_disturbed(daemon, message):
    with Control(daemon.socket) as quiet, Control(daemon.socket) as loud:
        answer = loud.send(message)
        assert answer is None or (answer["ok"] is False and answer["error"])
        assert quiet.call(op="list")["ok"]
    assert ids(daemon) == set()


def test_refusals_name_what_is_wrong(daemon, group, processes):
    agent = processes.agent(group())
    known = {"op": "register", "id": "x", "pid": agent.pid}
    refused(daemon.call(op="dance"), "dance")
    refused(daemon.call(**known, wings=True), "wings")
    refused(daemon.call(**known, options={"wings": True}), "wings")
    refused(daemon.call(**known, options={"cpu-count": "many"}), "many")
    refused(daemon.call(op="register", pid=agent.pid), "id")
    assert ids(daemon) == set()


def test_a_crowd_of_silent_clients(daemon):
    """They cost others nothing: the next one is answered, at once or after a clear refusal."""
    silent = []
    try:
        for _ in range(200):
            silent.append(Control(daemon.socket))
    except OSError as error:
        assert error.errno in (errno.EAGAIN, errno.ECONNREFUSED)
    for client in silent:
        client.socket.close()
    until(lambda: (daemon.call(op="list") or {}).get("ok"), "an answer")


def test_a_client_that_goes_away_in_between(daemon, group, processes):
    agent = processes.agent(group())
    for _ in range(50):
        client = Control(daemon.socket)
        client.socket.send(json.dumps({"op": "register", "id": "hasty", "pid": agent.pid}).encode())
        client.socket.close()
    until(lambda: (daemon.call(op="list") or {}).get("ok"), "an answer")


@pytest.mark.parametrize("how", FOREIGN, ids=lambda how: how[0])
def test_containers_cannot_be_entered_from_a_foreign_namespace(daemon, group, processes, how):
    """Even where the kernel still remembers the names from an earlier look-up by the host."""
    agent = processes.agent(group("registered", memory=100 * MIB))
    path = daemon.register("private", agent.pid)
    foreign = processes.agent(group("foreign", memory=300 * MIB), wrap=("unshare", *how))
    for name in ("", "/private", "/private/proc", "/private/sys/devices/system/cpu"):
        directory = daemon.path("containers") + name
        assert os.listdir(directory)
        with pytest.raises(OSError) as error:
            foreign(f"os.listdir({directory!r})")
        assert error.value.errno == errno.EACCES, directory
    assert total(path) == 102400
    with pytest.raises(OSError) as error:
        foreign.read(path + "/proc/meminfo")
    assert error.value.errno == errno.EACCES
    with pytest.raises(OSError) as error:
        foreign.read(daemon.path("containers/nobody/proc/meminfo"))
    assert error.value.errno == errno.EACCES, "which ids there are is not told either"
    assert meminfo(foreign.read(daemon.mount + "/proc/meminfo"))["MemTotal"] == 307200


def test_a_file_bound_from_it_works_in_a_foreign_namespace(daemon, group, processes):
    agent = processes.agent(group("registered", memory=100 * MIB))
    path = daemon.register("bound", agent.pid)
    foreign = "unshare --pid --fork --user --map-root-user"
    script = f"mount --bind {path}/proc/meminfo /proc/meminfo && exec {foreign} cat /proc/meminfo"
    text = processes.output("unshare", "--mount", "sh", "-c", script, cgroup=group("foreign"))
    assert meminfo(text)["MemTotal"] == 102400


def test_a_stream_socket_is_refused(daemon):
    """It is not what is spoken here; the daemon does not mind."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream, pytest.raises(OSError):
        stream.connect(daemon.socket)
    assert daemon.call(op="list")["ok"]
