"""The highest rate of UDP with less than 0.1 % lost, searched the same way for everybody."""

from dataclasses import dataclass

from cases.base import Case
from contenders import POLICIES, SAS
from udp_load import PROGRAM, probe

LOST = 0.001      # of what was sent; as much or more is too much
FIRST_RATE = 60e3  # datagrams a second
LEAST_RATE, MOST_RATE = 200, 4e6
NEAR = 1.04       # the search ends when the rates that do and do not pass are that near


def search(try_rate):
    """The result of the best rate that passes. `try_rate` measures one rate: {"rate": reached, "lost": share}. A rate
    that fails is tried once more, since anything on the machine can lose a few datagrams."""
    good, bad, best = None, None, None
    rate = FIRST_RATE
    while LEAST_RATE <= rate <= MOST_RATE and not (good and bad and bad / good < NEAR):
        result = try_rate(rate)
        if result["lost"] >= LOST:
            result = try_rate(rate)
        if result["lost"] < LOST:
            good = rate
            if best is None or result["rate"] > best["rate"]:
                best = result
            if result["rate"] < 0.9 * rate:  # the sender has no processor time for more
                best["sender_limit"] = 1
                break
        else:
            bad = rate
        rate = 2 * good if bad is None else bad / 2 if good is None else (good * bad) ** 0.5
    return best or {"rate": 0.0, "lost": 1.0}


@dataclass
class Udp(Case):
    sizes: tuple = ("64",)

    def available(self):
        return PROGRAM.exists()

    def estimate(self, settings):
        return 14 * (settings.probe + 0.4)

    def measure(self, bed, contender, settings):
        probes = []

        def try_rate(rate):
            before = bed.daemons_cpu()
            probes.append(probe(bed, self.ends, self.sizes, rate, settings.probe, contender.destinations))
            probes[-1]["cpu_s"] = bed.daemons_cpu() - before
            return probes[-1]

        best = search(try_rate)
        result = {"value": best["rate"] / 1000, "lost": best["lost"], "probes": len(probes), "late": best.get("late", 0), **bed.facts,
                  "sender_limit": best.get("sender_limit", 0)}
        if best.get("octets"):
            result["gbit_s"] = round(best["octets"] * 8 / best["seconds"] / 1e9, 4)
            if bed.daemons:
                result["cpu_s_per_gb"] = round(best["cpu_s"] / (best["octets"] / 1e9), 4)
        return result


def cases():
    unit = "1000/s"
    for size in ("64", "512", "1300"):
        yield Udp(f"udp{size}", f"UDP, {size} octets, highest rate with under 0.1 % lost", unit, sizes=(size,), quick=size == "64")
    yield Udp("imix", "UDP, 64, 548 and 1372 octets as 7:4:1, highest rate with under 0.1 % lost", unit, sizes=("64x7", "548x4", "1372x1"))


def many_cases():
    """The same search beside many policies, and through many SAs."""
    unit = "1000/s"
    yield Udp("policies", "UDP, 64 octets through one tunnel, beside further children in the policies of both daemons", unit, quick=True,
              contenders=tuple(f"ikev2d-policies-{count}" for count in POLICIES))
    yield Udp("many-sas", "UDP, 64 octets, to as many addresses in turn as there are child SAs", unit, ends="many", quick=True,
              contenders=("ikev2d-one-sa", *(f"ikev2d-sas-{count}" for count in SAS)), slow=(f"ikev2d-sas-{SAS[-1]}",),
              note="No two datagrams in a row have the same SA where there are several: each is sealed and opened alone.")
