#!/usr/bin/env python3
"""control_crowd.py SOCKET COUNT — so many clients of a control socket at once, and for as long as it runs: a client that had to
give way comes back. They say nothing; nonsense; a request octet by octet that never ends; more than a request may hold; or ask
for status and never read it. Says "crowded" when all have connected once, and "N came back" when it is ended."""

import resource
import signal
import socket
import sys
import time

PAUSE = 0.05  # seconds between two looks at everybody
HUGE = b"x" * (1 << 16)
STATUS = b'{"v": 1, "command": "status"}\n'


class Client:
    def __init__(self, path, number):
        self.path, self.kind, self.socket = path, number % 6, None

    def connect(self, wait):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.setblocking(wait)
        try:
            self.socket.connect(self.path)
        except BlockingIOError:  # nobody has been accepted lately: another time
            self.socket.close()
            self.socket = None
            return False
        self.socket.setblocking(False)
        return True

    def words(self):
        return [b"", b"\xff{nonsense\n" * 50, b"{", HUGE, b"", STATUS][self.kind]

    def speak(self):
        """One more turn. Returns whether it came back."""
        came_back = self.socket is None and self.connect(False)
        if self.socket is None:
            return came_back
        try:
            if self.words():
                self.socket.send(self.words())
            if self.kind != 5 and self.socket.recv(4096) == b"":
                raise ConnectionResetError
        except BlockingIOError:
            pass
        except OSError:  # it had to give way
            self.socket.close()
            self.socket = None
        return came_back


def main():
    path, count = sys.argv[1], int(sys.argv[2])
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 2 * count + 64), hard))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    clients = [Client(path, number) for number in range(count)]
    back = 0
    try:
        for client in clients:
            client.connect(True)
            client.speak()
        print("crowded", flush=True)
        while True:
            back += sum(client.speak() for client in clients)
            time.sleep(PAUSE)  # their own rhythm, nothing that could be awaited
    finally:
        print(back, "came back", flush=True)


if __name__ == "__main__":
    main()
