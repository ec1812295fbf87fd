# SPDX-License-Identifier: Apache-2.0
"""Disks, as the kernel counts them for a cgroup and as a file shows them."""
import os
import re

SECTOR = 512
FAST = 1 << 40  # bytes a second
# In the order of a line of diskstats behind the name: reads, sectors read, writes, sectors written, discards, sectors.
SHOWN = {"rios": 0, "rbytes": 2, "wios": 4, "wbytes": 6, "dios": 11, "dbytes": 13}
V1 = {"Read": "r", "Write": "w", "Discard": "d"}


def diskstats(text):
    """{"vda": ("254:0", [columns])}"""
    lines = [re.fullmatch(r" *(\d+) +(\d+) (\S+)((?: \d+)+)", line) for line in text.splitlines()]
    assert all(lines), text
    return {match[3]: (f"{match[1]}:{match[2]}", [int(word) for word in match[4].split()]) for match in lines}


def figures(columns):
    """Those that a cgroup counts; all others are 0."""
    assert not any(value for i, value in enumerate(columns) if i not in SHOWN.values()), columns
    return {key: columns[i] * (SECTOR if key.endswith("bytes") else 1) for key, i in SHOWN.items() if i < len(columns)}


def text(path):
    with open(path) as file:
        return file.read()


class Disk:
    """The whole disk on which a directory is; LookupError where that is on none."""

    def __init__(self, directory):
        device = os.stat(directory).st_dev
        place = os.path.realpath(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}")
        if not os.path.isdir(place):
            raise LookupError(f"{directory} is on no disk")
        if os.path.exists(place + "/partition"):
            place = os.path.dirname(place)
        self.place, self.name, self.number = place, os.path.basename(place), text(place + "/dev").strip()

    def count(self, cgroup):
        """
        From Linux 6.10 on v1 counts only where there is a limit: one that nobody reaches
        (blk_throtl_activated() of the kernel's block/blk-throttle.h).
        """
        if cgroup.tree.version("blkio") == 1:
            with open(cgroup.dir("blkio") + "/blkio.throttle.read_bps_device", "w") as file:
                file.write(f"{self.number} {FAST}")

    def give(self, container, directory):
        """A runc container: it has the directory at /data, and what it does on this disk is counted."""
        def change(config):
            major, minor = map(int, self.number.split(":"))
            limit = {"major": major, "minor": minor, "rate": FAST}
            config["mounts"].append({"destination": "/data", "type": "bind", "source": directory, "options": ["bind"]})
            if container.tree.version("blkio") == 1:
                config["linux"]["resources"]["blockIO"] = {"throttleReadBpsDevice": [limit]}

        os.mkdir(container.dir + "/rootfs/data")
        container.change(change)

    def own(self, cgroup):
        """What the kernel says that the cgroup and those below it did there."""
        return self.own_v1(cgroup) if cgroup.tree.version("blkio") == 1 else self.own_v2(cgroup)

    def own_v1(self, cgroup):
        own = dict.fromkeys(SHOWN, 0)
        for name, unit in (("io_serviced", "ios"), ("io_service_bytes", "bytes")):
            for line in text(f"{cgroup.dir('blkio')}/blkio.throttle.{name}_recursive").splitlines():
                words = line.split()
                if words[0] == self.number and words[1] in V1:
                    own[V1[words[1]] + unit] = int(words[2])
        return own

    def own_v2(self, cgroup):
        own = dict.fromkeys(SHOWN, 0)
        for line in text(cgroup.dir("io") + "/io.stat").splitlines():
            # Before Linux 6.6 a line begins with the numbers of all disks that were not used.
            device, pairs = re.fullmatch(r"(?:[\d:]+ )*?([\d:]+) ?((?:\w+=\S+ ?)*)", line).groups()
            if device == self.number and pairs:
                own.update((key, int(value)) for key, value in (pair.split("=") for pair in pairs.split())
                           if key in own)
        return own
