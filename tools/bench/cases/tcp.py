"""Throughput of TCP, and the processor time that both daemons spend for a gigabyte (10^9 octets)."""

from dataclasses import dataclass

from cases.base import Case
from contenders import OFFLOADS
from iperf import Streams


@dataclass
class Tcp(Case):
    streams: tuple = (False,)  # True for each that goes back

    def estimate(self, settings):
        return settings.seconds + settings.warm_up + 1

    def measure(self, bed, contender, settings):
        before = bed.daemons_cpu()
        result = Streams(bed, self.ends, self.streams, settings).finish()
        octets = result.pop("octets")
        if bed.daemons and octets:
            result["cpu_s_per_gb"] = round((bed.daemons_cpu() - before) / (octets / 1e9), 4)
        return result


def _pair(name, title, quick=(), **more):
    """The same streams between the gateways and between hosts behind them."""
    yield Tcp(name, f"TCP, {title}, between the gateways", "Gbit/s", quick="gateways" in quick, **more)
    yield Tcp(f"{name}-hosts", f"TCP, {title}, between hosts behind the gateways", "Gbit/s", ends="hosts", quick="hosts" in quick, **more)


def cases():
    threads = ("ikev2d", "ikev2d-botan", "ikev2d-1thread", "wireguard-go", "strongswan", "veth")
    yield from _pair("tcp1", "one stream", ("gateways", "hosts"))
    yield from _pair("tcp1-reverse", "one stream from b to a")
    yield from _pair("tcp4", "four streams", ("gateways",), streams=(False,) * 4, contenders=threads)
    yield from _pair("tcp16", "16 streams", streams=(False,) * 16)
    yield from _pair("tcp-bidir", "a stream each way at once", ("gateways",), streams=(False, True), contenders=threads)
    yield Tcp("tcp1-threads", "TCP, one stream: a data thread for each direction, or one for both", "Gbit/s",
              contenders=("ikev2d", "ikev2d-1thread"))
    yield Tcp("esp", "TCP, one stream, ESP as protocol 50", "Gbit/s", quick=True,
              contenders=("ikev2d-esp", "ikev2d-esp-botan", "wireguard-go", "strongswan", "veth"),
              note="strongSwan's userspace ESP and WireGuard are in UDP, as they always are.")
    yield Tcp("cbc", "TCP, one stream, AES-CBC-128 with HMAC-SHA2-256", "Gbit/s", quick=True,
              contenders=("ikev2d-cbc", "ikev2d-cbc-botan", "strongswan-cbc"))
    yield Tcp("ablation", "TCP, one stream, without some of the offloads", "Gbit/s", quick=True,
              contenders=("ikev2d", *(f"ikev2d-no-{name}" for name in OFFLOADS), "ikev2d-no-tun", "ikev2d-no-udp", "ikev2d-plain"))
