"""Decoding with tshark, by the table of SAs that Wireshark has."""

import json
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path

LEAST = 50  # samples that every version that Debian has must know
SELF_TEST = ("esp aes-gcm-16-128", "esp aes-cbc-256 sha1-96")

ENCR = {"null": "NULL", "des": "DES-CBC [RFC2405]", "3des": "TripleDES-CBC [RFC2451]", "aes-cbc": "AES-CBC [RFC3602]",
        "aes-ctr": "AES-CTR [RFC3686]", "aes-gcm-8": "AES-GCM with 8 octet ICV [RFC4106]",
        "aes-gcm-12": "AES-GCM with 12 octet ICV [RFC4106]", "aes-gcm-16": "AES-GCM with 16 octet ICV [RFC4106]"}
INTEG = {"none": "NULL", "md5-96": "HMAC-MD5-96 [RFC2403]", "sha1-96": "HMAC-SHA-1-96 [RFC2404]",
         "hmac-sha2-256-128": "HMAC-SHA-256-128 [RFC4868]", "hmac-sha2-384-192": "HMAC-SHA-384-192 [RFC4868]",
         "hmac-sha2-512-256": "HMAC-SHA-512-256 [RFC4868]"}
RAW_IP = 101  # link type of captures that begin with the IP header
SPI_FIELDS = {"esp": "esp.spi", "ah": "ah.spi", "comp": "ipcomp.cpi"}


def missing():
    return "" if shutil.which("tshark") else "tshark is not installed"


def knows(sample):
    """AH's ICV tshark does not check, but it finds its way through it. Of ESN it knows nothing."""
    return all(not sa["esn"] and (sa["transform"] != "esp" or (sa["encr"] in ENCR and sa["integ"] in INTEG))
               for sa in sample["members"])


def table_line(sa):
    key = lambda text: f"0x{text}" if text else ""
    fields = ["IPv4", "*", "*", f"0x{sa['spi']:08x}", ENCR[sa["encr"]], key(sa["encr_key"]), INTEG[sa["integ"]],
              key(sa["integ_key"])]
    return "uat:esp_sa:" + ",".join(f'"{field}"' for field in fields)


def write_capture(path, samples):
    with open(path, "wb") as capture:
        capture.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, RAW_IP))
        for i, sample in enumerate(samples):
            capture.write(struct.pack("<IIII", i, 0, len(sample["wire"]), len(sample["wire"])) + sample["wire"])


def preferences(samples):
    lines = {table_line(sa) for sample in samples for sa in sample["members"] if sa["transform"] == "esp"}
    options = ["esp.enable_encryption_decode:TRUE", "esp.enable_authentication_check:TRUE"] + sorted(lines)
    return [word for option in options for word in ("-o", option)]


def decode(samples):
    fields = sorted(SPI_FIELDS.values()) + ["udp.payload", "esp.icv_good"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "samples.pcap"
        write_capture(path, samples)
        command = ["tshark", "-r", str(path), "-n", "-T", "json", *preferences(samples)]
        for field in fields:
            command += ["-e", field]
        run = subprocess.run(command, capture_output=True, text=True, check=True)
    packets = [packet["_source"].get("layers", {}) for packet in json.loads(run.stdout)]
    return [found(sample, packet) for sample, packet in zip(samples, packets, strict=True)]


def found(sample, packet):
    """What of a packet shows that all of it was understood: the SPIs on the way, the ICV of ESP, the payload."""
    spis = {name: int(packet[field][0], 0) for name, field in SPI_FIELDS.items() if field in packet}
    payload = packet.get("udp.payload", [""])[0].replace(":", "")
    good = packet.get("esp.icv_good", [None])[0]
    return {"spis": spis, "payload": payload, "icv": good in ("1", "True", True)}


def expected(sample):
    spis = {sa["transform"]: sa["spi"] for sa in sample["members"] if sa["transform"] != "tun"}
    return {"spis": spis, "payload": sample["inner"][28:].hex(), "icv": "esp" in spis}
