#!/usr/bin/env python3
"""compare_xfrm.py STATUS_JSON XFRM_STATE XFRM_POLICY — `ikectl --json status` against the Linux kernel at the other end.

XFRM_STATE and XFRM_POLICY are `ip xfrm state` and `ip xfrm policy` of the peer. For each direction of each child of ours there must
be exactly one state with its SPI, and that must have our addresses, protocol, mode, algorithms, sequence numbers and
encapsulation; the kernel must have no other state, and policies for our selectors in both directions. Keys are not printed.
Exit status 1 when something differs. `--self-test` checks that each difference is seen.
"""

import json
import re
import sys

SALT_BITS = {"aead": {"rfc4106": 32, "rfc4309": 24, "rfc4543": 32, "rfc7539esp": 32}, "enc": {"rfc3686": 32}}


def encryption(kind, name, key_bits, icv_bits):
    """Our name of the kernel's algorithm: rfc4106(gcm(aes)), 288 bits, 128 -> aes-gcm-256."""
    mode = name.split("(")[0]
    bits = key_bits - SALT_BITS.get(kind, {}).get(mode, 0)
    icv = "" if icv_bits in (None, 128) else f"{icv_bits // 8}-"
    names = {"rfc4106": f"aes-gcm-{icv}{bits}", "rfc4309": f"aes-ccm-{icv or '16-'}{bits}", "rfc4543": f"aes-gmac-{bits}",
             "rfc7539esp": "chacha20-poly1305", "rfc3686": f"aes-ctr-{bits}", "ecb": "null"}
    by_name = {"cbc(aes)": f"aes-cbc-{bits}", "cbc(des3_ede)": "3des", "cbc(des)": "des", "ecb(cipher_null)": "null"}
    return by_name.get(name) or names.get(mode, name)


INTEGRITY = {("hmac(sha1)", 96): "sha1-96", ("hmac(md5)", 96): "md5-96", ("hmac(sha256)", 128): "hmac-sha2-256-128",
             ("hmac(sha256)", 96): "sha2-256-96", ("hmac(sha384)", 192): "hmac-sha2-384-192",
             ("hmac(sha512)", 256): "hmac-sha2-512-256", ("xcbc(aes)", 96): "aes-xcbc-96", ("cmac(aes)", 96): "aes-cmac-96"}


def parse_states(text):
    """ip xfrm state, one dictionary a state."""
    states = []
    for line in text.splitlines():
        if match := re.match(r"src (\S+) dst (\S+)$", line):
            states.append({"src": match[1], "dst": match[2], "encr": None, "integ": None, "esn": False, "encap": "none"})
        elif match := re.match(r"\tproto (\w+) spi 0x([0-9a-f]{8})\S* reqid \S+ mode (\w+)", line):
            states[-1].update(proto=match[1], spi=match[2], mode=match[3])
        elif match := re.match(r"\t(aead|enc) (\S+)(?: 0x([0-9a-f]*))?(?: \(\d+ bits\))?(?: (\d+))?$", line):
            bits = len(match[3] or "") * 4
            states[-1]["encr"] = encryption(match[1], match[2], bits, int(match[4]) if match[4] else None)
        elif match := re.match(r"\tauth(?:-trunc)? (\S+) 0x[0-9a-f]+(?: \(\d+ bits\))?(?: (\d+))?$", line):
            states[-1]["integ"] = INTEGRITY.get((match[1], int(match[2] or 0)), f"{match[1]} {match[2]}")
        elif re.match(r"\tencap type espinudp ", line):
            states[-1]["encap"] = "udp"
        if re.search(r"\bflag\b.*\besn(extra_flag)?\b", line):  # ip writes no space between the flags and the extra flags
            states[-1]["esn"] = True
    return states


def parse_policies(text):
    """ip xfrm policy: (direction, source, destination) of each that has a template."""
    policies, selector, direction = set(), None, None
    for line in text.splitlines():
        if match := re.match(r"src (\S+) dst (\S+)", line):
            selector, direction = (match[1], match[2]), None
        elif match := re.match(r"\tdir (\w+) ", line):
            direction = match[1]
        elif line.startswith("\ttmpl ") and direction:
            policies.add((direction, *selector))
    return policies


def our_name(name):
    """As encryption() has it; AH's `none` is no algorithm."""
    return re.sub(r"^(aes-gcm)-16-", r"\1-", name) if name and name != "none" else None


class Comparison:
    def __init__(self):
        self.differences = 0

    def same(self, what, ours, peer):
        equal = ours == peer
        print(f"    {'same' if equal else 'DIFFERENT'}  {what}: {ours}" + ("" if equal else f" here, {peer} there"))
        self.differences += not equal


