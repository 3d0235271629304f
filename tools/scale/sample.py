#!/usr/bin/env python3
"""sample.py COMMAND … — the arithmetic of scale.sh: configurations, samples and the verdict about them.

A sample is one line: SECOND, resident kB of the clients and of the hub, then for each of the two what `state` prints.
"""

import json
import sys


def config(tunnels, folder):
    """clients.yaml with a profile a tunnel, hub.yaml with one for all."""
    lifetimes = "lifetime: 60s"
    child = "proposals: [aes-gcm-128/curve25519/no-esn], lifetime: 20s"
    with open(f"{folder}/clients.yaml", "w", encoding="utf-8") as out:
        out.write("profiles:\n")
        for i in range(tunnels):
            out.write(f"""  t{i}:
    local: {{address: 192.168.100.3, id: "fqdn:t{i}.clients.test", auth: {{psk: secret-of-all}}}}
    remote: {{address: 192.168.100.2, id: "fqdn:hub.test", auth: {{psk: secret-of-all}}}}
    ike: {{proposals: [aes-gcm-128/hmac-sha2-256/curve25519], {lifetimes}}}
    children: {{net: {{local_ts: [10.1.{i // 250}.{i % 250 + 1}/32], remote_ts: [10.2.0.0/16], {child}}}}}
""")
    with open(f"{folder}/hub.yaml", "w", encoding="utf-8") as out:
        out.write(f"""profiles:
  all:
    local: {{address: 192.168.100.2, id: "fqdn:hub.test", auth: {{psk: secret-of-all}}}}
    remote: {{id: "fqdn:*.clients.test", auth: {{psk: secret-of-all}}}}
    ike: {{proposals: [aes-gcm-128/hmac-sha2-256/curve25519], {lifetimes}}}
    children: {{net: {{local_ts: [10.2.0.0/16], remote_ts: [10.1.0.0/16], {child}}}}}
""")


def state(path):
    """TUNNELS REPLACED_CHILDREN REPLACED_IKE_SAS: peers with an installed child, and how many of the children and IKE SAs stand that did
    not at the last call, which left what it saw in PATH."""
    sas = json.load(sys.stdin)["ike_sas"]
    up = {(sa["local"]["id"], sa["remote"]["id"]) for sa in sas for child in sa["children"] if child["state"] != "installing"}
    children = {child["spi_in"] for sa in sas for child in sa["children"]}
    ikes = {sa["initiator_spi"] + sa["responder_spi"] for sa in sas}
    try:
        with open(path, encoding="utf-8") as file:
            before = json.load(file)
    except FileNotFoundError:
        before = {"children": [], "ikes": []}
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"children": sorted(children), "ikes": sorted(ikes)}, file)
    print(len(up), len(children - set(before["children"])), len(ikes - set(before["ikes"])))


def read(path):
    with open(path, encoding="utf-8") as file:
        return [[int(word) for word in line.split()] for line in file]


def line(path):
    second, clients, hub, up, children, ikes, hub_up, _, _ = read(path)[-1]
    print(f"    {second:6} {clients:14} {hub:10} {up:8} {hub_up:8} {children:14} {ikes:13}", flush=True)


def each(tunnels, clients_before, clients, hub_before, hub):
    for name, before, after in (("clients", clients_before, clients), ("hub", hub_before, hub)):
        print(f"    {name}: {before} kB before, {after} kB after, {(after - before) / tunnels:.1f} kB a tunnel")


def verdict(path, tunnels, allowed):
    """The mean of minute 2 to 3 against the mean of the last minute."""
    samples = read(path)
    wrong = []
    early = [sample for sample in samples if 120 <= sample[0] <= 180]
    late = samples[-3:]
    for column, name in ((1, "clients"), (2, "hub")):
        before = sum(sample[column] for sample in early) / len(early)
        after = sum(sample[column] for sample in late) / len(late)
        growth = 100 * (after - before) / before
        print(f"    {name}: {before:.0f} kB in the third minute, {after:.0f} kB in the last, {growth:+.2f} %")
        if growth > allowed:
            wrong.append(f"the memory of {name} grew by {growth:.2f} %, {allowed} are allowed")
    for sample in samples:
        if min(sample[3], sample[6]) < tunnels:
            wrong.append(f"after {sample[0]} s {min(sample[3], sample[6])} tunnels stood")
    for sample in samples[1:]:
        if sample[4] < tunnels * 0.9:
            wrong.append(f"before second {sample[0]} only {sample[4]} children were replaced in 30 s")
    print("".join(f"    WRONG: {what}\n" for what in wrong), end="")
    return bool(wrong)


def main():
    command, *words = sys.argv[1:]
    if command == "config":
        return config(int(words[0]), words[1])
    if command == "state":
        return state(words[0])
    if command == "line":
        return line(words[0])
    if command == "head":
        print("    second  clients' kB    hub's kB  tunnels  hub's   children new  IKE SAs new")
        return 0
    if command == "each":
        return each(*map(int, words))
    if command == "verdict":
        return verdict(words[0], int(words[1]), float(words[2]))
    return f"no command '{command}'"


if __name__ == "__main__":
    sys.exit(main())
