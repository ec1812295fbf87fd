# SPDX-License-Identifier: Apache-2.0
"""What a package would hold: the build that PROCVIRT_BUILD names, installed below a directory as packages are, with prefix /usr."""
import os
import shutil
import subprocess

import pytest

TOP = os.path.realpath(os.path.dirname(__file__) + "/../..")


def run(*command, **environment):
    result = subprocess.run(command, env={**os.environ, **environment}, text=True, capture_output=True)
    assert result.returncode == 0, f"{' '.join(command)}\n{result.stdout}{result.stderr}"
    return result.stdout


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """The programs, and the page that one of them makes, come from the build as it is; only the paths that are written into the files differ."""
    build, root = str(tmp_path_factory.mktemp("build")), str(tmp_path_factory.mktemp("root"))
    run("cmake", "-S", TOP, "-B", build, "-G", "Ninja", "-DCMAKE_INSTALL_PREFIX=/usr", "-DBUILD_TESTING=OFF")
    for name in os.listdir(os.environ["PROCVIRT_BUILD"]):
        source = os.path.join(os.environ["PROCVIRT_BUILD"], name)
        made = os.access(source, os.X_OK) or name == "procvirt-files.7"
        if name.startswith("procvirt") and made and os.path.isfile(source):
            shutil.copy2(source, build)
    run("cmake", "--install", build, DESTDIR=root)
    return root
