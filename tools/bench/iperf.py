"""TCP streams by iperf3, one process for each: iperf3 of Debian 12 has one thread for all its streams."""

import json
import subprocess

from bed import ENDS, Failure

FIRST_PORT = 5201


class Streams:
    """Running streams; `reverse` holds True for each that goes from b to a."""

    def __init__(self, bed, ends, reverse, settings):
        self.bed, self.lasts = bed, settings.seconds + settings.warm_up
        (self.client, self.source), (self.server, self.target) = ENDS[ends]
        for number in range(len(reverse)):
            self._serve(ends, FIRST_PORT + number)
        self.processes = [self._start(FIRST_PORT + number, back, settings) for number, back in enumerate(reverse)]

    def _serve(self, ends, port):
        """A server goes on for the next measurement; one that ended is started again."""
        running = self.bed.servers.get((ends, port))
        if running and running.popen.poll() is None:
            return
        server = self.bed.spawn(self.server, f"iperf3-{ends}-{port}", "iperf3", "-s", "--forceflush", "-B", self.target, "-p", port)
        server.wait_line("Server listening", 5)
        self.bed.servers[(ends, port)] = server

    def _start(self, port, back, settings):
        command = ["iperf3", "-J", "-c", self.target, "-B", self.source, "-p", port, "-t", settings.seconds, "-O", settings.warm_up]
        return self.bed.spawn(self.client, f"iperf3-client-{port}", *command, *(["-R"] if back else []), stdout=subprocess.PIPE)

    def finish(self):
        """{"value": Gbit/s of all together after the warm-up, "octets": all that was sent, the warm-up included}."""
        results = [self._one(process) for process in self.processes]
        return {"value": sum(result[0] for result in results), "octets": sum(result[1] for result in results),
                "retransmits": sum(result[2] for result in results)}

    def _one(self, process):
        try:
            text = process.popen.communicate(timeout=self.lasts + 20)[0]
        except subprocess.TimeoutExpired as late:
            raise Failure("iperf3 does not come to an end") from late
        finally:
            self.bed.end(process)
        try:
            report = json.loads(text)
            end = report["end"]
            octets = sum(interval["sum"]["bytes"] for interval in report["intervals"])
            return end["sum_received"]["bits_per_second"] / 1e9, octets, end["sum_sent"].get("retransmits", 0)
        except (ValueError, KeyError) as wrong:
            raise Failure(f"iperf3: {text.decode(errors='replace').strip()[-300:]}") from wrong

    def stop(self):
        for process in self.processes:
            if process in self.bed.processes:
                self.bed.end(process)
