# SPDX-License-Identifier: Apache-2.0
"""OCI bundles for runc: a root of symbolic links into the host's /usr, which is bound into it read-only."""
import json
import os
import shutil
import tempfile

from daemon import HOOK, WRAP, sanitizer_env

STAGES = ("createRuntime",)
DIRECTORIES = ("proc", "sys", "dev", "usr", "etc", "tmp", "run", "bundle")
READ_ONLY = ["ro", "nosuid", "nodev"]


def bind(source, target):
    return {"destination": target, "type": "bind", "source": source, "options": ["rbind", *READ_ONLY]}


def mounts(work):
    return [
        {"destination": "/proc", "type": "proc", "source": "proc"},
        {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev", "ro"]},
        {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755", "size=64k"]},
        {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "nodev", "size=16m"]},
        bind("/usr", "/usr"),
        bind("/etc", "/etc"),
        bind(work, "/bundle"),
    ]


class Bundles:
    def __init__(self, scratch, tree, processes):
        self.scratch, self.tree, self.processes, self.containers = scratch, tree, processes, []

    def make(self, name, args, **more):
        self.containers.append(Container(self, name, args, **more))
        return self.containers[-1]

    def let_go(self, container):
        """One before its time."""
        self.containers.remove(container)
        container.remove()

    def remove(self):
        for container in self.containers:
            container.remove()


class Container:
    """
    One bundle. `hook`: the hook's arguments, None for a container without it; `stages`: where it is called.
    `wrap`: what starts the hook; `leaks` of it are looked for.
    `memory` in bytes, `quota` in microseconds a period of 100 ms, `cpus` a list.
    """

    def __init__(self, bundles, name, args, hook=None, stages=STAGES, memory=None, quota=None, cpus=None,
                 annotations=None, read_only=False, user_namespace=False, wrap=(), leaks=True):
        self.tree, self.processes, self.id = bundles.tree, bundles.processes, f"{bundles.tree.name[1:]}-{name}"
        self.cgroup = f"{bundles.tree.name}/{name}"
        self.dir = tempfile.mkdtemp(prefix=f"bundle-{name}-", dir=bundles.scratch)
        self.state, self.work = self.dir + "/state", self.dir + "/work"
        os.chmod(self.dir, 0o755)
        self.make_root()
        os.mkdir(self.work)
        config = self.config(args, read_only)
        config["linux"]["resources"] = self.resources(memory, quota, cpus)
        config["annotations"] = annotations or {}
        if hook is not None:
            env = [f"{key}={value}" for key, value in sanitizer_env(self.dir + "/sanitizer", leaks).items()]
            argv = [*wrap, *WRAP, HOOK, *hook]
            call = {"path": argv[0], "args": argv, "env": env}
            config["hooks"] = {stage: [call] for stage in stages}
        if user_namespace:
            self.map_users(config["linux"])
        with open(self.dir + "/config.json", "w") as file:
            json.dump(config, file)

    def change(self, how):
        """config.json: how(config) changes it."""
        with open(self.dir + "/config.json") as file:
            config = json.load(file)
        how(config)
        with open(self.dir + "/config.json", "w") as file:
            json.dump(config, file)

    def make_root(self):
        for name in DIRECTORIES:
            os.makedirs(f"{self.dir}/rootfs/{name}")
        for name in ("bin", "sbin", "lib", "lib64"):
            os.symlink("usr/" + name, f"{self.dir}/rootfs/{name}")

    def config(self, args, read_only):
        return {
            "ociVersion": "1.0.2",
            # No rlimits: raising one fails where root has no CAP_SYS_RESOURCE.
            "process": {"args": list(args), "cwd": "/", "env": ["PATH=/usr/bin:/usr/sbin", "LC_ALL=C"], "rlimits": []},
            "root": {"path": "rootfs", "readonly": read_only},
            "mounts": mounts(self.work),
            "linux": {
                "cgroupsPath": self.cgroup,
                "namespaces": [{"type": kind} for kind in ("pid", "mount", "ipc", "uts")],
            },
        }

    @staticmethod
    def resources(memory, quota, cpus):
        resources = {}
        if memory:
            resources["memory"] = {"limit": memory}
        if quota or cpus:
            resources["cpu"] = {}
        if quota:
            resources["cpu"].update(quota=quota, period=100000)
        if cpus:
            resources["cpu"].update(cpus=cpus)
        return resources

    @staticmethod
    def map_users(linux):
        # sysfs can be mounted only by the owner of the network namespace.
        linux["namespaces"] += [{"type": "user"}, {"type": "network"}]
        for kind in ("uidMappings", "gidMappings"):
            linux[kind] = [{"containerID": 0, "hostID": 100000, "size": 65536}]

    def runc(self, *args, **options):
        return self.processes.run("runc", "--root", self.state, *args, **options)

    def run(self):
        """To its end."""
        return self.runc("run", "--bundle", self.dir, self.id)

    def start(self):
        """In the background, its standard streams on pipes."""
        return self.processes.start("runc", "--root", self.state, "run", "--bundle", self.dir, self.id)

    def exec(self, *args):
        return self.runc("exec", self.id, *args)

    def pid(self):
        return json.loads(self.runc("state", self.id).stdout)["pid"]

    def reports(self):
        """What sanitizers said of the hook."""
        return [name for name in os.listdir(self.dir) if name.startswith("sanitizer")]

    def remove(self):
        self.runc("delete", "--force", self.id)
        reports = self.reports()
        text = "".join(open(f"{self.dir}/{name}", errors="replace").read() for name in reports)
        shutil.rmtree(self.dir)
        assert not reports, text
