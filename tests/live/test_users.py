# SPDX-License-Identifier: Apache-2.0
"""
Containers of users other than root. The daemon takes what a user owns: the user namespace and, in every hierarchy, the
cgroup. Here the tests hand cgroups over as systemd does on a v2 host.
"""
import errno
import json
import os
import stat

import pytest

from control import Control
from figures import meminfo
from users import User, give, start_cat

MIB = 1 << 20
ONE, OTHER = 12345, 12346


def total(text):
    return meminfo(text)["MemTotal"]


@pytest.fixture
def user(processes, scratch):
    return User(ONE, processes, scratch)


@pytest.fixture
def other(processes, scratch):
    return User(OTHER, processes, scratch)


@pytest.fixture
def own(group):
    """own(user, "name", memory=…) is a cgroup of the user's."""
    def make(user, name="own", **limits):
        cgroup = group(name, **{"memory": 256 * MIB, **limits})
        give(cgroup, user.uid)
        return cgroup

    return make


def ids(daemon):
    return {container["id"] for container in daemon.call(op="list")["containers"]}


def refused(answer, *words, code=errno.EPERM):
    assert answer["ok"] is False and answer["errno"] == code, answer
    assert all(word in answer["error"] for word in words), answer


def test_the_socket_is_open_to_all(daemon):
    assert stat.S_IMODE(os.stat(daemon.socket).st_mode) == 0o666
    assert stat.S_IMODE(os.stat(daemon.socket + ".lock").st_mode) == 0o600


def test_a_user_registers_its_own(daemon, user, own):
    init = user.session().container(own(user))
    answer = user.call(daemon, op="register", id="web", pid=init)
    assert answer["ok"], answer
    assert answer["id"] == f"{ONE}:web" and answer["path"] == daemon.path("containers", f"{ONE}:web")
    (entry,) = user.call(daemon, op="list")["containers"]
    assert entry["id"] == f"{ONE}:web" and entry["pid"] == init and entry["uid"] == ONE
    assert daemon.call(op="list")["containers"] == [entry]
    with open(answer["path"] + "/proc/meminfo") as file:
        assert total(file.read()) == 262144
    assert user.call(daemon, op="register", id=f"{ONE}:web", pid=init)["path"] == answer["path"], "the same again"
    assert user.call(daemon, op="forget", id="web")["ok"]
    assert ids(daemon) == set()


def test_a_cgroup_of_roots_is_refused(daemon, user, group):
    """So it is on a host with v1 hierarchies, which nobody delegates."""
    init = user.session().container(group())
    refused(user.call(daemon, op="register", id="web", pid=init), "the cgroup", "belongs to uid 0")
    assert ids(daemon) == set()


def test_a_cgroup_has_to_be_the_users_in_every_hierarchy(daemon, user, own):
    cgroup = own(user)
    last = cgroup.dirs()[-1]
    os.chown(last, 0, 0)
    init = user.session().container(cgroup)
    for path in cgroup.dirs():
        os.chown(path, 0, 0)
        refused(user.call(daemon, op="register", id="web", pid=init), "belongs to uid 0")
        if path != last:
            os.chown(path, ONE, ONE)


def test_a_cgroup_of_a_subordinate_uid(daemon, user, group, processes):
    """crun gives a container's cgroup to the container's root: a uid that its user namespace maps. Another one is nobody's business."""
    first = 4 << 20
    cgroup = group("own")
    bare = start_cat(processes, *user.become, "unshare", "--user", cgroup=cgroup)
    for owner in (first, first + 9, ONE):
        give(cgroup, owner)
        answer = user.call(daemon, op="register", id="bare", pid=bare.pid)
        assert answer["ok"] is (owner == ONE), "nothing is mapped there"
    mapped = start_cat(processes, *user.become, "unshare", "--user", cgroup=cgroup)
    with open(f"/proc/{mapped.pid}/uid_map", "w") as uid_map:  # as newuidmap does with what /etc/subuid says
        uid_map.write(f"0 {first} 10")
    for owner in (first, first + 9):
        give(cgroup, owner)
        assert user.call(daemon, op="register", id="mapped", pid=mapped.pid)["ok"]
    for owner in (first - 1, first + 10, 0):
        give(cgroup, owner)
        refused(user.call(daemon, op="register", id="mapped", pid=mapped.pid), f"belongs to uid {owner}")


