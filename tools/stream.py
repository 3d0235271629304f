#!/usr/bin/env python3
"""A TCP stream of known octets that lasts some seconds, and what became of it.

stream.py serve ADDRESS PORT SECONDS   sends to whoever connects first, then prints octets and retransmissions
stream.py take ADDRESS PORT SOURCE     takes the stream, checks every octet, prints how many came
"""

import socket
import struct
import sys
import time

BLOCK = bytes(range(256)) * 64


def total_retransmissions(connection):
    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    return struct.unpack_from("I", info, 100)[0]  # tcpi_total_retrans


def serve(address, port, seconds):
    with socket.create_server((address, port), family=socket.AF_INET) as server:
        print("listening", flush=True)
        server.settimeout(20)
        connection, _ = server.accept()
        connection.settimeout(20)
        sent = 0
        end = time.monotonic() + seconds
        with connection:
            while time.monotonic() < end:
                connection.sendall(BLOCK)
                sent += len(BLOCK)
                time.sleep(0.005)  # a steady stream that leaves room for the pings, not the fastest one
            print(f"sent {sent} octets, {total_retransmissions(connection)} segments again", flush=True)


def take(address, port, source):
    received = 0
    with socket.create_connection((address, port), timeout=20, source_address=(source, 0)) as connection:
        while data := connection.recv(1 << 16):
            start = received % len(BLOCK)
            expected = (BLOCK * (len(data) // len(BLOCK) + 2))[start : start + len(data)]
            if data != expected:
                sys.exit(f"octet {received} and those after it are not what was sent")
            received += len(data)
    print(f"received {received} octets", flush=True)


def main():
    if len(sys.argv) != 5 or sys.argv[1] not in ("serve", "take"):
        sys.exit(__doc__)
    if sys.argv[1] == "serve":
        serve(sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
    else:
        take(sys.argv[2], int(sys.argv[3]), sys.argv[4])


main()
