#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Counts the tests in JUnit files of ctest and pytest.

`count.py FILE...` prints "PASSED FAILED SKIPPED", then what did not pass.

ctest knows programs; a cmocka program holds many tests and prints its own sums, which are counted instead.
"""
import re
import sys
import xml.etree.ElementTree as tree

CMOCKA = {
    "ran": r"^\[==========\].*?: (\d+) test\(s\) run\.$|^\[==========\] (\d+) test\(s\) run\.$",
    "announced": r"^\[==========\].*?Running (\d+) test\(s\)\.$",
}
NOT_PASSED = r"^\[  (FAILED  |SKIPPED )\] (\S.*)$"


def total(pattern, text):
    return sum(int(number) for match in re.finditer(pattern, text, re.M) for number in match.groups() if number)


def of_cmocka(name, output, ok):
    """A program that died has tests that never ran: they failed."""
    announced = max(total(CMOCKA["announced"], output), total(CMOCKA["ran"], output))
    passed = len(re.findall(r"^\[       OK \] ", output, re.M))
    lines = re.findall(NOT_PASSED, output, re.M)
    skipped = sorted({test for kind, test in lines if kind == "SKIPPED " and "test(s)" not in test})
    bad = sorted({test for kind, test in lines if kind != "SKIPPED " and "test(s)" not in test})
    failed = announced - passed - len(skipped)
    if not ok and failed == 0:
        failed, bad = 1, ["the program"]
    notes = [f"failed: {name}: {test}" for test in bad or ["a test that did not end"] * bool(failed)]
    return passed, failed, len(skipped), notes + [f"skipped: {name}: {test}" for test in skipped]


def of_case(case):
    name = ".".join(filter(None, (case.get("classname"), case.get("name")))).removeprefix(f"{case.get('name')}.")
    failure = next((case.find(kind) for kind in ("failure", "error") if case.find(kind) is not None), None)
    skipped = case.find("skipped")
    output = case.findtext("system-out") or ""
    if re.search(CMOCKA["announced"], output, re.M):
        return of_cmocka(name, output, failure is None and skipped is None)
    if failure is not None:
        return 0, 1, 0, [f"failed: {name}"]
    if skipped is not None or case.get("status") in ("disabled", "notrun"):
        reason = skipped.get("message") if skipped is not None else "not run"
        return 0, 0, 1, [f"skipped: {name}: {reason}"]
    return 1, 0, 0, []


def main():
    sums, notes = [0, 0, 0], []
    for file in sys.argv[1:]:
        for case in tree.parse(file).iter("testcase"):
            *counts, said = of_case(case)
            sums = [a + b for a, b in zip(sums, counts)]
            notes += said
    print(*sums)
    print(*notes, sep="\n")


if __name__ == "__main__":
    main()
