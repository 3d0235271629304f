#!/usr/bin/env python3
"""echo.py --source A [--count N] [--interval S] [--sizes B…] [--until FILE] TARGET — ICMP echo that counts to the end.

ping(8) waits only two round trips for the last reply, so that a busy machine looks like a lossy one. This sends N requests of each
size (octets of payload), waits up to 3 s for every single reply, checks its payload, and counts duplicates. IPv4, as root.
With --until it sends no more once FILE exists. Exit status 0: each request was answered exactly once.
"""

import argparse
import os
import select
import socket
import struct
import sys
import time

WAIT = 3.0  # seconds for the last replies


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xFFFF) + (total >> 16)
    return 0xFFFF - ((total & 0xFFFF) + (total >> 16))


def request(identifier, sequence, payload):
    header = struct.pack("!BBHHH", 8, 0, 0, identifier, sequence)
    return struct.pack("!BBHHH", 8, 0, checksum(header + payload), identifier, sequence) + payload


class Echo:
    def __init__(self, source, target):
        self.identifier = os.getpid() & 0xFFFF
        self.target = target
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        self.socket.bind((source, 0))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.sent, self.waiting, self.sizes = {}, set(), {}
        self.duplicates = self.changed = 0
        self.times = []

    def send(self, sequence, size):
        payload = os.urandom(size)
        self.sent[sequence] = (payload, time.monotonic())
        self.sizes[sequence] = size
        self.waiting.add(sequence)
        self.socket.sendto(request(self.identifier, sequence, payload), (self.target, 0))

    def receive(self, until):
        """Takes replies until the time, or until none is missing where `until` is that of the last wait."""
        while (left := until - time.monotonic()) > 0:
            if not self.waiting and len(self.sent) == self.total:
                return
            if select.select([self.socket], [], [], left)[0]:
                self.take(self.socket.recv(65535))

    def take(self, packet):
        message = packet[(packet[0] & 15) * 4:]
        kind, _, _, identifier, sequence = struct.unpack("!BBHHH", message[:8])
        if kind != 0 or identifier != self.identifier or sequence not in self.sent:
            return
        payload, begin = self.sent[sequence]
        self.changed += message[8:] != payload
        self.duplicates += sequence not in self.waiting
        self.waiting.discard(sequence)
        self.times.append(time.monotonic() - begin)

    def run(self, sizes, interval, until):
        self.total = len(sizes)
        begin = time.monotonic()
        for sequence, size in enumerate(sizes):
            if until and os.path.exists(until):
                self.total = sequence
                break
            self.send(sequence, size)
            self.receive(begin + (sequence + 1) * interval)
        self.receive(time.monotonic() + WAIT)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", required=True)
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--interval", type=float, default=0.02)
    parser.add_argument("--sizes", type=int, nargs="+", default=[56])
    parser.add_argument("--until")
    parser.add_argument("target")
    options = parser.parse_args()
    echo = Echo(options.source, options.target)
    echo.run([size for size in options.sizes for _ in range(options.count)], options.interval, options.until)
    received = echo.total - len(echo.waiting)
    print(f"{echo.total} sent, {received} answered, {echo.duplicates} twice, {echo.changed} changed"
          + (f"; {min(echo.times) * 1e3:.2f} to {max(echo.times) * 1e3:.2f} ms" if echo.times else ""))
    if echo.waiting:
        print("not answered (number: octets):", ", ".join(f"{s}: {echo.sizes[s]}" for s in sorted(echo.waiting)[:20]))
    return 1 if echo.waiting or echo.duplicates or echo.changed else 0


if __name__ == "__main__":
    sys.exit(main())
