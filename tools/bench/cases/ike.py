"""Handshakes a second with one responder: IKE_SA_INIT, IKE_AUTH with the first child, and its deletion, 64 at a time.

The initiator is tests/bench/ike_load; the case is left out where this build has none. Memory of many SAs belongs here, too."""

import json
import subprocess
from dataclasses import dataclass

from bed import BUILD, OUTER, Failure
from cases.base import Case
from contenders.responders import LOAD_NET, PROPOSAL, SECRET

PROGRAM = BUILD / "tests" / "ike_load"
IN_FLIGHT = 64
COUNT = 500  # handshakes for each second that a measurement shall last
LIMIT = 120  # seconds
PROFILE = f"""\
profiles:
  load:
    local: {{address: {OUTER['a']}, id: "fqdn:h0.load", auth: {{psk: {SECRET}}}}}
    remote: {{address: {OUTER['b']}, id: "fqdn:responder.test", auth: {{psk: {SECRET}}}}}
    ike: {{proposals: [{PROPOSAL}]}}
    children: {{net: {{local_ts: [{LOAD_NET}], remote_ts: [192.168.125.0/24], proposals: [aes-gcm-128/no-esn]}}}}
"""


@dataclass
class Handshakes(Case):
    def available(self):
        if not PROGRAM.exists():
            return False
        done = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=False)
        return done.returncode == 0 and "--in-flight" in done.stdout

    def estimate(self, settings):
        return settings.seconds + 2

    def measure(self, bed, contender, settings):
        profile = bed.work / "load.yaml"
        profile.write_text(PROFILE, encoding="utf-8")
        profile.chmod(0o600)
        count = int(COUNT * settings.seconds)
        before = bed.daemons_cpu()
        text = bed.on("gw-a", PROGRAM, profile, "-n", count, "--in-flight", IN_FLIGHT, "--delete", "--json", within=LIMIT)
        result = json.loads(text.splitlines()[-1])
        if result["failed"]:
            raise Failure(f"{result['failed']} of {count} handshakes failed: {result['failures']}")
        return {"value": result["per_second"], "p99_ms": result["latency_ms"]["p99"], "again": result["retransmits"],
                "cpu_us": round((bed.daemons_cpu() - before) / count * 1e6, 1)}


def cases():
    yield Handshakes("handshakes-psk", "Handshakes of a responder: PSK, curve25519, AES-GCM-128", "1/s", quick=True,
                     contenders=("ikev2d-responder", "strongswan-responder"))
