#!/usr/bin/env python3
"""compare_sas.py STATUS_JSON LIST_SAS — `ikectl --json status` of ours against `swanctl --list-sas` of the peer.

SPIs, roles, identities, addresses, algorithms and selectors must say the same from both ends. Prints what was compared,
and each difference; exit status 1 when there is one.
"""

import json
import re
import sys

# strongSwan's names of what we name by its IANA-like name
NAMES = {
    **{f"{mode}-{bits}": f"{ours}-{bits}" for bits in (128, 192, 256) for mode, ours in (
        ("AES_CTR", "aes-ctr"), ("AES_CCM_8", "aes-ccm-8"), ("AES_CCM_12", "aes-ccm-12"), ("AES_CCM_16", "aes-ccm-16"),
        ("AES_GCM_8", "aes-gcm-8"), ("AES_GCM_12", "aes-gcm-12"), ("NULL_AES_GMAC", "aes-gmac"))},
    "DES_CBC": "des", "3DES_CBC": "3des", "NULL": "null",
    "HMAC_MD5_96": "md5-96", "AES_XCBC_96": "aes-xcbc-96", "AES_CMAC_96": "aes-cmac-96", "HMAC_SHA2_256_96": "sha2-256-96",
    "PRF_HMAC_MD5": "hmac-md5", "PRF_AES128_XCBC": "aes128-xcbc", "PRF_AES128_CMAC": "aes128-cmac",
    **{f"MODP_{bits}": f"modp-{bits}" for bits in (768, 1024, 1536, 4096, 6144, 8192)},
    "MODP_1024_160": "modp-1024-160", "MODP_2048_224": "modp-2048-224", "MODP_2048_256": "modp-2048-256",
    "ECP_192": "ecp-192", "ECP_224": "ecp-224", "CURVE_448": "curve448",
    **{f"ECP_{bits}_BP": f"brainpool-{bits}" for bits in (224, 256, 384, 512)},
    "AES_CBC-128": "aes-cbc-128", "AES_CBC-192": "aes-cbc-192", "AES_CBC-256": "aes-cbc-256",
    "AES_GCM_16-128": "aes-gcm-128", "AES_GCM_16-192": "aes-gcm-192", "AES_GCM_16-256": "aes-gcm-256",
    "CHACHA20_POLY1305": "chacha20-poly1305", "CHACHA20_POLY1305-256": "chacha20-poly1305",
    "HMAC_SHA1_96": "sha1-96", "HMAC_SHA2_256_128": "hmac-sha2-256-128", "HMAC_SHA2_384_192": "hmac-sha2-384-192",
    "HMAC_SHA2_512_256": "hmac-sha2-512-256",
    "PRF_HMAC_SHA1": "hmac-sha1", "PRF_HMAC_SHA2_256": "hmac-sha2-256", "PRF_HMAC_SHA2_384": "hmac-sha2-384",
    "PRF_HMAC_SHA2_512": "hmac-sha2-512",
    "MODP_2048": "modp-2048", "MODP_3072": "modp-3072", "ECP_256": "ecp-256", "ECP_384": "ecp-384",
    "ECP_521": "ecp-521", "CURVE_25519": "curve25519",
}
SAME = {"aes-gcm-16-128": "aes-gcm-128", "aes-gcm-16-192": "aes-gcm-192", "aes-gcm-16-256": "aes-gcm-256"}


# What a child that was rekeyed with a key exchange shows beside its algorithms.
KEY_EXCHANGE = re.compile(r"(modp|ecp|curve|brainpool)")


def canonical(name):
    return SAME.get(name, name)


