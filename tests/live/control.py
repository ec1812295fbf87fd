# SPDX-License-Identifier: Apache-2.0
"""The control socket: one JSON object a message."""
import json
import socket

from processes import patient


class Control:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_CLOEXEC)
        self.socket.settimeout(patient(30))
        self.socket.connect(path)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, message):
        """Sends the bytes as they are; the answer, or None where the daemon hung up."""
        try:
            self.socket.send(message)
            answer = self.socket.recv(1 << 20)
        except (BrokenPipeError, ConnectionResetError):
            return None
        return json.loads(answer) if answer else None

    def call(self, **request):
        return self.send(json.dumps(request).encode())


def call(path, **request):
    with Control(path) as control:
        return control.call(**request)