def test_a_process_outside_of_the_users_namespaces_is_refused(daemon, user, own, processes):
    """Its uid is not enough: so runs whatever has the set-user-id bit."""
    plain = start_cat(processes, *user.become, cgroup=own(user))
    refused(user.call(daemon, op="register", id="web", pid=plain.pid), "in no user namespace of uid")
    refused(user.call(daemon, op="register", id="us", pid=os.getpid()), "in no user namespace of uid")
    assert ids(daemon) == set()


def test_another_users_process_is_refused_even_in_the_own_cgroup(daemon, user, other, own):
    init = other.session().container(own(user))
    refused(user.call(daemon, op="register", id="web", pid=init), "in no user namespace of uid")
    refused(other.call(daemon, op="register", id="web", pid=init), f"belongs to uid {ONE}")


def test_a_namespace_in_the_users_namespace_is_the_users(daemon, user, own, processes):
    """Whoever made it: as podman does it with --userns=auto or keep-id."""
    session = user.session()
    nested = start_cat(processes, *session.enter, "unshare", "--user", cgroup=own(user))
    assert user.call(daemon, op="register", id="nested", pid=nested.pid)["ok"]


def test_ids_of_users_are_in_a_space_of_their_own(daemon, user, other, own, group, processes):
    root = processes.agent(group("root"))
    daemon.register("web", root.pid)
    first, second = (who.session().container(own(who, str(who.uid))) for who in (user, other))
    assert user.call(daemon, op="register", id="web", pid=first)["ok"]
    assert other.call(daemon, op="register", id="web", pid=second)["ok"]
    assert ids(daemon) == {"web", f"{ONE}:web", f"{OTHER}:web"}
    for name in (f"{OTHER}:x", "0:x", ":x", f"0{ONE}:x", f"{ONE}:{ONE}:x", f"{ONE}:"):
        assert user.call(daemon, op="register", id=name, pid=first)["ok"] is False, name
    refused(user.call(daemon, op="forget", id=f"{OTHER}:web"), code=errno.ENOENT)
    assert [entry["id"] for entry in user.call(daemon, op="list")["containers"]] == [f"{ONE}:web"]
    assert user.call(daemon, op="forget", id="web")["ok"]
    assert ids(daemon) == {"web", f"{OTHER}:web"}
    assert daemon.call(op="forget", id=f"{OTHER}:web")["ok"], "root may"


def test_roots_registration_of_the_same_cgroup_counts(daemon, user, own):
    """Its options are what a caller in it sees, whoever came later."""
    cgroup = own(user, quota=50000)
    init = user.session().container(cgroup)
    daemon.register("roots", init, **{"cpu-count": "quota"})
    online = ("cat", daemon.path("sys/devices/system/cpu/online"))
    before = user.processes.output(*online, cgroup=cgroup)
    answer = user.call(daemon, op="register", id="users", pid=init, options={"cpu-count": "cpuset"})
    assert answer["ok"]
    assert user.processes.output(*online, cgroup=cgroup) == before


def test_what_a_user_finds_below_containers(daemon, user, other, own, group, processes):
    """The own containers by name, from the daemon's pid namespace; nothing else, and no list."""
    root = processes.agent(group("root"))
    daemon.register("private", root.pid)
    session = user.session()
    init = session.container(own(user))
    path = user.call(daemon, op="register", id="web", pid=init)["path"]
    foreign = other.session().container(own(other, "other"))
    theirs = other.call(daemon, op="register", id="web", pid=foreign)["path"]
    containers = daemon.path("containers")
    assert sorted(os.listdir(containers)) == sorted(["private", f"{ONE}:web", f"{OTHER}:web"]), "root sees all"

    for who in (user, session):
        assert total(who.run("cat", path + "/proc/meminfo").stdout) == 262144
        for hidden in (containers + "/private", theirs, theirs + "/proc/meminfo", containers + "/none"):
            assert "Permission denied" in who.run("stat", hidden).stderr, hidden
        assert "No such file" in who.run("stat", f"{containers}/{ONE}:none").stderr
        assert "Permission denied" in who.run("ls", containers).stderr
    inside = processes.run("nsenter", "--target", init, "--user", "--mount", "--pid", "--wd=/", "cat", path + "/proc/meminfo")
    assert inside.returncode != 0 and "Permission denied" in inside.stderr, "a container that was given the whole mount"


