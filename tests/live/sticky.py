# SPDX-License-Identifier: Apache-2.0
"""
A file that does not let go: while it is held, whoever closes it waits in the kernel, and so does the end of a process that has it open. No
signal helps (fs/fuse/file.c, fuse_flush(): the request is forced, and request_wait_answer() of dev.c waits for such a one whatever comes).

A file system of one file, by the kernel's protocol (include/uapi/linux/fuse.h).
"""
import contextlib
import ctypes
import errno
import os
import select
import stat
import struct
import subprocess
import threading

from processes import until

IN_HEADER, OUT_HEADER = struct.Struct("<IIQQIIII"), struct.Struct("<IiQ")
LOOKUP, FORGET, GETATTR, OPEN, RELEASE, FLUSH, INIT, INTERRUPT, BATCH_FORGET = 1, 2, 3, 14, 18, 25, 26, 36, 42
ROOT, FILE = 1, 2
FOR_LONG = 86400
LIBC = ctypes.CDLL(None, use_errno=True)


def attributes(node):
    mode = stat.S_IFDIR | 0o755 if node == ROOT else stat.S_IFREG | 0o644
    return struct.pack("<6Q10I", node, 0, 0, 0, 0, 0, 0, 0, 0, mode, 1, 0, 0, 0, 4096, 0)


ANSWERS = {
    INIT: lambda _: struct.pack("<4I2H2I2H8I", 7, 31, 0, 0, 0, 0, 4096, 1, 0, 0, *[0] * 8),
    LOOKUP: lambda _: struct.pack("<4Q2I", FILE, 0, FOR_LONG, FOR_LONG, 0, 0) + attributes(FILE),
    GETATTR: lambda node: struct.pack("<Q2I", FOR_LONG, 0, 0) + attributes(node),
    OPEN: lambda _: struct.pack("<Q2I", 1, 0, 0),
    FLUSH: lambda _: b"",
    RELEASE: lambda _: b"",
}
MUTE = FORGET, BATCH_FORGET, INTERRUPT


class Sticky:
    def __init__(self, mount):
        self.mount, self.path, self.lock = mount, mount + "/file", threading.Lock()
        self.holds, self.held, self.ended = False, [], False
        os.mkdir(mount)
        self.device = os.open("/dev/fuse", os.O_RDWR | os.O_NONBLOCK)
        options = f"fd={self.device},rootmode=40000,user_id=0,group_id=0,allow_other"
        if LIBC.mount(b"sticky", mount.encode(), b"fuse.sticky", 0, options.encode()):
            raise OSError(ctypes.get_errno(), "mount")
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        while not self.ended:
            with contextlib.suppress(OSError):  # EAGAIN; ENODEV after the unmount
                if select.select([self.device], [], [], 0.1)[0]:
                    self.on_request(os.read(self.device, 1 << 16))

    def on_request(self, request):
        _, opcode, unique, node, *_ = IN_HEADER.unpack_from(request)
        with self.lock:
            if opcode == FLUSH and self.holds:
                self.held.append(unique)
            elif opcode in ANSWERS:
                self.answer(unique, ANSWERS[opcode](node))
            elif opcode not in MUTE:
                self.answer(unique, b"", errno.ENOSYS)

    def answer(self, unique, data, error=0):
        os.write(self.device, OUT_HEADER.pack(OUT_HEADER.size + len(data), -error, unique) + data)

    def hold(self):
        self.holds = True

    def let_go(self):
        with self.lock:
            self.holds = False
            while self.held:
                self.answer(self.held.pop(), b"")

    def end(self):
        """Whoever still waits gets an error, and goes."""
        self.ended = True
        self.thread.join()
        subprocess.run(["umount", "--lazy", self.mount], check=True)
        os.close(self.device)
        until(lambda: not os.path.ismount(self.mount), "it is unmounted")
        os.rmdir(self.mount)
