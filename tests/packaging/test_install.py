# SPDX-License-Identifier: Apache-2.0
"""The files of a package: all of them, each where its reader looks, each as its reader wants it."""
import json
import os
import re
import tomllib

import pytest
import yaml

from conftest import TOP, run

HOOKS = "/usr/share/containers/oci/hooks.d/procvirt.json"
EXAMPLES = "/usr/share/doc/procvirt/examples"
ANNOTATED = EXAMPLES + "/hooks.d/procvirt-annotated.json"
UNIT = "/usr/lib/systemd/system/procvirtd.service"
STAGES = {"prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"}


def text(installed, path):
    with open(installed + path) as file:
        return file.read()


def is_program(installed, path):
    return path.startswith("/") and os.access(installed + path, os.X_OK)


def files(top):
    return sorted("/" + os.path.relpath(os.path.join(where, name), top)
                  for where, _, names in os.walk(top) for name in names)


def test_exactly_these_files(installed):
    with open(os.path.dirname(__file__) + "/installed") as file:
        assert files(installed) == file.read().split()


def test_every_page_of_the_manual_is_installed(installed):
    pages = {path.rsplit("/", 1)[1] for path in files(installed) if path.startswith("/usr/share/man/")}
    assert pages == set(os.listdir(TOP + "/packaging/man"))


def test_the_page_of_files_has_what_the_program_lists(installed):
    listed = [line.split("\t") for line in run(installed + "/usr/sbin/procvirtd", "--list-files").splitlines()]
    page = text(installed, "/usr/share/man/man7/procvirt-files.7")
    assert {len(line) for line in listed} == {5} and listed[0][0] == "FILE"
    assert re.findall(r"^\.It Pa (.*)\n(.*)$", page, re.MULTILINE) == [(line[0], line[1]) for line in listed[1:]]
    assert len(listed) > 83


def test_all_paths_are_filled_in(installed):
    for path in files(installed):
        if not path.startswith(("/usr/bin/", "/usr/sbin/")) and not path.endswith("-hook"):
            assert not re.search(r"@[A-Z_]+@", text(installed, path)), path


@pytest.mark.parametrize("path", [HOOKS, ANNOTATED])
def test_oci_hooks(installed, path):
    """oci-hooks(5), schema 1.0.0; an unknown member would be refused, and with it every container."""
    spec = json.loads(text(installed, path))
    assert set(spec) == {"version", "hook", "when", "stages"} and spec["version"] == "1.0.0"
    assert set(spec["hook"]) <= {"path", "args", "env", "timeout"}
    assert is_program(installed, spec["hook"]["path"])
    assert spec["hook"]["args"][0] == "procvirt-hook"
    assert spec["stages"] == ["createRuntime"]


def test_when_the_hook_runs(installed):
    assert json.loads(text(installed, HOOKS))["when"] == {"always": True}
    annotations = json.loads(text(installed, ANNOTATED))["when"]["annotations"]
    matches = lambda key, value: any(re.search(k, key) and re.search(v, value) for k, v in annotations.items())
    assert matches("procvirt.dev/enable", "true")
    assert not matches("procvirt.dev/enable", "false")
    assert not matches("procvirtXdev/enable", "true")


def test_cdi(installed):
    """The CDI specification 0.5.0, "SPEC.md": podman 4.3 refuses a newer version and a device without edits."""
    spec = json.loads(text(installed, "/etc/cdi/procvirt.json"))
    assert set(spec) == {"cdiVersion", "kind", "devices"} and spec["cdiVersion"] == "0.5.0"
    vendor, kind = spec["kind"].split("/")
    assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_.-]*[A-Za-z0-9]", vendor) and re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", kind)
    (device,) = spec["devices"]
    (hook,) = device["containerEdits"]["hooks"]
    assert (spec["kind"], device["name"]) == ("procvirt.dev/view", "all")
    assert hook["hookName"] in STAGES and is_program(installed, hook["path"])
    assert hook["args"] == json.loads(text(installed, HOOKS))["hook"]["args"]


def test_docker(installed):
    (runtime,) = json.loads(text(installed, EXAMPLES + "/docker/daemon.json"))["runtimes"].values()
    assert is_program(installed, runtime["path"])


CONTAINERD = {"containerd-1.toml": "io.containerd.grpc.v1.cri", "containerd-2.toml": "io.containerd.cri.v1.runtime",
              "base-runtime-spec.toml": "io.containerd.grpc.v1.cri"}


@pytest.mark.parametrize("name, plugin", CONTAINERD.items(), ids=CONTAINERD)
def test_containerd(installed, name, plugin):
    config = tomllib.loads(text(installed, f"{EXAMPLES}/containerd/{name}"))
    runtime = config["plugins"][plugin]["containerd"]["runtimes"]["procvirt"]
    assert runtime["runtime_type"] == "io.containerd.runc.v2"
    if "base_runtime_spec" in runtime:
        assert "/usr/libexec/procvirt/procvirt-hook" in text(installed, f"{EXAMPLES}/containerd/{name}")
    else:
        assert is_program(installed, runtime["options"]["BinaryName"])


