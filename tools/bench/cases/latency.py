"""Round trips of pings: on an idle tunnel, and beside four TCP streams."""

import re
import time
from dataclasses import dataclass

from bed import ENDS, Failure
from cases.base import Case
from iperf import Streams

IDLE_INTERVAL = 0.01  # seconds


def pings(bed, ends, count, interval):
    """Median, least and further quantiles of the round trips in microseconds, and how many found no answer."""
    (here, source), (_, target) = ENDS[ends]
    lasts = count * interval + 2
    command = ["ping", "-n", "-c", count, "-i", interval, "-W", "2", "-w", int(lasts + 2), "-I", source, target]
    # ping's exit status is 1 where some had no answer; that is a result.
    text = bed.on(here, "sh", "-c", '"$@" || [ $? -eq 1 ]', "sh", *command, within=lasts + 10)
    trips = sorted(1000 * float(found) for found in re.findall(r"time=([\d.]+) ms", text))
    if not trips:
        raise Failure(f"no ping was answered: {text[-200:]}")
    at = {name: trips[min(len(trips) - 1, int(len(trips) * share))] for name, share in
          (("value", 0.5), ("p99_us", 0.99), ("p999_us", 0.999))}
    return {**at, "least_us": trips[0], "most_us": trips[-1], "lost": count - len(trips)}


@dataclass
class Idle(Case):
    def estimate(self, settings):
        return settings.pings * IDLE_INTERVAL + 1

    def measure(self, bed, contender, settings):
        pings(bed, self.ends, 10, IDLE_INTERVAL)
        return pings(bed, self.ends, settings.pings, IDLE_INTERVAL)


@dataclass
class Loaded(Case):
    def estimate(self, settings):
        return settings.seconds + settings.warm_up + 1

    def measure(self, bed, contender, settings):
        streams = Streams(bed, self.ends, (False,) * 4, settings)
        try:
            time.sleep(settings.warm_up)
            result = pings(bed, self.ends, max(10, int(20 * settings.seconds * 0.8)), 0.05)
            result["gbit_s"] = round(streams.finish()["value"], 3)
        finally:
            streams.stop()
        return result


def cases():
    note = "Least of a contender counts most: which processor wakes up decides between two typical values."
    yield Idle("ping", "Round trip on an idle tunnel, median", "µs", more_is_better=False, quick=True, note=note)
    yield Idle("ping-hosts", "Round trip on an idle tunnel between hosts, median", "µs", ends="hosts", more_is_better=False)
    yield Loaded("ping-load", "Round trip beside four TCP streams, median", "µs", more_is_better=False, quick=True)
