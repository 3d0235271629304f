"""What is measured, in the order of importance. A new kind of case is a file here and a line below."""

from cases import ike, integrity, latency, rekey, tcp, udp


def _all():
    yield from tcp.cases()
    yield from latency.cases()
    yield from udp.cases()
    yield from integrity.cases()
    yield from rekey.cases()
    yield from ike.cases()


CASES = {case.name: case for case in _all()}