def test_a_users_hook_lays_the_files(daemon, user, own, scratch):
    """As rootless podman starts it: root in the user's namespaces."""
    bundle = f"{scratch}/users-bundle"
    os.makedirs(bundle, exist_ok=True)
    with open(bundle + "/config.json", "w") as file:
        json.dump({"root": {"path": "/"}}, file)
    session = user.session()
    init = session.container(own(user))
    state = {"ociVersion": "1.0.2", "id": "c0ffee", "status": "created", "pid": init, "bundle": bundle}
    read = ("nsenter", "--target", init, "--user", "--mount", "--pid", "--wd=/", "cat", "/proc/meminfo")
    before = total(user.processes.output(*read))
    hook = session.run(user.bin + "/procvirt-hook", "--strict", "--socket", daemon.socket, input=json.dumps(state))
    assert hook.returncode == 0, hook
    assert ids(daemon) == {f"{ONE}:c0ffee"}
    assert total(user.processes.output(*read)) == 262144 != before

    ctl = (user.bin + "/procvirtctl", "--socket", daemon.socket)
    assert f"{ONE}:c0ffee" in session.run(*ctl, "list").stdout
    assert " 0 files laid" in session.run(*ctl, "attach", init).stdout
    gone = session.run(*ctl, "detach", f"{ONE}:c0ffee")
    assert gone.returncode == 0, gone
    assert total(user.processes.output(*read)) == before and ids(daemon) == set()


def test_a_users_hook_for_a_cgroup_of_roots_says_why(daemon, user, group):
    session = user.session()
    init = session.container(group())
    attach = session.run(user.bin + "/procvirtctl", "--socket", daemon.socket, "attach", init)
    assert attach.returncode == 1 and "belongs to uid 0" in attach.stderr, attach


HOLD = """
import socket, sys
clients = []
for _ in range(20):
    client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    client.connect(sys.argv[1])
    clients.append(client)
clients[-1].settimeout(60)
print(clients[-1].recv(65536).decode(), flush=True)
sys.stdin.read()
"""


def test_users_cannot_keep_root_out(daemon, processes, scratch):
    """Each user holds as many connections as it gets, and there are more users than places."""
    holders = []
    for uid in range(ONE, ONE + 9):
        user = User(uid, processes, scratch)
        holders.append(processes.start(*user.become, "/usr/bin/python3", "-c", HOLD, daemon.socket, cwd="/"))
        assert '"errno":16' in holders[-1].stdout.readline().decode(), "the last connection was refused"
    roots = [Control(daemon.socket) for _ in range(10)]
    assert all(client.call(op="list")["ok"] for client in roots)
    for client in roots:
        client.socket.close()
    for holder in holders:
        processes.end(holder)


def test_a_user_has_so_many_containers_and_no_more(daemon, own, group, processes, scratch):
    user = User(ONE + 100, processes, scratch)
    init = user.session().container(own(user))
    clients = f"""
import json, socket, sys
client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
client.settimeout(60)
client.connect(sys.argv[1])
for number in range(129):
    client.send(json.dumps({{"op": "register", "id": f"c{{number}}", "pid": {init}}}).encode())
    print(json.loads(client.recv(65536)).get("error", "ok"))
"""
    result = user.run("/usr/bin/python3", "-c", clients, daemon.socket)
    assert result.stdout.splitlines() == ["ok"] * 128 + [f"container {ONE + 100}:c128: uid {ONE + 100} has 128 containers already"]
    daemon.register("roots", processes.agent(group("root")).pid)
    assert user.call(daemon, op="register", id="c5", pid=init)["ok"], "one that there is already"


def test_a_users_container_whose_cgroup_is_gone_is_no_boundary(daemon, user, own, group, processes):
    """The name may be somebody else's by then, and the user's process lives on elsewhere."""
    cgroup, elsewhere = own(user, "lent"), group("elsewhere")
    session = user.session()
    init = session.container(cgroup)
    answer = user.call(daemon, op="register", id="web", pid=init)
    assert answer["ok"], answer
    for path in cgroup.dirs():
        with open(path + "/cgroup.procs") as procs:
            pids = procs.read().split()
        for pid in pids:
            elsewhere.add(pid)
    cgroup.remove()
    again = group("lent", memory=64 * MIB)
    agent = processes.agent(again)
    assert total(agent.read(daemon.mount + "/proc/meminfo")) == 65536
