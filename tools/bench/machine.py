"""What the machine is, and who else used it during a measurement."""

import datetime
import hashlib
import os
import platform
import re
import subprocess
from pathlib import Path

from bed import BUILD, ROOT

TICKS = os.sysconf("SC_CLK_TCK")
KTHREADD = 2


def _processes():
    """pid: (parent, ticks of it and of all children that it has waited for)."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(encoding="utf-8", errors="replace").rsplit(")", 1)[1].split()
        except OSError:
            continue  # it ended meanwhile
        found[int(path.parent.name)] = (int(fields[1]), sum(map(int, fields[11:15])))
    return found


def _belongs(pid, processes, root):
    while pid and pid in processes:
        if pid == root:
            return True
        pid = processes[pid][0]
    return False


class Sample:
    """Processor time of others so far. A process that ends hands its time to the parent that waits for it, so the sum over
    all processes keeps it. Ours are those that descend from us; the kernel's threads work for everybody and do not count."""

    def __init__(self):
        processes = _processes()
        us = os.getpid()
        self.foreign = sum(ticks for pid, (_, ticks) in processes.items()
                           if not _belongs(pid, processes, us) and not _belongs(pid, processes, KTHREADD))
        fields = list(map(int, Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()[1:]))
        self.steal = fields[7]
        self.all = sum(fields[:8])

    def shares_since(self, before):
        """Shares of the whole machine since `before`: used by other processes, and taken by the hypervisor."""
        span = max(1, self.all - before.all)
        # Processes that end between two reads may count twice; the machine has no more than all of it.
        return {"foreign": round(min(1, max(0, self.foreign - before.foreign) / span), 4),
                "steal": round((self.steal - before.steal) / span, 4)}


def first_match(command, pattern):
    """The first match in a command's output, or None."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
    except OSError:
        return None
    found = re.search(pattern, done.stdout + done.stderr)
    return found.group(1) if found else None


def _processor():
    text = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    for key in ("model name", "Processor", "cpu model"):
        found = re.search(rf"^{key}\s*: (.*)$", text, re.M)
        if found:
            return found.group(1)
    return platform.machine()


def _commit():
    git = ["git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT)]
    commit = first_match([*git, "rev-parse", "--short=12", "HEAD"], r"([0-9a-f]+)") or "unknown"
    changed = first_match([*git, "status", "--porcelain", "--untracked-files=no"], r"(\S)")
    return commit + (" with changes" if changed else "")


def about():
    """What stands above the results."""
    memory = first_match(["cat", "/proc/meminfo"], r"MemTotal:\s*(\d+)")
    return {"date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"), "commit": _commit(),
            "processor": _processor(), "processors": os.cpu_count(), "memory_mib": int(memory) // 1024,
            "kernel": platform.release(), "system": platform.freedesktop_os_release().get("PRETTY_NAME", ""),
            "iperf3": first_match(["iperf3", "--version"], r"iperf (\S+)")}


def binary():
    """A short sum of the program that is measured: results of another one are not mixed with it."""
    return hashlib.sha256((BUILD / "ikev2d").read_bytes()).hexdigest()[:16]
