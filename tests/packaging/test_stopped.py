# SPDX-License-Identifier: Apache-2.0
"""procvirt-stopped: the mount goes when the service is stopped, and only then."""
import os
import subprocess

import pytest

SCRIPT = "/usr/libexec/procvirt/procvirt-stopped"
UNIT, MOUNT = "procvirtd.service", "/var/lib/procvirt"
STOP, RESTART = f"123 {UNIT} stop running\n", f"123 {UNIT} restart running\n"

JOBS = {
    "stopped": (STOP, True),
    "shut down": ("7 shutdown.target start waiting\n8 other.service stop waiting\n" + STOP, True),
    "restarted": (RESTART, False),
    "restarted, its second half": (f"123 {UNIT} start waiting\n", False),
    "started again by itself": ("", False),
    "the words of a terminal": ("No jobs running.\n", False),
    "another stopped": ("7 docker.service stop running\n", False),
    "another of a like name": (f"7 x{UNIT} stop running\n8 {UNIT}x stop running\n", False),
}


def write_program(path, text):
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)


@pytest.fixture
def unmounts(installed, tmp_path):
    """unmounts(what systemctl says, its status): whether the mount is taken away."""
    def run(jobs, status=0):
        (tmp_path / "jobs").write_text(jobs)
        (tmp_path / "calls").write_text("")
        write_program(tmp_path / "systemctl", f"echo $0 $* >>{tmp_path}/asked; cat {tmp_path}/jobs; exit {status}\n")
        write_program(tmp_path / "umount", f'echo "$*" >>{tmp_path}/calls\n')
        result = subprocess.run([installed + SCRIPT, UNIT, MOUNT], env={"PATH": f"{tmp_path}:{os.environ['PATH']}"},
                                text=True, capture_output=True)
        assert (result.returncode, result.stderr) == (0, ""), result
        calls = (tmp_path / "calls").read_text()
        assert calls in ("", f"--lazy {MOUNT}\n")
        return calls != ""

    return run


@pytest.mark.parametrize("why", JOBS)
def test_why_it_ends(unmounts, why):
    jobs, expected = JOBS[why]
    assert unmounts(jobs) == expected


def test_in_doubt_the_mount_stays(unmounts):
    assert not unmounts("", 1)


def test_it_asks_for_this_unit(unmounts, tmp_path):
    unmounts(STOP)
    (asked,) = (tmp_path / "asked").read_text().splitlines()
    assert asked.split()[1:] == ["list-jobs", "--no-legend", "--plain", "--full", UNIT]