def test_lxc(installed):
    (line,) = [line for line in text(installed, "/usr/share/lxc/config/common.conf.d/procvirt.conf").splitlines()
               if not line.startswith("#")]
    key, value = line.split(" = ")
    assert key == "lxc.hook.start-host" and is_program(installed, value)
    run("sh", "-n", installed + value)
    (command,) = re.findall(r"^(/\S+) attach ", text(installed, value), re.MULTILINE)
    assert is_program(installed, command)


def test_example_configurations_are_the_daemons_own(installed, tmp_path):
    """The programs read them without a word."""
    result = os.popen(f"{installed}/usr/sbin/procvirtd -f --config {installed}{EXAMPLES}/conf/procvirtd.conf "
                      f"{tmp_path}/no/such/parent 2>&1").read()
    assert ".conf" not in result and ("no/such/parent" in result or "root" in result), result


@pytest.fixture(scope="module")
def kubernetes(installed):
    objects = list(yaml.safe_load_all(text(installed, EXAMPLES + "/kubernetes/procvirt.yaml")))
    return {thing["kind"]: thing for thing in objects}


def test_kubernetes_objects(kubernetes):
    assert set(kubernetes) == {"Namespace", "RuntimeClass", "DaemonSet"}
    assert kubernetes["RuntimeClass"]["handler"] == "procvirt", "the name of the runtime in containerd's configuration"
    namespace = kubernetes["DaemonSet"]["metadata"]["namespace"]
    assert kubernetes["Namespace"]["metadata"]["name"] == namespace


def test_kubernetes_pod(kubernetes):
    spec = kubernetes["DaemonSet"]["spec"]
    pod = spec["template"]["spec"]
    assert spec["selector"]["matchLabels"].items() <= spec["template"]["metadata"]["labels"].items()
    volumes = {volume["name"] for volume in pod["volumes"]}
    for container in pod["initContainers"] + pod["containers"]:
        assert {mount["name"] for mount in container["volumeMounts"]} <= volumes
        assert container["image"] == "IMAGE"
    (daemon,) = pod["containers"]
    paths = [mount["mountPath"] for mount in daemon["volumeMounts"] if mount.get("mountPropagation") == "Bidirectional"]
    assert pod["hostPID"] and daemon["securityContext"]["privileged"]
    assert [os.path.dirname(daemon["args"][0])] == paths, "the mount point is seen on the node"
    run("sh", "-n", "-c", pod["initContainers"][0]["command"][2])


def test_unit(installed):
    run("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", "--root=" + installed, installed + UNIT)
    program = re.search("^ExecStart=([^ ]+)", text(installed, UNIT), re.MULTILINE)[1]
    assert is_program(installed, program)


def unit_settings(installed, name):
    return re.findall(rf"^{name}=(.*)$", text(installed, UNIT), re.MULTILINE)


def test_what_the_unit_keeps(installed):
    """The mount outlives all but a stop: descriptors are kept, and no limit of starts throws them away (systemd.service(5))."""
    (start,), (after,) = unit_settings(installed, "ExecStart"), unit_settings(installed, "ExecStopPost")
    assert "--fd-store" in start.split() and int(*unit_settings(installed, "FileDescriptorStoreMax")) >= 5
    assert unit_settings(installed, "StartLimitIntervalSec") == ["0"] and unit_settings(installed, "Restart") == ["always"]
    (reload,) = unit_settings(installed, "ExecReload")
    assert is_program(installed, reload.split()[0]) and reload.split()[1:] == ["upgrade"]
    program, unit, mount = after.removeprefix("+").split()
    assert is_program(installed, program) and unit == "%n" and mount == start.split()[-1]


def test_exposure_of_the_unit(installed):
    out = run("systemd-analyze", "security", "--offline=true", "--no-pager", installed + UNIT)
    assert float(re.search(r"Overall exposure level for \S+: ([0-9.]+)", out)[1]) <= 4.5


# systemd.exec(5): each of these gives the service a mount namespace of its own, where the host does not see our mount.
HIDING = ("ProtectSystem", "ProtectHome", "PrivateTmp", "ProtectKernel", "ProtectControlGroups", "ProtectProc", "PrivateIPC",
          "PrivateDevices", "PrivateNetwork", "ReadOnlyPaths", "ReadWritePaths", "InaccessiblePaths", "TemporaryFileSystem",
          "BindPaths", "BindReadOnlyPaths", "RootDirectory", "RootImage", "DynamicUser", "StateDirectory", "RuntimeDirectory",
          "ProcSubset", "MountAPIVFS", "PrivateUsers")


def test_the_host_sees_the_mount(installed):
    lines = text(installed, UNIT).splitlines()
    assert "PrivateMounts=no" in lines
    assert [line for line in lines if line.startswith(HIDING)] == []


def test_tmpfiles(installed, tmp_path):
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").write_text("root:x:0:0::/:/bin/sh\n")
    (tmp_path / "etc/group").write_text("root:x:0:\n")
    (tmp_path / "conf").write_text(text(installed, "/usr/lib/tmpfiles.d/procvirt.conf"))
    run("systemd-tmpfiles", "--create", f"--root={tmp_path}", str(tmp_path / "conf"))
    assert os.listdir(tmp_path / "var/lib/procvirt") == os.listdir(tmp_path / "run/procvirt") == []
