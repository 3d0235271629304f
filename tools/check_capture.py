#!/usr/bin/env python3
"""check_capture.py FILE --inner PREFIX… [--esp-at-least N] — what may stand on the outer link, and nothing else.

Reads a pcap of Ethernet frames. Allowed: ARP, IPv6 neighbour and router discovery and multicast listener reports,
UDP 500 and 4500, ESP (protocol 50). No IP header inside any frame, at any offset, may carry a source or destination
of the inner prefixes. Prints a summary; exit status 1 when something else stands there. --self-test proves it can fail.
"""

import argparse
import collections
import ipaddress
import struct
import sys

ETHERNET = 1
NEIGHBOUR_DISCOVERY = {130, 131, 132, 133, 134, 135, 136, 143}  # ICMPv6: MLD, router and neighbour messages
IKE_PORTS = {500, 4500}


def frames(data):
    """The frames of a pcap file, either byte order, micro- or nanoseconds."""
    magic = data[:4]
    order = {b"\xd4\xc3\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">", b"\x4d\x3c\xb2\xa1": "<", b"\xa1\xb2\x3c\x4d": ">"}.get(magic)
    if order is None:
        raise ValueError("not a pcap file")
    if struct.unpack(order + "I", data[20:24])[0] != ETHERNET:
        raise ValueError("not a capture of Ethernet frames")
    offset = 24
    while offset + 16 <= len(data):
        kept, original = struct.unpack(order + "II", data[offset + 8:offset + 16])
        if kept != original:
            raise ValueError("the capture cut a frame short")
        yield data[offset + 16:offset + 16 + kept]
        offset += 16 + kept


def transport(protocol, payload, fragment):
    if protocol == 50:
        return "ESP"
    if protocol == 17 and fragment:
        return "UDP fragment"
    if protocol == 17 and len(payload) >= 8:
        source, destination = struct.unpack("!HH", payload[:4])
        ports = {source, destination} & IKE_PORTS
        if not ports:
            return f"FORBIDDEN UDP {source} to {destination}"
        if max(ports) == 500:
            return "IKE, UDP 500"
        if payload[8:12] == b"\0\0\0\0":
            return "IKE, UDP 4500"
        return "keepalive, UDP 4500" if payload[8:] == b"\xff" else "ESP in UDP 4500"
    if protocol == 58 and payload[:1] and payload[0] in NEIGHBOUR_DISCOVERY:
        return "IPv6 neighbour discovery"
    return f"FORBIDDEN IP protocol {protocol}"


def classify(frame):
    """What this frame is; FORBIDDEN… where it may not be there."""
    kind = struct.unpack("!H", frame[12:14])[0]
    packet = frame[14:]
    if kind == 0x0806:
        return "ARP"
    if kind == 0x0800:
        length = (packet[0] & 15) * 4
        return transport(packet[9], packet[length:], struct.unpack("!H", packet[6:8])[0] & 0x1FFF)
    if kind == 0x86DD:
        protocol, payload = packet[6], packet[40:]
        if protocol == 0:  # hop-by-hop options, in front of MLD
            protocol, payload = payload[0], payload[(payload[1] + 1) * 8:]
        return transport(protocol, payload, 0)
    return f"FORBIDDEN ethertype {kind:#06x}"


def checksum_holds(header):
    total = sum(struct.unpack(f"!{len(header) // 2}H", header))
    return (total & 0xFFFF) + (total >> 16) in (0xFFFF, 0x1FFFE)


def inner_in_clear(frame, networks):
    """An IPv4 header with an inner address, wherever in the frame it begins; a true one by its checksum, or one
    right behind the Ethernet header, where the checksum may be left to the device."""
    offset = 13
    while 0 <= (offset := frame.find(b"\x45", offset + 1)) <= len(frame) - 20:
        header = frame[offset:offset + 20]
        addresses = [ipaddress.ip_address(header[12:16]), ipaddress.ip_address(header[16:20])]
        if any(address in network for address in addresses for network in networks) and (offset == 14 or checksum_holds(header)):
            return f"IPv4 {addresses[0]} to {addresses[1]} in clear at octet {offset}"
    return None


def check(data, networks, esp_at_least):
    counts, complaints = collections.Counter(), []
    for number, frame in enumerate(frames(data), 1):
        kind = classify(frame)
        counts[kind] += 1
        if kind.startswith("FORBIDDEN"):
            complaints.append(f"frame {number}: {kind}")
        if found := inner_in_clear(frame, networks):
            complaints.append(f"frame {number}: {found}")
    esp = counts["ESP"] + counts["ESP in UDP 4500"]
    if esp < esp_at_least:
        complaints.append(f"{esp} ESP packets, at least {esp_at_least} were expected")
    return counts, complaints


def self_test():
    def ipv4(source, destination, protocol, payload):
        header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0, 0, 64, protocol, 0,
                             ipaddress.ip_address(source).packed, ipaddress.ip_address(destination).packed)
        total = sum(struct.unpack("!10H", header))
        total = (total & 0xFFFF) + (total >> 16)
        return header[:10] + struct.pack("!H", 0xFFFF - ((total & 0xFFFF) + (total >> 16))) + header[12:] + payload

    def pcap(packet):
        frame = bytes(12) + b"\x08\x00" + packet
        return struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1) + struct.pack("<IIII", 0, 0, len(frame), len(frame)) + frame

    def udp(port, payload):
        return struct.pack("!HHHH", port, port, 8 + len(payload), 0) + payload

    inner = ipv4("192.168.124.2", "192.168.125.2", 1, bytes(64))
    networks = [ipaddress.ip_network("192.168.124.0/24")]
    outer = ("192.168.100.3", "192.168.100.2")
    wrong = [inner, ipv4(*outer, 1, b"ping"), ipv4(*outer, 17, udp(53, b"x")), ipv4(*outer, 50, b"12345678" + inner),
             ipv4(*outer, 17, udp(4500, b"spi!seq!" + inner))]
    right = [ipv4(*outer, 50, b"12345678opaque"), ipv4(*outer, 17, udp(500, b"ike")), ipv4(*outer, 17, udp(4500, b"spi!seq!opaque"))]
    bad = [p for p in wrong if not check(pcap(p), networks, 0)[1]] + [p for p in right if check(pcap(p), networks, 0)[1]]
    bad += [] if check(pcap(right[1]), networks, 1)[1] else [b"no ESP"]
    for packet in bad:
        print(f"self test: judged wrongly: {packet.hex()}")
    return 1 if bad else 0


def main():
    if "--self-test" in sys.argv:
        return self_test()
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--inner", nargs="+", type=ipaddress.ip_network, required=True)
    parser.add_argument("--esp-at-least", type=int, default=1)
    options = parser.parse_args()
    with open(options.file, "rb") as file:
        counts, complaints = check(file.read(), options.inner, options.esp_at_least)
    for kind, count in sorted(counts.items()):
        print(f"    {count:7}  {kind}")
    for complaint in complaints[:20]:
        print(f"    {complaint}")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(self_test() or main())
