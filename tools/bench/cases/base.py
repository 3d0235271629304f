"""What a case is to the rest of the benchmark."""

from dataclasses import dataclass, replace

MAIN = ("ikev2d", "ikev2d-botan", "wireguard-go", "strongswan", "veth")


@dataclass
class Settings:
    """Of one run; results of runs with different ones are not mixed. Times in seconds."""

    seconds: float  # of one measurement, after the warm-up
    warm_up: float
    pings: int
    probe: float    # of one rate in the search for the highest


@dataclass
class Case:
    """`name` is for --case, `title` for reports. `more_is_better` tells which way a value is good. `ends` says whether the
    traffic is between the gateways themselves or between hosts behind them; a case that needs no bed has `ends` None.
    `cost` names what a measurement holds of processor time, `cost_unit` its unit."""

    name: str
    title: str
    unit: str
    contenders: tuple = MAIN
    ends: str = "gateways"
    more_is_better: bool = True
    quick: bool = False  # part of --quick
    note: str = ""       # for reports: what else one should know
    once: bool = False   # its result is no figure that varies: one round is enough
    fresh: bool = False  # each measurement has daemons of its own, which have done nothing yet
    slow: tuple = ()     # contenders that --quick leaves out
    cost: str = "cpu_s_per_gb"
    cost_unit: str = "s/GB"
    cost_ratio: bool = False  # to the references, in the tables

    def available(self):
        """Whether this build can measure it at all; cases that cannot be measured are not listed."""
        return True

    def shortened(self):
        """What --quick makes of it."""
        return replace(self, contenders=tuple(name for name in self.contenders if name not in self.slow))

    def estimate(self, settings):
        """Seconds that one measurement takes."""
        raise NotImplementedError

    def measure(self, bed, contender, settings):
        """One measurement: {"value": a number in `unit`, and what else is worth keeping}."""
        raise NotImplementedError
