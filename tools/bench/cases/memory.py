"""Memory of a responder for each IKE SA with one child, both directions: what many of them add to a daemon without any."""

import time
from dataclasses import dataclass

import ike_load
from bed import Failure
from cases.base import Case

SETTLE = 2.0  # seconds after which memory is read
SLOWEST = 100  # IKE SAs a second that everybody makes


@dataclass
class Memory(Case):
    count: int = 1000  # IKE SAs

    def available(self):
        return ike_load.available()

    def estimate(self, settings):
        return self.count / 1000 + SETTLE + 1

    def measure(self, bed, contender, settings):
        daemon = bed.daemons[0]
        before = daemon.memory()
        # Nobody ends the hold by its file: the daemon ends with all that it has.
        load = bed.spawn("gw-a", "ike-load", *ike_load.command(bed, contender.proof, self.count, "--hold", bed.work / "never"))
        try:
            load.wait_line(r"(?m)^\{.*\}$", 20 + self.count / SLOWEST)
            result = ike_load.result(load.log.read_text(encoding="utf-8"))
            time.sleep(SETTLE)
            if load.popen.poll() is not None:
                raise Failure(f"ike_load ended: {load.tail()}")
            after = daemon.memory()
        finally:
            bed.end(load)
        return {"value": (after["Rss"] - before["Rss"]) / self.count, "rss_mib": after["Rss"] / 1024, "rss_before_mib": before["Rss"] / 1024,
                "anonymous_kib": (after["Anonymous"] - before["Anonymous"]) / self.count, "per_second": result["per_second"],
                "smaps_before_kib": before, "smaps_after_kib": after}


def cases():
    few = ("ikev2d-responder-psk", "ikev2d-responder-no-routes", "strongswan-responder-psk")
    for count, contenders, quick in ((1000, few, True), (10_000, few[1:2], True), (100_000, few[1:2], False)):
        yield Memory(f"memory-{count}", f"Memory for an IKE SA with one child, of {count}", "KiB", count=count, contenders=contenders,
                     more_is_better=False, once=True, fresh=True, quick=quick)
