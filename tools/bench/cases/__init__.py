"""What is measured, in the order of importance. A new kind of case is a file here and a line below."""

from cases import ike, integrity, latency, memory, rekey, tcp, udp


def _all():
    yield from tcp.cases()
    yield from latency.cases()
    yield from udp.cases()
    yield from integrity.cases()
    yield from rekey.cases()
    yield from ike.cases()
    yield from memory.cases()
    yield from udp.many_cases()


CASES = {case.name: case for case in _all()}
