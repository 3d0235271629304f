"""Nothing but the cables: what the machine does without a tunnel."""

from bed import NET, OUTER, other
from contenders.base import Contender


class Veth(Contender):
    kind = "veth"

    def start(self, bed):
        for side in ("a", "b"):
            bed.on(f"gw-{side}", "ip", "route", "add", NET[other(side)], "via", OUTER[other(side)])
