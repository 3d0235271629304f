"""ikev2d with many children: SAs that all carry traffic, or policies beside the one tunnel that does.

Each child has its route and its guard in the kernel, as in use."""

import ipaddress
import json
import time

from bed import ENDS, MANY, NET, Failure, other
from contenders.ours import Ours

DEVICE = "ipsec0"
LIMIT = 600   # seconds for many children to come up
SETTLE = 1.0  # seconds after which memory is read


def address_after(first, number):
    return str(ipaddress.ip_address(first) + number)


def network_of(address):
    return str(ipaddress.ip_network(f"{address}/16", strict=False))


class ManySas(Ours):
    """`count` children of one IKE SA between the gateways, each with one address on either side: a's is the same for all, b's are
    consecutive."""

    routes = "true"

    def __init__(self, name, label, count):
        super().__init__(name, label)
        self.count = self.limit = self.destinations = count

    def children(self, side):
        for number in range(self.count):
            ends = {"a": MANY["a"], "b": address_after(MANY["b"], number)}
            yield f"c{number}: {self.child(ends[side] + '/32', ends[other(side)] + '/32')}"

    def start(self, bed):
        bed.on("gw-a", "ip", "address", "add", f"{MANY['a']}/32", "dev", "lo")
        bed.on("gw-b", "ip", "route", "add", "local", network_of(MANY["b"]), "dev", "lo")
        for side in ("b", "a"):
            self.start_side(bed, side, self.config(side))
            bed.on(f"gw-{side}", "ip", "route", "add", network_of(MANY[other(side)]), "dev", DEVICE)
        before = self.resident(bed)
        self.ctl(bed, "a", "initiate", "pr1", "--timeout", f"{LIMIT}s", within=LIMIT + 20)
        if self.count > 1:
            bed.facts["kib_per_child"] = (self.resident(bed) - before) / len(bed.daemons) / self.count / 1024
        self.check(bed)

    def resident(self, bed):
        """Octets of both daemons together."""
        time.sleep(SETTLE)
        return sum(daemon.resident() for daemon in bed.daemons)

    def check(self, bed):
        super().check(bed)
        for side in ("a", "b"):
            sas = json.loads(self.ctl(bed, side, "--json", "status"))["ike_sas"]
            up = sum(child["state"] == "installed" for sa in sas for child in sa["children"])
            if up != self.count:
                raise Failure(f"{self.name}: {up} of {self.count} children are up on side {side}")


class ManyPolicies(Ours):
    """The usual tunnel, and `count` children that wait for a first packet which never comes: policies without SAs."""

    routes = "true"

    def __init__(self, name, label, count):
        super().__init__(name, label)
        self.count, self.limit = count, count + 1

    def children(self, side):
        yield f"net: {self.child(NET[side], NET[other(side)])}"
        for number in range(self.count):
            local, remote = (f"{address_after(MANY[end], number)}/32" for end in (side, other(side)))
            yield f"t{number}: {self.child(local, remote, ', start: trap')}"

    def initiate(self, bed):
        for side, (gateway, address) in zip("ab", ENDS["gateways"]):
            bed.on(gateway, "ip", "route", "add", NET[other(side)], "dev", DEVICE, "src", address)
        self.ctl(bed, "a", "initiate", "pr1", "--child", "net")
