# SPDX-License-Identifier: Apache-2.0
"""
The tests of survival on this kernel, which cannot send requests again (FUSE_NOTIFY_RESEND came with Linux 6.9): what a
worker had read when it was killed is answered from the journal alone.
"""
from test_hangs import quiet, test_a_container_that_stands_still
from test_survival import (attacker, fleet, test_a_text_is_read_on_after_a_kill, test_killed_again_and_again, test_stopped,
                           test_what_was_registered_stays, victim)

__all__ = [name for name in dir() if not name.startswith("__")]