def parse_peer(text):
    """swanctl --list-sas: one IKE SA, its children."""
    sas = []
    for line in text.splitlines():
        if match := re.match(r"(\S+): #\d+, (\w+), IKEv2, ([0-9a-f]{16})_i(\*?) ([0-9a-f]{16})_r(\*?)$", line):
            sas.append({"state": match[2], "spi_i": match[3], "spi_r": match[5], "initiator": match[4] == "*", "children": []})
        elif match := re.match(r"  (local|remote) +'([^']*)' @ (\S+)\[(\d+)\]$", line):
            sas[-1][match[1]] = (match[2], match[3])
        elif re.match(r"  [A-Z0-9_]+[-/]\S+$", line):
            sas[-1]["algorithms"] = sorted(NAMES.get(part, part) for part in line.strip().split("/"))
        elif match := re.match(r"  (\S+): #\d+, reqid \d+, (\w+), ([\w-]+), (?:ESP|AH):(\S+)$", line):
            sas[-1]["children"].append({"name": match[1], "state": match[2], "mode": match[3],
                                        "algorithms": sorted(NAMES.get(p, p) for p in match[4].split("/")
                                                             if p != "ESN" and not KEY_EXCHANGE.match(NAMES.get(p, p))),
                                        "esn": match[4].endswith("/ESN")})
        elif match := re.match(r"    (in|out) +([0-9a-f]{8})", line):
            sas[-1]["children"][-1][match[1]] = match[2]
        elif match := re.match(r"    (local|remote) +(\S.*)$", line):
            # 192.0.2.0/24[tcp/80] is our 192.0.2.0/24|tcp/80
            sas[-1]["children"][-1][match[1]] = sorted(re.sub(r"\[([^]]+)\]", r"|\1", word) for word in match[2].split())
    return sas


class Comparison:
    def __init__(self):
        self.differences = 0

    def same(self, what, ours, peer):
        print(f"    {'same' if ours == peer else 'DIFFERENT'}  {what}: {ours}" + ("" if ours == peer else f" here, {peer} there"))
        self.differences += ours != peer


def compare_child(compare, ours, peer):
    compare.same("child's inbound SPI", ours["spi_in"], peer.get("out"))
    compare.same("child's outbound SPI", ours["spi_out"], peer.get("in"))
    compare.same("child's algorithms", sorted(canonical(ours[k]) for k in ("encr", "integ") if ours[k] not in (None, "none")), peer["algorithms"])
    compare.same("extended sequence numbers", ours["esn"], peer["esn"])
    compare.same("encapsulation", ours["encap"], "udp" if peer["mode"].endswith("-in-UDP") else "none")
    compare.same("local selectors", sorted(ours["local_ts"]), peer.get("remote"))
    compare.same("remote selectors", sorted(ours["remote_ts"]), peer.get("local"))


def compare_ike(compare, ours, peer):
    compare.same("initiator SPI", ours["initiator_spi"], peer["spi_i"])
    compare.same("responder SPI", ours["responder_spi"], peer["spi_r"])
    compare.same("we initiated", ours["role"] == "initiator", not peer["initiator"])
    compare.same("local identity", ours["local"]["id"].split(":", 1)[1], peer["remote"][0])
    compare.same("remote identity", ours["remote"]["id"].split(":", 1)[1], peer["local"][0])
    compare.same("local address", ours["local"]["address"], peer["remote"][1])
    compare.same("remote address", ours["remote"]["address"], peer["local"][1])
    names = [ours["encr"], ours["integ"], ours["prf"], *ours["ke"]]
    compare.same("algorithms", sorted(canonical(name) for name in names if name), peer["algorithms"])


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        status = json.load(file)
    with open(sys.argv[2], encoding="utf-8") as file:
        peer = parse_peer(file.read())
    compare = Comparison()
    compare.same("number of IKE SAs", len(status["ike_sas"]), len(peer))
    for ours, theirs in zip(status["ike_sas"], peer):
        compare_ike(compare, ours, theirs)
        compare.same("number of children", len(ours["children"]), len(theirs["children"]))
        for child, their_child in zip(ours["children"], theirs["children"]):
            compare_child(compare, child, their_child)
    return 1 if compare.differences or not peer else 0


if __name__ == "__main__":
    sys.exit(main())
