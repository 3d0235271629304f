"""wireguard-go, with its offloads where the version has them (since 2023; Debian 12's own has not)."""

import os
import shutil
import socket
import time
from pathlib import Path

from bed import ENDS, NET, OUTER, Failure, other
from contenders.base import Contender
from machine import first_match

PORT = 51820
# The example of RFC 7748, section 6.1: everybody knows these keys, and this tunnel guards nothing.
PRIVATE = {"a": "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
           "b": "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"}
PUBLIC = {"a": "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
          "b": "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"}


def program():
    """Its path: what the environment says, what ./dev bench unpacked, what is installed; or None."""
    for path in (os.environ.get("IKEV2D_WIREGUARD_GO"), shutil.which("wireguard-go")):
        if path and os.access(path, os.X_OK):
            return path
    return None


class WireGuardGo(Contender):
    kind = "wireguard-go"

    def missing(self):
        if program():
            return None
        return "wireguard-go is missing: ./dev bench unpacks Debian 13's; or set IKEV2D_WIREGUARD_GO to its path"

    def version(self):
        return first_match([program(), "--version"], r"(wireguard-go v?\d\S+)")

    def start(self, bed):
        for side in ("b", "a"):
            self.start_side(bed, side)

    def start_side(self, bed, side):
        folder = bed.work / side
        folder.mkdir()
        # Its socket's folder is compiled in; a mount of its own hides the machine's.
        daemon = bed.daemon(f"gw-{side}", f"wireguard-{side}", "unshare", "-m", "sh", "-c",
                            f"mount --bind '{folder}' /var/run && exec '{program()}' -f wg0")
        path = folder / "wireguard" / "wg0.sock"
        end = time.monotonic() + 10
        while not path.exists():
            if daemon.popen.poll() is not None or time.monotonic() > end:
                raise Failure(f"wireguard-go does not start: {daemon.tail()}")
            time.sleep(0.02)
        self.configure(path, side)
        gateway = dict(zip("ab", ENDS["gateways"]))[side][1]
        bed.on(f"gw-{side}", "ip", "link", "set", "wg0", "up")
        bed.on(f"gw-{side}", "ip", "route", "add", NET[other(side)], "dev", "wg0", "src", gateway)

    def configure(self, path, side):
        peer = other(side)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as control:
            control.settimeout(5)
            control.connect(str(Path(path)))
            control.sendall((f"set=1\nprivate_key={PRIVATE[side]}\nlisten_port={PORT}\npublic_key={PUBLIC[peer]}\n"
                             f"endpoint={OUTER[peer]}:{PORT}\nallowed_ip={NET[peer]}\n\n").encode())
            answer = control.recv(1000).decode()
        if "errno=0" not in answer:
            raise Failure(f"wireguard-go refuses its configuration: {answer.strip()}")
