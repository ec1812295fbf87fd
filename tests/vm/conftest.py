# SPDX-License-Identifier: Apache-2.0
"""The fixtures of the live tests, here too: they are the same tests in another machine."""
import importlib.util
import os
import sys

LIVE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + "/live"
sys.path.insert(0, LIVE)
spec = importlib.util.spec_from_file_location("live_conftest", LIVE + "/conftest.py")
live = importlib.util.module_from_spec(spec)
spec.loader.exec_module(live)
globals().update({name: value for name, value in vars(live).items() if not name.startswith("__")})
