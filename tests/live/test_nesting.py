# SPDX-License-Identifier: Apache-2.0
"""procvirt.dev/nesting: user namespaces within a container mount a procfs and a sysfs of their own."""
import json
import tempfile

import pytest

from daemon import CTL, HOOK, WRAP
from figures import meminfo
from processes import until

MIB = 1 << 20
NESTING = {"procvirt.dev/nesting": "true"}
CPU = "/sys/devices/system/cpu"

# A new procfs, writable; and, in a network namespace of its own, a sysfs that is read-only as the container's is.
PROC = "unshare -Urpf --mount-proc cat /proc/meminfo"
SYS = "unshare -Urnm mount -t sysfs -o ro,nosuid,nodev,noexec none /sys"


@pytest.fixture
def container(daemon, bundles):
    """container("name", script, …): with the hook, strictly unless options are given; .log is the hook's."""
    def make(name, script, options=("--strict",), annotations=NESTING, **more):
        log = tempfile.mkdtemp(prefix=f"hook-{name}-", dir=bundles.scratch) + "/log"
        made = bundles.make(name, ["sh", "-c", script], hook=["--socket", daemon.socket, "--log", log, *options],
                            annotations=annotations, memory=256 * MIB, **more)
        allow(made)
        made.log = log
        return made

    return make


def allow(made):
    """Writing a map of root takes CAP_SETFCAP, which engines give: user_namespaces(7)."""
    kinds = ("bounding", "effective", "permitted")
    made.change(lambda config: config["process"].update(capabilities={kind: ["CAP_SETFCAP"] for kind in kinds}))


def log_of(made):
    try:
        with open(made.log) as file:
            return file.read()
    except FileNotFoundError:
        return ""


@pytest.mark.parametrize("script", [PROC, SYS])
def test_without_it_the_kernel_refuses(container, bundles, script):
    """So the tests below can fail; and a container without our files may."""
    result = container("refused", script, annotations={}).run()
    assert result.returncode != 0 and result.stdout == "", result
    assert "ermission denied" in result.stderr or "not permitted" in result.stderr, result
    plain = bundles.make("plain", ["sh", "-c", script])
    allow(plain)
    result = plain.run()
    assert result.returncode == 0, result


@pytest.mark.parametrize("how", [{}, {"read_only": True}, {"user_namespace": True}], ids=str)
@pytest.mark.parametrize("stages", [("createRuntime",), ("prestart", "createRuntime")], ids="+".join)
def test_with_it_they_may(container, how, stages):
    made = container("nested", f"{PROC} >/dev/null && {SYS} && cat /proc/meminfo", stages=stages, **how)
    result = made.run()
    assert result.returncode == 0, result
    assert meminfo(result.stdout)["MemTotal"] == 262144, "the container itself sees its own figures"
    assert log_of(made) == ""


def test_nothing_more_is_to_be_seen(container):
    """The kept ones are in the mount table; no path leads to them, also not in a nested namespace."""
    script = f"""
        cat /proc/self/mountinfo; ls -a {CPU} >&2; ls {CPU}/clean-procfs {CPU}/clean-sysfs && echo found
        unshare -Urm sh -c 'umount {CPU}; umount -l {CPU}; ls {CPU}/clean-procfs' && echo found
    """
    result = container("hidden", script).run()
    lines = [line.split() for line in result.stdout.splitlines()]
    kept = {line[4]: line for line in lines if f"{CPU}/clean" in line[4]}
    assert sorted(kept) == [f"{CPU}/clean-procfs", f"{CPU}/clean-sysfs"], "and no cgroups"
    assert ["found"] not in lines
    by_type = {line[line.index("-") + 1]: line for line in lines if line[4] == CPU}
    hoard, ours = by_type["tmpfs"], by_type["fuse.procvirt"]
    assert {"ro", "nosuid", "nodev", "noexec"} <= set(hoard[5].split(","))
    assert ours[1] == hoard[0], "ours lies on it"
    assert not [line for line in lines if line[1] in (kept[f"{CPU}/clean-procfs"][0], kept[f"{CPU}/clean-sysfs"][0])]
    assert "clean" not in result.stderr.split("ls:")[0] and "cpu0" in result.stderr


