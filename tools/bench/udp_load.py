"""UDP at a given rate by tests/bench/udp_load.cpp, from one end of a bed to the other."""

import json
import subprocess

from bed import BUILD, ENDS, Failure

PROGRAM = BUILD / "tests" / "udp_load"
PORT = 7100
DRAIN = 0.25  # seconds in which the last datagrams arrive


class Load:
    """A sink and a sender, both running. With `destinations` the datagrams go to so many addresses from the target's on in turn."""

    def __init__(self, bed, ends, sizes, rate, seconds, destinations=0):
        self.bed, self.seconds = bed, seconds
        (here, source), (there, target) = ENDS[ends]
        # Its first line says that it listens; what it has seen follows when its standard input ends.
        listen = "0.0.0.0" if destinations else target
        self.sink = bed.spawn(there, "udp-sink", PROGRAM, "sink", listen, PORT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.sender = None
        try:
            if self.sink.popen.stdout.readline().strip() != b"listening":
                raise Failure(f"udp_load does not start: {self.sink.tail()}")
            spread = ["--destinations", destinations] if destinations else []
            self.sender = bed.spawn(here, "udp-sender", PROGRAM, "send", *spread, source, target, PORT, int(rate), seconds, *sizes,
                                    stdout=subprocess.PIPE)
        except BaseException:
            self.stop()
            raise

    def finish(self):
        """{"rate": datagrams a second that were sent, "lost": share, "octets", "seconds", "late", "gap_us", "sent"}."""
        try:
            sent = json.loads(self.sender.popen.communicate(timeout=self.seconds + 20)[0])
            try:
                self.sink.popen.wait(DRAIN)
            except subprocess.TimeoutExpired:
                pass  # as it should be: it waits for the end of its input
            seen = json.loads(self.sink.popen.communicate(timeout=20)[0])
        except (ValueError, subprocess.TimeoutExpired) as wrong:
            raise Failure(f"udp_load: {self.sender.tail()} {self.sink.tail()}") from wrong
        finally:
            self.stop()
        count = max(1, sent["sent"])
        return {**seen, "rate": sent["sent"] / sent["seconds"], "sent": sent["sent"], "seconds": sent["seconds"],
                "lost": (count - seen["received"]) / count}

    def stop(self):
        for process in (self.sender, self.sink):
            if process in self.bed.processes:
                self.bed.end(process)


def probe(bed, ends, sizes, rate, seconds, destinations=0):
    return Load(bed, ends, sizes, rate, seconds, destinations).finish()
