"""options.py send|receive ADDRESS — UDP datagrams behind a hop-by-hop header of padding and a destination header with an option
for experiments (RFC 4727 2.2)."""

import socket
import sys

PORT, COUNT = 7100, 20
HOP_BY_HOP = bytes([0, 0, 1, 4, 0, 0, 0, 0])
DESTINATION = bytes([0, 1, 0x1E, 12]) + bytes(range(12))


def send(udp, address):
    udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_HOPOPTS, HOP_BY_HOP)
    udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_DSTOPTS, DESTINATION)
    for number in range(COUNT):
        udp.sendto(bytes([number]) * (number * 50 + 1), (address, PORT))


def without_next_header(options):
    return sorted((level, kind, data[1:]) for level, kind, data in options)


def receive(udp, address):
    udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVHOPOPTS, 1)
    udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVDSTOPTS, 1)
    udp.settimeout(20)
    udp.bind((address, PORT))
    print("listening", flush=True)
    wanted = without_next_header([(socket.IPPROTO_IPV6, socket.IPV6_HOPOPTS, HOP_BY_HOP),
                                  (socket.IPPROTO_IPV6, socket.IPV6_DSTOPTS, DESTINATION)])
    for number in range(COUNT):
        data, options, _, _ = udp.recvmsg(2048, 1024)
        assert data == bytes([number]) * (number * 50 + 1), (number, data)
        assert without_next_header(options) == wanted, options
    print("all arrived", flush=True)


def main():
    what, address = sys.argv[1:]
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as udp:
        {"send": send, "receive": receive}[what](udp, address)


main()