@pytest.mark.parametrize("linux", [{"maskedPaths": ["/proc/kcore"]}, {"readonlyPaths": ["/etc/x", "//proc/./sys"]}],
                         ids=lambda linux: next(iter(linux)))
def test_what_is_masked_stays_so(container, linux):
    """A procfs of their own would show what the engine hides. The container's own files are laid all the same."""
    made = container("masked", f"cat /proc/meminfo; {PROC} && echo revealed", options=())
    made.change(lambda config: config["linux"].update(linux))
    result = made.run()
    assert meminfo(result.stdout)["MemTotal"] == 262144 and "revealed" not in result.stdout, result
    assert log_of(made).count("\n") == 1 and "nesting: config.json masks /proc/" in log_of(made)
    strict = container("masked-strict", "cat /proc/meminfo")
    strict.change(lambda config: config["linux"].update(linux))
    result = strict.run()
    assert result.returncode != 0 and "MemTotal" not in result.stdout


def test_what_covers_the_containers_own_covers_the_kept_one(container):
    """A mount of the engine's over a file of /proc is there before the hook."""
    made = container("covered", f"{PROC} && echo revealed", options=())
    cover = {"destination": "/proc/stat", "type": "bind", "source": "/dev/null", "options": ["bind"]}
    made.change(lambda config: config["mounts"].append(cover))
    result = made.run()
    assert result.returncode != 0 and "revealed" not in result.stdout, result
    assert "permitted" in result.stderr or "denied" in result.stderr, result


def test_a_container_without_sysfs_is_told(container):
    made = container("no-sysfs", "cat /proc/meminfo", options=())
    made.change(lambda config: config["mounts"].remove(next(m for m in config["mounts"] if m["destination"] == "/sys")))
    result = made.run()
    assert meminfo(result.stdout)["MemTotal"] == 262144
    assert log_of(made).count("\n") == 1 and "nesting: " in log_of(made)


def test_it_outlives_a_daemon(container, make_daemon):
    """A second daemon's files take the place of the dead ones, on what is kept."""
    first = make_daemon().start()
    made = container("repaired", "sleep infinity", options=("--strict", "--socket", first.socket))
    made.start()
    until(lambda: made.exec("true").returncode == 0, "it runs")
    first.kill()
    second = make_daemon("--socket", first.socket, mount=first.mount)
    second.socket = first.socket
    second.start()
    state = {"ociVersion": "1.0.2", "id": made.id, "status": "created", "pid": made.pid(), "bundle": made.dir,
             "root": "/", "annotations": NESTING}
    made.processes.output(*WRAP, HOOK, "--socket", second.socket, "--strict", input=json.dumps(state))
    result = made.exec("sh", "-c", f"{PROC} >/dev/null && {SYS} && cat /proc/meminfo")
    assert result.returncode == 0 and meminfo(result.stdout)["MemTotal"] == 262144, result


def test_detach_takes_it_along(daemon, container):
    made = container("detached", "sleep infinity")
    made.start()
    until(lambda: made.exec("true").returncode == 0, "it runs")
    assert "clean-procfs" in made.exec("cat", "/proc/self/mountinfo").stdout
    made.processes.output(*WRAP, CTL, "--socket", daemon.socket, "detach", made.id)
    mounts = made.exec("cat", "/proc/self/mountinfo").stdout
    assert mounts and "clean-" not in mounts and CPU not in mounts
    result = made.exec("sh", "-c", f"{PROC} >/dev/null && {SYS}")
    assert result.returncode == 0, f"as without procvirt: {result}"
