#!/usr/bin/env python3
"""listings.py config N FILE — a configuration with N SAs that are keyed by hand, an eroute for each that goes out.
listings.py commands N FILE — the same SAs as a file for ikectl -f.
listings.py tunnels N CHILDREN FOLDER — clients.yaml with N profiles of so many children, hub.yaml with one profile for all.
listings.py measure IKECTL SOCKET COMMAND… — runs `ikectl COMMAND` and prints a line: octets, milliseconds to the first octet
and to the last, and the longest time (ms) for which the daemon answered no other client meanwhile. COMMAND `raw NAME`: that request
over the socket itself."""

import json
import os
import socket
import subprocess
import sys
import threading
import time

KEY = "4a506a794f574265564551694d653768"
AUTH = "4339314b55523947594d6d3547666b45764e6a58"


def sas(count):
    """(number, direction, source, destination) of each SA: one out and one in for each peer."""
    for i in range(count):
        peer = f"10.{77 + i // 131072}.{i // 512 % 256}.{i // 2 % 256}"
        yield (1000 + i, "outbound", "192.0.2.1", peer) if i % 2 == 0 else (1000 + i, "inbound", peer, "192.0.2.1")


def config(count, path):
    with open(path, "w", encoding="ascii") as out:
        out.write(f"manual:\n  state: {path}.state\n  sas:\n")
        for spi, direction, source, destination in sas(count):
            out.write(f"    - {{spi: {spi}, protocol: esp, source: {source}, destination: {destination}, direction: {direction},"
                      f" encr: aes-cbc-128, encr_key: {spi:08x}{KEY[8:]}, integ: sha1-96, integ_key: {spi:08x}{AUTH[8:]}}}\n")
        out.write("  eroutes:\n")
        for spi, direction, _, destination in sas(count):
            if direction == "outbound":
                out.write(f"    - {{source: 192.0.2.1/32, destination: {destination}/32, sa: esp0x{spi:x}@{destination}}}\n")


def commands(count, path):
    with open(path, "w", encoding="ascii") as out:
        for spi, *_ in sas(count):
            out.write(f"ipsec sa add {spi} spi {spi} esp crypto-alg aes-cbc-128 crypto-key {spi:08x}{KEY[8:]}"
                      f" integ-alg sha1-96 integ-key {spi:08x}{AUTH[8:]}\n")


def tunnels(count, children, folder):
    def lines(local, remote):
        child = "proposals: [aes-gcm-128/curve25519/no-esn], lifetime: 20h"
        return ", ".join(f"c{c}: {{local_ts: [{local(c)}], remote_ts: [{remote(c)}], {child}}}" for c in range(children))

    def network(child):
        return f"10.{2 + child // 256}.{child % 256}.0/24"

    ike = "ike: {proposals: [aes-gcm-128/hmac-sha2-256/curve25519], lifetime: 24h}"
    with open(f"{folder}/clients.yaml", "w", encoding="ascii") as out:
        out.write("profiles:\n")
        for i in range(count):
            address = f"10.1.{i // 250}.{i % 250 + 1}/32"
            out.write(f"""  t{i}:
    local: {{address: 192.168.100.3, id: "fqdn:t{i}.clients.test", auth: {{psk: secret-of-all}}}}
    remote: {{address: 192.168.100.2, id: "fqdn:hub.test", auth: {{psk: secret-of-all}}}}
    {ike}
    children: {{{lines(lambda _, a=address: a, network)}}}
""")
    with open(f"{folder}/hub.yaml", "w", encoding="ascii") as out:
        out.write(f"""profiles:
  all:
    local: {{address: 192.168.100.2, id: "fqdn:hub.test", auth: {{psk: secret-of-all}}}}
    remote: {{id: "fqdn:*.clients.test", auth: {{psk: secret-of-all}}}}
    {ike}
    children: {{{lines(network, lambda _: "10.1.0.0/16")}}}
""")


class Bystander(threading.Thread):
    """Asks for the version again and again; `longest` is what it waited at most, in ms."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.longest, self.over = 0.0, False
        self.connection = socket.socket(socket.AF_UNIX)
        self.connection.connect(path)

    def run(self):
        request = json.dumps({"v": 1, "command": "version"}).encode() + b"\n"
        while not self.over:
            begin = time.monotonic()
            self.connection.sendall(request)
            answer = b""
            while not answer.endswith(b"\n"):
                answer += self.connection.recv(4096)
            self.longest = max(self.longest, (time.monotonic() - begin) * 1e3)
            time.sleep(0.0005)  # leaves the daemon most of its time


def chunks_of_ikectl(ikectl, path, words):
    with subprocess.Popen([ikectl, "-s", path, *words], stdout=subprocess.PIPE) as process:
        while chunk := os.read(process.stdout.fileno(), 1 << 16):
            yield chunk
    if process.returncode:
        raise SystemExit(process.returncode)


def chunks_of_request(path, name):
    """The one line that answers it."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        connection.sendall(json.dumps({"v": 1, "command": name}).encode() + b"\n")
        chunk = b""
        while not chunk.endswith(b"\n"):
            chunk = connection.recv(1 << 16)
            if not chunk:
                raise SystemExit(f"no answer to {name}")
            yield chunk


def measure(ikectl, path, words):
    bystander = Bystander(path)
    bystander.start()
    begin = time.monotonic()
    octets, first = 0, None
    for chunk in chunks_of_request(path, words[1]) if words[0] == "raw" else chunks_of_ikectl(ikectl, path, words):
        first = first or time.monotonic()
        octets += len(chunk)
    end = time.monotonic()
    bystander.over = True
    bystander.join()
    first = ((first or end) - begin) * 1e3
    print(f"{' '.join(words):<34} {octets:>10} {first:>9.1f} {(end - begin) * 1e3:>9.1f} {bystander.longest:>9.1f}", flush=True)


def main():
    what, *rest = sys.argv[1:]
    if what == "measure":
        measure(rest[0], rest[1], rest[2:])
    elif what == "tunnels":
        tunnels(int(rest[0]), int(rest[1]), rest[2])
    else:
        {"config": config, "commands": commands}[what](int(rest[0]), rest[1])


if __name__ == "__main__":
    main()
