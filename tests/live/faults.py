# SPDX-License-Identifier: Apache-2.0
"""Faults on demand: fs/container/fault.h. The build must have them."""
import os


class Faults:
    def __init__(self, scratch, name="faults"):
        self.path = f"{scratch}/{name}"
        self.set()

    def env(self):
        """For the daemon."""
        return {"PROCVIRT_FAULTS": self.path}

    def set(self, *lines):
        """From the next render on; none without lines."""
        with open(self.path + ".new", "w") as file:
            file.write("".join(line + "\n" for line in lines))
        os.rename(self.path + ".new", self.path)
