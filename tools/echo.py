#!/usr/bin/env python3
"""echo.py --source A [--count N] [--interval S] [--sizes B…] [--until FILE] TARGET — ICMP echo that counts to the end.
echo.py --source A --count N --random LOW HIGH --window W [--text] TARGET

ping(8) waits only two round trips for the last reply, so that a busy machine looks like a lossy one. This sends N requests of each
size (octets of payload), waits up to 3 s for every single reply, checks its payload, and counts duplicates. IPv4 and IPv6, as root.
With --until it sends no more once FILE exists. With --window it sends as fast as answers come, and lets W wait for theirs; with
--random sizes are drawn between the two, each of which comes too. --text: half of the payloads can be compressed.
Exit status 0: each request was answered exactly once.
"""

import argparse
import os
import random
import select
import socket
import struct
import sys
import time

WAIT = 3.0  # seconds for the last replies
SO_RCVBUFFORCE = 33  # asm-generic/socket.h


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xFFFF) + (total >> 16)
    return 0xFFFF - ((total & 0xFFFF) + (total >> 16))


class Icmp:
    """What the families differ in. The kernel writes the checksum of ICMPv6, and keeps the header of IPv6."""

    def __init__(self, v6):
        self.v6 = v6
        self.family, self.protocol = (socket.AF_INET6, socket.IPPROTO_ICMPV6) if v6 else (socket.AF_INET, socket.IPPROTO_ICMP)
        self.request_type, self.reply_type = (128, 129) if v6 else (8, 0)

    def request(self, identifier, sequence, payload):
        header = struct.pack("!BBHHH", self.request_type, 0, 0, identifier, sequence)
        value = 0 if self.v6 else checksum(header + payload)
        return struct.pack("!BBHHH", self.request_type, 0, value, identifier, sequence) + payload

    def message(self, packet):
        return packet if self.v6 else packet[(packet[0] & 15) * 4:]


def noise(size):
    return os.urandom(size)


def text(size):
    """Every other time something that becomes about half as long."""
    return os.urandom(size) if random.random() < 0.5 else os.urandom((size + 1) // 2).hex()[:size].encode()


class Echo:
    def __init__(self, source, target, payload=noise):
        self.icmp = Icmp(":" in target)
        self.identifier = os.getpid() & 0xFFFF
        self.target = target
        self.payload = payload
        self.socket = socket.socket(self.icmp.family, socket.SOCK_RAW, self.icmp.protocol)
        self.socket.bind((source, 0))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 4 << 20)
        self.sent, self.waiting, self.sizes = {}, set(), {}
        self.duplicates = self.changed = 0
        self.times = []

    def send(self, sequence, size):
        payload = self.payload(size)
        self.sent[sequence] = (payload, time.monotonic())
        self.sizes[sequence] = size
        self.waiting.add(sequence)
        self.socket.sendto(self.icmp.request(self.identifier, sequence, payload), (self.target, 0))

    def receive(self, until):
        """Takes replies until the time, or until none is missing where `until` is that of the last wait."""
        while (left := until - time.monotonic()) > 0:
            if not self.waiting and len(self.sent) == self.total:
                return
            if select.select([self.socket], [], [], left)[0]:
                self.take(self.socket.recv(65535))

    def take(self, packet):
        message = self.icmp.message(packet)
        kind, _, _, identifier, sequence = struct.unpack("!BBHHH", message[:8])
        if kind != self.icmp.reply_type or identifier != self.identifier or sequence not in self.sent:
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

    def run_window(self, sizes, window):
        """Ends where for the whole wait no answer comes: those that wait then are lost."""
        self.total = len(sizes)
        while len(self.sent) < self.total or self.waiting:
            while len(self.sent) < self.total and len(self.waiting) < window:
                self.send(len(self.sent), sizes[len(self.sent)])
            if not select.select([self.socket], [], [], WAIT)[0]:
                self.total = len(self.sent)
                return
            self.take(self.socket.recv(65535))


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", required=True)
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--interval", type=float, default=0.02)
    parser.add_argument("--sizes", type=int, nargs="+", default=[56])
    parser.add_argument("--random", type=int, nargs=2, metavar=("LOW", "HIGH"))
    parser.add_argument("--window", type=int)
    parser.add_argument("--text", action="store_true")
    parser.add_argument("--until")
    parser.add_argument("target")
    return parser.parse_args()


def sizes_of(options):
    if not options.random:
        return [size for size in options.sizes for _ in range(options.count)]
    drawn = options.random + [random.randint(*options.random) for _ in range(options.count - 2)]
    random.shuffle(drawn)
    return drawn


def times_text(times):
    """The round trips of all replies; p99: 99 of 100 are no longer."""
    if not times:
        return ""
    return f"; {times[0] * 1e3:.2f} to {times[-1] * 1e3:.2f} ms, p99 {times[-(len(times) // 100) - 1] * 1e3:.2f} ms"


def main():
    options = parse()
    echo = Echo(options.source, options.target, text if options.text else noise)
    if options.window:
        echo.run_window(sizes_of(options), options.window)
    else:
        echo.run(sizes_of(options), options.interval, options.until)
    received = echo.total - len(echo.waiting)
    print(f"{echo.total} sent, {received} answered, {echo.duplicates} twice, {echo.changed} changed, "
          f"{sum(echo.sizes.values())} octets"
          + times_text(sorted(echo.times)))
    if echo.waiting:
        print("not answered (number: octets):", ", ".join(f"{s}: {echo.sizes[s]}" for s in sorted(echo.waiting)[:20]))
    return 1 if echo.waiting or echo.duplicates or echo.changed else 0


if __name__ == "__main__":
    sys.exit(main())
