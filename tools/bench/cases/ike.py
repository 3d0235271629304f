"""Handshakes a second with one responder: IKE_SA_INIT, IKE_AUTH with the first child, and its deletion, 64 at a time.

The processor time of the responder stands beside the rate, since the initiator runs on the same machine. Left out where this
build has no ike_load."""

from dataclasses import dataclass

import ike_load
from cases.base import Case

COUNT = 500  # handshakes for each second that a measurement shall last
LIMIT = 120  # seconds


@dataclass
class Handshakes(Case):
    def available(self):
        return ike_load.available()

    def estimate(self, settings):
        return settings.seconds + 2

    def measure(self, bed, contender, settings):
        count = int(COUNT * settings.seconds)
        before = bed.daemons_cpu()
        result = ike_load.result(bed.on("gw-a", *ike_load.command(bed, contender.proof, count, "--delete"), within=LIMIT))
        return {"value": result["per_second"], "p99_ms": result["latency_ms"]["p99"], "again": result["retransmits"],
                "cpu_s_per_1000": round((bed.daemons_cpu() - before) / count * 1000, 4)}


def cases():
    note = "The initiator, on the same machine, may be what bounds the rate; the processor time is the responder's alone."
    for proof, title in (("psk", "PSK"), ("ecdsa", "ECDSA P-256 below a CA"), ("rsa", "RSA-2048 (PSS) below a CA")):
        yield Handshakes(f"handshakes-{proof}", f"Handshakes of a responder: {title}, curve25519, AES-GCM-128", "1/s", quick=True, note=note,
                         cost="cpu_s_per_1000", cost_unit="s/1000", cost_ratio=True,
                         contenders=(f"ikev2d-responder-{proof}", *(["ikev2d-responder-no-routes"] if proof == "psk" else []),
                                     f"strongswan-responder-{proof}"))
