#!/usr/bin/env python3
"""control_crowd.py SOCKET COUNT — so many clients of a control socket at once: half say nothing, the others nonsense. Says
"crowded" when all have connected, and stays until it is ended."""

import resource
import signal
import socket
import sys


def main():
    path, count = sys.argv[1], int(sys.argv[2])
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 2 * count + 64), hard))
    clients = []
    for number in range(count):
        client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        client.connect(path)
        if number % 2:
            try:
                client.sendall(b"\xff{nonsense" * 50 + (b"\n" if number % 4 == 1 else b""))
            except (BrokenPipeError, ConnectionResetError):
                pass  # it has given way already
        clients.append(client)
    print("crowded", flush=True)
    signal.pause()


if __name__ == "__main__":
    main()