def compare_state(compare, way, sa, child, states):
    source, destination = (sa["local"]["address"], sa["remote"]["address"])
    if way == "in":
        source, destination = destination, source
    found = [state for state in states if state["spi"] == child[f"spi_{way}"] and state["dst"] == destination]
    compare.same(f"{way} {child['spi_' + way]}, states", 1, len(found))
    if not found:
        return
    state = found[0]
    compare.same(f"{way} source", source, state["src"])
    for what, ours, peer in (("protocol", child["protocol"], state["proto"]), ("mode", child["mode"], state["mode"]),
                             ("encryption", our_name(child["encr"]), state["encr"]), ("integrity", child["integ"], state["integ"]),
                             ("extended sequence numbers", child["esn"], state["esn"]),
                             ("encapsulation", child["encap"], state["encap"])):
        compare.same(f"{way} {what}", ours, peer)


def compare_policies(compare, child, policies):
    for ours in child["local_ts"]:
        for theirs in child["remote_ts"]:
            if "|" in ours or "|" in theirs:
                continue
            for direction, source, destination in (("out", theirs, ours), ("in", ours, theirs)):
                compare.same(f"policy {direction} {source} to {destination}", True, (direction, source, destination) in policies)


def compare_all(texts):
    """The number of differences; nothing to compare is one."""
    status, states, policies = json.loads(texts[0]), parse_states(texts[1]), parse_policies(texts[2])
    compare = Comparison()
    children = [(sa, child) for sa in status["ike_sas"] for child in sa["children"]]
    compare.same("number of states", 2 * len(children), len(states))
    for sa, child in children:
        compare_state(compare, "out", sa, child, states)
        compare_state(compare, "in", sa, child, states)
        compare_policies(compare, child, policies)
    return compare.differences + (not children)


SAMPLE_STATES = """src 192.168.100.2 dst 192.168.100.3
\tproto esp spi 0xc0b24047 reqid 1 mode tunnel
\treplay-window 0 flag af-unspec esn
\taead rfc4106(gcm(aes)) 0x0000000000000000000000000000000000000000000000000000000000000000aaaaaaaa 128
\tencap type espinudp sport 4500 dport 4500 addr 0.0.0.0
src 192.168.100.3 dst 192.168.100.2
\tproto esp spi 0x63199535 reqid 1 mode tunnel
\treplay-window 0 flag af-unspec esn
\taead rfc4106(gcm(aes)) 0x0000000000000000000000000000000000000000000000000000000000000000bbbbbbbb 128
\tencap type espinudp sport 4500 dport 4500 addr 0.0.0.0
"""
SAMPLE_POLICIES = """src 10.2.0.0/16 dst 10.1.0.0/16
\tdir out priority 1
\ttmpl src 192.168.100.2 dst 192.168.100.3
src 10.1.0.0/16 dst 10.2.0.0/16
\tdir in priority 1
\ttmpl src 192.168.100.3 dst 192.168.100.2
"""


def self_test():
    child = {"spi_in": "c0b24047", "spi_out": "63199535", "protocol": "esp", "mode": "tunnel", "encr": "aes-gcm-16-256", "integ": None,
             "esn": True, "encap": "udp", "local_ts": ["10.1.0.0/16"], "remote_ts": ["10.2.0.0/16"]}
    sa = {"local": {"address": "192.168.100.3"}, "remote": {"address": "192.168.100.2"}, "children": [child]}
    good = json.dumps({"ike_sas": [sa]})
    cases = [(good, SAMPLE_STATES, SAMPLE_POLICIES, False), (json.dumps({"ike_sas": []}), "", "", True),
             (good, "", SAMPLE_POLICIES, True), (good, SAMPLE_STATES, "", True),
             (good, SAMPLE_STATES + SAMPLE_STATES, SAMPLE_POLICIES, True)]
    for before, after in ((" esn\n", "\n"), ("mode tunnel", "mode transport"), ("proto esp", "proto ah"), ("encap type", "no"),
                          ("c0b24047", "c0b24048"), ("00aaaaaaaa", "aaaaaaaa"), ("aaaaaaaa 128", "aaaaaaaa 96"),
                          ("src 192.168.100.2 dst", "src 192.168.100.9 dst"), ("rfc4106(gcm(aes))", "rfc4309(ccm(aes))")):
        cases.append((good, SAMPLE_STATES.replace(before, after, 1), SAMPLE_POLICIES, True))
    for *texts, differs in cases:
        if bool(compare_all(texts)) != differs:
            sys.exit(f"self-test: should {'' if differs else 'not '}differ: {texts[1]}")
    print("self-test passed")


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    return 1 if compare_all([open(path, encoding="utf-8").read() for path in sys.argv[1:4]]) else 0


if __name__ == "__main__":
    sys.exit(main())
