"""Who is measured. Each contender brings a tunnel up between the gateways of a bed."""

from contenders.many import ManyPolicies, ManySas, OneSa
from contenders.ours import Ours
from contenders.responders import PROOFS, OursResponder, StrongSwanResponder
from contenders.strongswan import StrongSwan
from contenders.veth import Veth
from contenders.wireguard import WireGuardGo

CBC = "aes-cbc-128/hmac-sha2-256-128"
OFFLOADS = ("tso", "uso", "gso", "gro")
SAS = (1, 100, 1000, 10000)
POLICIES = (10, 1000, 10000)


def _all():
    yield Ours("ikev2d", "ikev2d")
    yield Ours("ikev2d-botan", "ikev2d, Botan", crypto="botan")
    yield Ours("ikev2d-1thread", "ikev2d, one data thread", threads=1)
    yield Ours("ikev2d-esp", "ikev2d, protocol 50", encap="esp")
    yield Ours("ikev2d-esp-botan", "ikev2d, protocol 50, Botan", encap="esp", crypto="botan")
    yield Ours("ikev2d-cbc", "ikev2d, AES-CBC", suite=CBC)
    yield Ours("ikev2d-cbc-botan", "ikev2d, AES-CBC, Botan", suite=CBC, crypto="botan")
    for name in OFFLOADS:
        yield Ours(f"ikev2d-no-{name}", f"ikev2d without {name.upper()}", off=(name,))
    yield Ours("ikev2d-no-tun", "ikev2d without TSO, USO", off=("tso", "uso"))
    yield Ours("ikev2d-no-udp", "ikev2d without GSO, GRO", off=("gso", "gro"))
    yield Ours("ikev2d-plain", "ikev2d without any offload", off=OFFLOADS)
    yield WireGuardGo("wireguard-go", "wireguard-go")
    yield StrongSwan("strongswan", "strongSwan, kernel-libipsec")
    yield StrongSwan("strongswan-cbc", "strongSwan, AES-CBC", suite="aes128-sha256")
    for proof in PROOFS:
        yield OursResponder(f"ikev2d-responder-{proof}", "ikev2d as responder", proof)
        yield StrongSwanResponder(f"strongswan-responder-{proof}", "strongSwan as responder", proof)
    yield OursResponder("ikev2d-responder-no-routes", "ikev2d, routes: false", "psk", routes="false")
    yield OneSa("ikev2d-one-sa", f"ikev2d, one child SA for {SAS[-1]} addresses", SAS[-1])
    for count in SAS:
        yield ManySas(f"ikev2d-sas-{count}", f"ikev2d, {count} child SAs" if count > 1 else "ikev2d, one child SA", count)
    for count in POLICIES:
        yield ManyPolicies(f"ikev2d-policies-{count}", f"ikev2d, {count} further policies", count)
    yield Veth("veth", "bare veth, no tunnel")


CONTENDERS = {contender.name: contender for contender in _all()}
