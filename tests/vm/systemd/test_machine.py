# SPDX-License-Identifier: Apache-2.0
"""The machine itself: what the other tests take for granted."""


def test_systemd_is_the_first_process():
    with open("/proc/1/comm") as comm:
        assert comm.read() == "systemd\n"


def test_nothing_failed_on_the_way_up(processes):
    assert processes.output("systemctl", "list-units", "--failed", "--plain", "--no-legend") == ""
