#!/usr/bin/env python3
"""Random octets over TCP, and their SHA-256 at both ends.

transfer.py take ADDRESS PORT                  prints "listening", then "sha256 SUM" of what came
transfer.py send SOURCE ADDRESS PORT OCTETS    prints the SUM of what was sent and the seconds that it took
"""

import hashlib
import os
import socket
import sys
import time


def take(address, port):
    with socket.create_server((address, int(port))) as server:
        print("listening", flush=True)
        server.settimeout(30)
        connection, _ = server.accept()
    with connection:
        connection.settimeout(60)
        digest = hashlib.sha256()
        while data := connection.recv(1 << 18):
            digest.update(data)
        connection.sendall(b"done")
    print("sha256", digest.hexdigest(), flush=True)


def send(source, address, port, octets):
    data = os.urandom(int(octets))
    begin = time.monotonic()
    with socket.create_connection((address, int(port)), timeout=60, source_address=(source, 0)) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        connection.recv(4)
    print(hashlib.sha256(data).hexdigest(), time.monotonic() - begin)


if __name__ == "__main__":
    {"take": take, "send": send}[sys.argv[1]](*sys.argv[2:])
