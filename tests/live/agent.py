# SPDX-License-Identifier: Apache-2.0
"""A process that does as it is told: one Python expression a line on standard input, one JSON answer a line.

It stands for whoever is in a container: it keeps files open while it is moved, has threads, makes children.
"""
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
