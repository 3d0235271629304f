#!/usr/bin/env python3
"""decode.py scapy|tshark PROGRAM — has another implementation decode what our data path writes.

PROGRAM prints samples, one JSON object a line (write_samples.cpp). Each that the other one has the algorithms for must
come out as the packet that went in; what it does not know is named and counted. Exit status 77: it is not installed.
--self-test proves that a wrong octet is found."""

import json
import subprocess
import sys

import by_scapy
import by_tshark

SKIPPED = 77
DECODERS = {"scapy": by_scapy, "tshark": by_tshark}


def samples_of(program):
    run = subprocess.run([program], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        sys.exit(f"{program} ends with {run.returncode}:\n{run.stderr}")
    samples = [json.loads(line) for line in run.stdout.splitlines()]
    for sample in samples:
        for field in ("wire", "inner"):
            sample[field] = bytes.fromhex(sample[field])
    return samples


def compare(decoder, samples):
    """(names that came out as they went in, what is wrong with others)."""
    known = [sample for sample in samples if decoder.knows(sample)]
    wrong = []
    for sample, found in zip(known, decoder.decode(known), strict=True):
        if found != decoder.expected(sample):
            wrong.append(f"{sample['name']}: {found!r} instead of {decoder.expected(sample)!r}")
    return [sample["name"] for sample in known], wrong


def self_test(decoder, samples):
    """The samples of the decoder's list that are not there, or whose last octet can change without being noticed."""
    chosen = [sample for sample in samples if sample["name"] in decoder.SELF_TEST and decoder.knows(sample)]
    missed = sorted(set(decoder.SELF_TEST) - {sample["name"] for sample in chosen})
    for sample in chosen:
        broken = dict(sample, wire=sample["wire"][:-1] + bytes([sample["wire"][-1] ^ 1]))
        if not compare(decoder, [broken])[1]:
            missed.append(sample["name"])
    return missed


def main():
    if len(sys.argv) < 3 or sys.argv[1] not in DECODERS:
        sys.exit(__doc__)
    decoder = DECODERS[sys.argv[1]]
    missing = decoder.missing()
    if missing:
        print(f"skipped: {missing}")
        return SKIPPED
    samples = samples_of(sys.argv[2])
    if "--self-test" in sys.argv[3:]:
        missed = self_test(decoder, samples)
        print("\n".join(f"a changed octet is not found: {name}" for name in missed) or "changed octets are found")
        return 1 if missed else 0
    good, wrong = compare(decoder, samples)
    unknown = [sample["name"] for sample in samples if not decoder.knows(sample)]
    print(f"{sys.argv[1]}: {len(good) - len(wrong)} of {len(samples)} decoded; not known to it: {', '.join(unknown)}")
    print("\n".join(wrong))
    return 1 if wrong or len(good) < decoder.LEAST else 0


if __name__ == "__main__":
    sys.exit(main())
