"""New keys for the packets every second under UDP traffic: how many packets that costs."""

import time
from dataclasses import dataclass

from cases.base import Case
from udp_load import PROGRAM, Load

RATE = 5_000  # datagrams a second: far below what any contender carries
SIZE = "512"
INTERVAL = 1.0


@dataclass
class Rekey(Case):
    def available(self):
        return PROGRAM.exists()

    def estimate(self, settings):
        return settings.seconds + settings.warm_up + 1

    def measure(self, bed, contender, settings):
        load = Load(bed, self.ends, (SIZE,), RATE, settings.seconds + settings.warm_up)
        rekeys = 0
        try:
            end = time.monotonic() + settings.seconds + settings.warm_up - 0.3
            due = time.monotonic() + INTERVAL / 2
            while due < end:
                time.sleep(max(0.0, due - time.monotonic()))
                contender.rekey(bed)
                rekeys += 1
                due = max(due + INTERVAL, time.monotonic())
            result = load.finish()
        finally:
            load.stop()
        return {"value": result["sent"] - result["received"], "sent": result["sent"], "rekeys": rekeys,
                "gap_ms": round(result["gap_us"] / 1000, 2), "late": result["late"]}


def cases():
    yield Rekey("rekey", f"Datagrams lost while the child is rekeyed every second ({RATE} a second)", "lost", quick=True,
                more_is_better=False, contenders=("ikev2d", "ikev2d-botan", "ikev2d-esp", "strongswan"))
