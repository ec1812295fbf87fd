# SPDX-License-Identifier: Apache-2.0
"""A process that does as it is told: one Python expression a line on standard input, one JSON answer a line.

It stands for whoever is in a container: it keeps files open while it is moved, has threads, makes children.
"""
import collections
import errno
import json
import os
import queue
import subprocess
import sys
import threading


def text(path):
    with open(path, "rb", buffering=0) as file:
        return whole(file.fileno())


def whole(fd):
    """Everything from offset 0 on, as a new reading."""
    os.lseek(fd, 0, os.SEEK_SET)
    parts = []
    while part := os.read(fd, 65536):
        parts.append(part)
    return b"".join(parts).decode()


def open_file(path):
    return os.open(path, os.O_RDONLY | os.O_CLOEXEC)


def write(path, what):
    """In one write(2), as a program that knows cgroups does it."""
    fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        return os.write(fd, what.encode())
    finally:
        os.close(fd)


def write_often(fd, what, times):
    """How often it was written, and which errors there were."""
    counts = collections.Counter()
    for _ in range(times):
        try:
            os.write(fd, what.encode())
            counts["written"] += 1
        except OSError as error:
            counts[errno.errorcode[error.errno]] += 1
    return counts


def output(*command):
    return subprocess.run(command, stdin=subprocess.DEVNULL, check=True, capture_output=True, text=True).stdout


class Thread:
    """A thread that calls functions for others, and whose id can be told."""

    def __init__(self):
        self.todo, self.done = queue.Queue(), queue.Queue()
        threading.Thread(target=self.work, daemon=True).start()
        self.id = self.call(threading.get_native_id)

    def work(self):
        while True:
            function, args = self.todo.get()
            try:
                self.done.put((function(*args), None))
            except OSError as error:
                self.done.put((None, error))

    def call(self, function, *args):
        self.todo.put((function, args))
        result, error = self.done.get()
        if error:
            raise error
        return result


class Changes:
    """Changes its cgroup tree all the time, and looks by the kernel's own whether it has changed."""

    def __init__(self, top, file, kernels):
        self.top, self.file, self.kernels = top, file, kernels
        self.done, self.failed, self.ends = 0, None, False
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def once(self, i):
        size = (1 + i % 16) << 20
        write(f"{self.top}/{self.file}", str(size))
        assert text(f"{self.kernels}/{self.file}") == f"{size}\n", "written"
        os.mkdir(f"{self.top}/made-{i}")
        assert os.path.isdir(f"{self.kernels}/made-{i}"), "made"
        os.rmdir(f"{self.top}/made-{i}")
        assert not os.path.exists(f"{self.kernels}/made-{i}"), "removed"

    def work(self):
        try:
            while not self.ends:
                self.once(self.done)
                self.done += 1
        except (OSError, AssertionError) as error:
            self.failed = repr(error)

    def end(self):
        self.ends = True
        self.thread.join()
        return self.done


def main():
    names = dict(globals())
    for line in sys.stdin:
        try:
            answer = {"ok": eval(line, names)}
        except OSError as error:
            answer = {"errno": error.errno, "error": str(error)}
        except Exception as error:  # told to the test, which raises it
            answer = {"error": repr(error)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
