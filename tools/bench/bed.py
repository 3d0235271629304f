"""Namespaces, cables and processes for the benchmark, all of them taken away again.

    host-a ----------- gw-a ======= outer link ======= gw-b ----------- host-b
    192.168.124.2   .124.1 192.168.100.3   192.168.100.2 .125.1   192.168.125.2

Every contender has such a bed of its own; idle ones cost nothing. Names of namespaces carry our pid, processes end with us.
"""

import ctypes
import os
import re
import signal
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = Path(os.environ.get("IKEV2D_BUILD", ROOT / "build"))
PREFIX = "ikev2d-bench"
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)

OUTER = {"a": "192.168.100.3", "b": "192.168.100.2"}
NET = {"a": "192.168.124.0/24", "b": "192.168.125.0/24"}
# The first of many addresses which each have a child of their own.
MANY = {"a": "10.64.0.1", "b": "10.96.0.1"}
# Where traffic begins and ends: on the gateways themselves, on the hosts behind them, or on many addresses of gw-b.
ENDS = {"gateways": (("gw-a", "192.168.124.1"), ("gw-b", "192.168.125.1")),
        "hosts": (("host-a", "192.168.124.2"), ("host-b", "192.168.125.2")),
        "many": (("gw-a", MANY["a"]), ("gw-b", MANY["b"]))}


class Failure(Exception):
    """Something that was to run does not; the text says what."""


def other(side):
    return "b" if side == "a" else "a"


def run(*command, within=60, **more):
    """Runs a command to its end, at most `within` seconds; its standard output."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=within, **more)
    except subprocess.TimeoutExpired as late:
        raise Failure(f"{' '.join(command)}: not done after {within} s") from late
    if done.returncode:
        raise Failure(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()[-400:]}")
    return done.stdout


def sweep():
    """Removes namespaces that a benchmark left which was killed."""
    for line in run("ip", "netns", "list").splitlines():
        found = re.match(rf"({PREFIX}-(\d+)-\S+)", line)
        if found and not Path("/proc", found.group(2)).exists():
            run("ip", "netns", "del", found.group(1))


class Process:
    """A process in the background; its output goes to a log. `ip netns exec` and the like become what they start, so
    `pid` is the program's own."""

    def __init__(self, command, log, **more):
        self.log = Path(log)
        with open(self.log, "ab") as output:
            self.popen = subprocess.Popen(command, stdin=more.pop("stdin", subprocess.DEVNULL), stdout=more.pop("stdout", output),
                                          stderr=output, start_new_session=True,
                                          preexec_fn=lambda: LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL), **more)
        self.pid = self.popen.pid

    def tail(self):
        return self.log.read_text(encoding="utf-8", errors="replace").strip()[-400:]

    def wait_line(self, pattern, within, log=None):
        """Waits for a line in the log (or in another file that the process writes)."""
        end = time.monotonic() + within
        path = Path(log or self.log)
        while not (path.exists() and re.search(pattern, path.read_text(encoding="utf-8", errors="replace"))):
            if self.popen.poll() is not None:
                raise Failure(f"{self.log.stem} ended: {self.tail()}")
            if time.monotonic() > end:
                raise Failure(f"{self.log.stem}: no '{pattern}' after {within} s: {self.tail()}")
            time.sleep(0.02)

    def cpu(self):
        """Seconds of processor time so far, of all its threads."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        except OSError as gone:
            raise Failure(f"{self.log.stem} ended: {self.tail()}") from gone
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident(self):
        """Octets of memory in use."""
        pages = Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def memory(self):
        """The sums over its memory in KiB, by their names in smaps_rollup (proc_pid_smaps(5)): Rss, Anonymous, Private_Dirty …"""
        text = Path(f"/proc/{self.pid}/smaps_rollup").read_text(encoding="ascii")
        return {name: int(kib) for name, kib in re.findall(r"^(\w+): +(\d+) kB$", text, re.M)}

    def stop(self):
        if self.popen.poll() is None:
            self.popen.terminate()
            try:
                self.popen.wait(8)
            except subprocess.TimeoutExpired:
                self.popen.kill()
        self.popen.wait()


class Bed:
    """Two gateways and two hosts. `daemons` are the processes whose processor time a contender costs, `facts` what bringing it up
    has shown, for the results."""

    count = 0

    def __init__(self, work, name):
        Bed.count += 1
        self.name = name
        self.prefix = f"{PREFIX}-{os.getpid()}-{Bed.count}"
        self.work = Path(work) / str(Bed.count)  # short: names of UNIX sockets are limited
        self.work.mkdir(mode=0o700)
        self.namespaces, self.processes, self.daemons, self.servers, self.facts = [], [], [], {}, {}
        try:
            self._gateways()
        except BaseException:
            self.close()
            raise

    def _gateways(self):
        for name in ("host-a", "gw-a", "gw-b", "host-b"):
            run("ip", "netns", "add", self.namespace(name))
            self.namespaces.append(name)
            self.on(name, "ip", "link", "set", "lo", "up")
        self._link("gw-a", "outside", OUTER["a"], "gw-b", "outside", OUTER["b"])
        for side, third in (("a", 124), ("b", 125)):
            self._link(f"host-{side}", "eth0", f"192.168.{third}.2", f"gw-{side}", "inside", f"192.168.{third}.1")
            self.on(f"host-{side}", "ip", "route", "add", "default", "via", f"192.168.{third}.1")
            self.on(f"gw-{side}", "sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward")

    def _link(self, left, left_device, left_address, right, right_device, right_address):
        run("ip", "link", "add", left_device, "netns", self.namespace(left), "type", "veth",
            "peer", "name", right_device, "netns", self.namespace(right))
        for name, device, address in ((left, left_device, left_address), (right, right_device, right_address)):
            self.on(name, "ip", "addr", "add", f"{address}/24", "dev", device)
            self.on(name, "ip", "link", "set", device, "up")

    def namespace(self, name):
        return f"{self.prefix}-{name}"

    def inside(self, name, *command):
        """A command's words, so that it runs in a namespace."""
        return ["ip", "netns", "exec", self.namespace(name), *map(str, command)]

    def on(self, name, *command, within=60, **more):
        return run(*self.inside(name, *command), within=within, **more)

    def spawn(self, name, log, *command, **more):
        process = Process(self.inside(name, *command), self.work / f"{log}.log", **more)
        self.processes.append(process)
        return process

    def end(self, process):
        process.stop()
        self.processes.remove(process)

    def daemon(self, name, log, *command, **more):
        self.daemons.append(self.spawn(name, log, *command, **more))
        return self.daemons[-1]

    def daemons_cpu(self):
        return sum(daemon.cpu() for daemon in self.daemons)

    def alive(self):
        return all(daemon.popen.poll() is None for daemon in self.daemons)

    def close(self):
        for process in reversed(self.processes):
            process.stop()
        for name in self.namespaces:
            subprocess.run(["ip", "netns", "del", self.namespace(name)], check=False, capture_output=True)
        self.processes, self.namespaces, self.daemons = [], [], []
