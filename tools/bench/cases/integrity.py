"""64 MiB of random octets each way over each combination of offloads; both ends' SHA-256 must be the same."""

from dataclasses import dataclass

from bed import ENDS, ROOT, Failure
from cases.base import Case
from contenders import OFFLOADS

PROGRAM = ROOT / "tools" / "bench" / "transfer.py"
OCTETS = 64 << 20
PORT = 7200


@dataclass
class Integrity(Case):
    def estimate(self, settings):
        return 4

    def measure(self, bed, contender, settings):
        ends = ENDS[self.ends]
        seconds = 0.0
        for (here, source), (there, target) in ((ends[0], ends[1]), (ends[1], ends[0])):
            sink = bed.spawn(there, f"transfer-{there}", "python3", PROGRAM, "take", target, PORT)
            try:
                sink.wait_line("listening", 10)
                sent = bed.on(here, "python3", PROGRAM, "send", source, target, PORT, OCTETS, within=90).split()
                sink.wait_line("sha256 ", 60)
                taken = sink.log.read_text(encoding="ascii").split("sha256 ")[-1].split()
            finally:
                bed.end(sink)
            if sent[0] != taken[0]:
                raise Failure(f"WRONG OCTETS: {OCTETS} from {here} to {there}, SHA-256 {sent[0]} became {taken[0]}")
            seconds += float(sent[1])
        return {"value": 2 * OCTETS / seconds / (1 << 20)}


def cases():
    yield Integrity("integrity", "64 MiB of random octets each way, compared by SHA-256", "MiB/s", quick=True, once=True,
                    contenders=("ikev2d", "ikev2d-botan", "ikev2d-1thread", "ikev2d-esp", "ikev2d-cbc",
                                *(f"ikev2d-no-{name}" for name in OFFLOADS), "ikev2d-no-tun", "ikev2d-no-udp", "ikev2d-plain"),
                    note="A contender with a figure here has passed; the figure itself is Python's more than the tunnel's.")
